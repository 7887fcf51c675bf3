"""Forms of the people app. They parse; what may be done is decided by the actions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base.asked import whole_numbers
from zhixing.engine.sheets.ranks import GRADES, RANKS
from zhixing.people.models import Account, Person, Role, Unit

LISTED_UNITS = 300
"""Up to here a field lists every unit; beyond, the picker asks the server while one types."""

RANK_CHOICES = (("", "—"), *((rank, rank) for rank in RANKS))
GRADE_CHOICES = (("", "—"), *((grade, grade) for grade in GRADES))


def open_units(user: Account) -> QuerySet[Unit]:
    return Unit.objects.visible_to(user).filter(closed_on=None).order_by("path")


class UnitPicker(forms.Select):
    """A select with a search box. Of a large tree it holds the chosen unit only; the others come while one types."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        if "data-url" not in self.attrs:
            return super().optgroups(name, value, attrs)
        units: QuerySet[Unit] = self.choices.queryset  # type: ignore[attr-defined]
        chosen = units.filter(pk__in=whole_numbers(map(str, value)))
        options = [("", ""), *((unit.pk, str(unit)) for unit in chosen)]
        return [
            (None, [self.create_option(name, key, label, str(key) in value, place)], place)
            for place, (key, label) in enumerate(options)
        ]


class UnitField(forms.ModelChoiceField[Unit]):
    """One open unit of the user's scope; give the scope with ``of``."""

    widget = UnitPicker

    def of(self, user: Account) -> None:
        self.queryset = open_units(user)
        self.widget.attrs["data-picker"] = ""
        if self.queryset[: LISTED_UNITS + 1].count() > LISTED_UNITS:
            self.widget.attrs["data-url"] = reverse("people:unit_search")


def _unit(label: Any, **options: Any) -> UnitField:
    return UnitField(queryset=Unit.objects.none(), label=label, **options)


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(), **options)


class ScopedForm(forms.Form):
    """A form whose unit fields offer the units of one user's scope."""

    def __init__(self, *args: Any, user: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, UnitField):
                field.of(user)


# Units


class UnitForm(ScopedForm):
    parent = _unit(_("Hangs below"))
    name = forms.CharField(label=_("Name"), max_length=120)
    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("Unique; rosters may name the unit by it."))
    kind = forms.ChoiceField(label=_("Kind"), choices=Unit.Kind.choices, initial=Unit.Kind.ORGAN)
    opened_on = _day(_("Opened on"), initial=timezone.localdate)


class RenameForm(forms.Form):
    name = forms.CharField(label=_("New name"), max_length=120)
    from_on = _day(_("From"), initial=timezone.localdate, help_text=_("Earlier days keep the old name."))


class MoveForm(ScopedForm):
    parent = _unit(_("Hangs below"))
    from_on = _day(_("From"), initial=timezone.localdate)


class CloseUnitForm(forms.Form):
    on = _day(_("Last day"), initial=timezone.localdate)


class EditUnitForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Unit.Kind.choices)
    position = forms.IntegerField(label=_("Place among its siblings"), min_value=0, max_value=9999)
    away_max = forms.IntegerField(
        label=_("At most away in one week"),
        min_value=0,
        max_value=99_999,
        required=False,
        help_text=_("People of this unit who may be called up in the same week; empty: no limit."),
    )


# Persons


class PostForm(forms.Form):
    """What a posting holds."""

    department = forms.CharField(label=_("Internal department"), max_length=80, required=False)
    title = forms.CharField(label=_("Post"), max_length=80, required=False)
    rank = forms.ChoiceField(label=_("Rank"), choices=RANK_CHOICES, required=False)
    grade = forms.ChoiceField(label=_("Grade"), choices=GRADE_CHOICES, required=False)


class PersonForm(ScopedForm, PostForm):
    field_order = ("name", "number", "id_number", "unit", "from_on")
    name = forms.CharField(label=_("Name"), max_length=60)
    number = forms.CharField(label=_("Staff number"), max_length=40)
    id_number = forms.CharField(
        label=_("ID number"), max_length=18, required=False, help_text=_("Stored encrypted, shown masked.")
    )
    unit = _unit(_("Unit"))
    from_on = _day(_("In this post since"), initial=timezone.localdate)
    category = forms.CharField(label=_("Category"), max_length=30, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=20, required=False)


class CorrectionForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    number = forms.CharField(label=_("Staff number"), max_length=40)
    id_number = forms.CharField(
        label=_("ID number"), max_length=18, required=False, help_text=_("Leave empty to keep the known one.")
    )
    sex = forms.ChoiceField(label=_("Sex"), choices=[("", "—"), *Person.Sex.choices], required=False)
    born_on = _day(_("Born"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=20, required=False)
    joined_on = _day(_("Joined"))
    work_began_on = _day(_("Began work"), required=False)
    category = forms.CharField(label=_("Category"), max_length=30, required=False)
    status = forms.ChoiceField(label=_("Status"), choices=Person.Status.choices)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class PostingForm(ScopedForm, PostForm):
    field_order = ("unit", "from_on", "to_on", "is_principal")
    unit = _unit(_("Unit"))
    from_on = _day(_("From"), initial=timezone.localdate)
    to_on = _day(_("To"), required=False, help_text=_("Empty while the post is held."))
    is_principal = forms.BooleanField(label=_("Principal post"), required=False, initial=True)
    promoted = forms.BooleanField(label=_("Began with a promotion"), required=False)


class PromotionForm(forms.Form):
    from_on = _day(_("From"), initial=timezone.localdate)
    rank = forms.ChoiceField(label=_("New rank"), choices=RANK_CHOICES, required=False)
    grade = forms.ChoiceField(label=_("New grade"), choices=GRADE_CHOICES, required=False)
    title = forms.CharField(label=_("Post"), max_length=80, required=False)


class ClosePostingForm(forms.Form):
    to_on = _day(_("Last day"), initial=timezone.localdate)


class EndOfServiceForm(forms.Form):
    last_day = _day(_("Last day of service"), initial=timezone.localdate)
    retired = forms.TypedChoiceField(
        label=_("Reason"),
        choices=[("1", _("Retired")), ("0", _("Left"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        initial="1",
    )


# Rosters


class RosterForm(ScopedForm):
    file = forms.FileField(label=_("Roster"))
    scope_unit = _unit(_("Roster of"), help_text=_("The unit the file speaks for, with everything below it."))
    on = _day(
        _("As of"), initial=timezone.localdate, help_text=_("Moves hold from this day where the file gives none.")
    )
    complete = forms.BooleanField(
        label=_("The file is complete: whoever is not in it has left"),
        required=False,
        help_text=_("The preview lists them all before anything is written."),
    )
    opens_units = forms.BooleanField(
        label=_("Open units that are not in the tree yet"),
        required=False,
        help_text=_("Otherwise their rows are problems, which guards against misspelt names."),
    )


# Accounts


class AccountForm(ScopedForm):
    name = forms.CharField(label=_("Name"), max_length=60)
    email = forms.EmailField(label=_("E-mail"), required=False, help_text=_("Notices are sent there too."))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    scope_unit = _unit(
        _("Scope"),
        required=False,
        help_text=_("This unit and everything below it. A teacher needs none: the own sessions are all that is shown."),
    )

    def clean(self) -> dict[str, Any]:
        """Everybody needs a scope but a trainee and a teacher, who is given none."""
        cleaned = super().clean() or {}
        if cleaned.get("role") == Role.TEACHER:
            cleaned["scope_unit"] = None
        elif cleaned.get("role") != Role.TRAINEE and not cleaned.get("scope_unit"):
            self.add_error("scope_unit", _("This role needs a scope."))
        return cleaned


class UsernameField(forms.RegexField):
    def __init__(self) -> None:
        super().__init__(
            r"^[\w.@+-]+$",
            label=_("User name"),
            max_length=60,
            help_text=_("Letters, digits and . @ + - _; never an ID number."),
        )


class NewAccountForm(AccountForm):
    field_order = ("username", "name", "role", "scope_unit", "email")
    username = UsernameField()


class EditAccountForm(AccountForm):
    one_session = forms.BooleanField(
        label=_("One live session only"),
        required=False,
        help_text=_("A new sign-in ends the session before it."),
    )
    own_class_runs_only = forms.BooleanField(
        label=_("Runs only the class runs that name this person"),
        required=False,
        help_text=_(
            "For class heads of a training institution: other class runs of the institution are then out of sight."
        ),
    )


class BulkAccountsForm(ScopedForm):
    unit = _unit(_("At and below"))
    role = forms.ChoiceField(
        label=_("For whom"),
        choices=[
            (Role.TRAINEE.value, _("Trainees: everybody who serves; the user name is the staff number")),
            (Role.LIAISON.value, _("Liaisons: one for each unit; the user name is the unit's code")),
        ],
        widget=forms.RadioSelect,
        initial=Role.TRAINEE.value,
    )


def _in_ninety_days() -> dt.date:
    return timezone.localdate() + dt.timedelta(days=90)


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Purpose"), max_length=60, help_text=_("What the program is for, so that you know it again in a year.")
    )
    expires_on = _day(_("Expires on"), initial=_in_ninety_days, help_text=_("At most a year ahead."))


class IdNumberForm(forms.Form):
    """The ID number travels in the body of a request, never in an address."""

    id_number = forms.CharField(label=_("ID number"), max_length=18)
