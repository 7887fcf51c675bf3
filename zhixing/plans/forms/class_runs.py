"""Forms of class runs and quotas."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.engine.sheets.ranks import GRADES, RANKS
from zhixing.people.models import Account, Unit
from zhixing.plans.actions import Seats
from zhixing.plans.models import ClassRun

RANK_CHOICES = [(_("Ranks"), [(r, r) for r in RANKS[4:]]), (_("Grades"), [(g, g) for g in GRADES])]


RULES_HELP = _(
    "Discipline or an undertaking. Who accepts for themselves ticks that it was read; for whom a liaison accepts is asked later. "
    "A changed text is asked anew."
)


class ClassRunForm(forms.ModelForm[ClassRun]):
    """All facts of a class run; hours are typed as hours and kept as tenths."""

    hours = forms.DecimalField(label=_("hours"), min_value=Decimal("0.1"), max_value=2000, decimal_places=1)
    ranks = forms.MultipleChoiceField(
        label=_("ranks and grades"), choices=RANK_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    categories = forms.CharField(
        label=_("categories"), required=False, help_text=_("Separate several with a space; empty means every category.")
    )
    units = forms.ModelMultipleChoiceField(
        label=_("units"),
        queryset=Unit.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("With all units below them; none chosen means every unit."),
    )

    class Meta:
        model = ClassRun
        fields = (
            "code",
            "name",
            "theme",
            "content",
            "channel",
            "organiser",
            "institution",
            "starts_on",
            "ends_on",
            "seats_min",
            "seats_max",
            "place",
            "contact",
            "contact_phone",
            "joining_instructions",
            "class_rules",
            "quotas_close",
        )
        widgets = {
            "starts_on": forms.DateInput(),
            "ends_on": forms.DateInput(),
            "joining_instructions": forms.Textarea(attrs={"rows": 4}),
            "class_rules": forms.Textarea(attrs={"rows": 6}),
        }
        help_texts = {"class_rules": RULES_HELP}
        error_messages = {"code": {"unique": _("There already is a class run with this code.")}}

    def __init__(self, *args: Any, user: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False
        self.fields["code"].help_text = _("Leave empty to be given the next one of the year.")
        visible = Unit.objects.visible_to(user)
        self.fields["units"].queryset = visible  # type: ignore[attr-defined]
        self.fields["institution"].queryset = visible.filter(kind=Unit.Kind.SCHOOL)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial.update(
                hours=Decimal(self.instance.tenths) / 10,
                ranks=self.instance.ranks,
                categories=" ".join(self.instance.categories),
                units=self.instance.units,
            )
        self.order_fields(["code", "name", "starts_on", "ends_on", "hours", "seats_max", "seats_min", "ranks"])

    def facts(self) -> dict[str, Any]:
        """The cleaned values as model fields."""
        given = dict(self.cleaned_data)
        given["tenths"] = int(given.pop("hours") * 10)
        given["categories"] = given["categories"].split()
        given["units"] = sorted(unit.pk for unit in given["units"])
        return given


class PracticalForm(forms.ModelForm[ClassRun]):
    """What the institution that holds the class run may complete."""

    class Meta:
        model = ClassRun
        fields = ("place", "contact", "contact_phone", "joining_instructions", "class_rules")
        widgets = {name: forms.Textarea(attrs={"rows": 6}) for name in ("joining_instructions", "class_rules")}
        help_texts = {"class_rules": RULES_HELP}


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)


class CopyForm(forms.Form):
    starts_on = forms.DateField(label=_("starts on"), widget=forms.DateInput())


class ClassListForm(forms.Form):
    """Upload of a 班次计划表."""

    year = forms.IntegerField(label=_("year"), min_value=2000, max_value=2100)
    file = forms.FileField(label=_("class list (班次计划表)"))


class QuotaForm(forms.Form):
    """Fewest and most seats of each unit shown; quotas of units that are not shown stay as they are."""

    def __init__(self, *args: Any, class_run: ClassRun, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = list(units)
        self.held = {quota.unit_id: quota for quota in class_run.quotas.all()}
        for unit in self.units:
            quota = self.held.get(unit.pk)
            self._add(f"least-{unit.pk}", unit, _("fewest seats"), quota.seats_min or None if quota else None)
            self._add(f"unit-{unit.pk}", unit, _("seats"), quota.seats_max if quota else None)

    def _add(self, name: str, unit: Unit, label: Any, initial: int | None) -> None:
        field = forms.IntegerField(
            label=label, min_value=0, max_value=100_000, required=False, initial=initial, widget=forms.NumberInput()
        )
        field.widget.attrs["aria-label"] = f"{unit.name} {label}"
        self.fields[name] = field

    @property
    def rows(self) -> list[tuple[Unit, forms.BoundField, forms.BoundField]]:
        """Unit, field of the fewest, field of the most."""
        return [(unit, self[f"least-{unit.pk}"], self[f"unit-{unit.pk}"]) for unit in self.units]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for unit in self.units:
            least, most = given.get(f"least-{unit.pk}"), given.get(f"unit-{unit.pk}")
            if least and most is None and f"unit-{unit.pk}" not in self.errors:
                self.add_error(f"unit-{unit.pk}", _("Give the most seats, too."))
            elif least and most is not None and least > most:
                self.add_error(f"least-{unit.pk}", _("The fewest cannot be more than the most."))
        return given

    def seats(self) -> dict[int, Seats]:
        """Unit key → seats of every unit with a quota; an empty field means no quota."""
        shown = {unit.pk for unit in self.units}
        kept = {key: Seats(q.seats_max, q.seats_min) for key, q in self.held.items() if key not in shown}
        for key in shown:
            if (most := self.cleaned_data[f"unit-{key}"]) is not None:
                kept[key] = Seats(most, self.cleaned_data[f"least-{key}"] or 0)
        return kept
