"""Forms of policies, exemptions and corrections."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.engine.policies import YEARS
from zhixing.obligations.actions import Measured, NewExemption, NewExternalTraining
from zhixing.obligations.models import Channel
from zhixing.obligations.permissions import enters_for_others
from zhixing.obligations.queries.policies import policy_in_force, recognitions_on, rule_titles
from zhixing.obligations.sentences.words import MEASURES
from zhixing.people.models import Account, Person


class AskedDay(forms.DateField):
    """A day that may be asked about: beyond the years of policies no window can be reckoned."""

    widget = forms.DateInput
    default_validators = [
        MinValueValidator(dt.date(YEARS[0], 1, 1)),
        MaxValueValidator(dt.date(YEARS[-1], 12, 31)),
    ]


class MomentForm(forms.Form):
    """The day asked about, and the day whose knowledge is used."""

    on = AskedDay(label=_("as of"))
    known_on = AskedDay(label=_("as known at the end of"), required=False)


class PolicyForm(forms.Form):
    """A policy document, as a file or as text."""

    text = forms.CharField(
        label=_("policy document (TOML)"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
    )
    file = forms.FileField(label=_("or as a file"), required=False)

    def document(self) -> str:
        """The text given, with the line ends of a file whichever way it came. The reader of policies says what is wrong with it."""
        upload = self.cleaned_data["file"]
        text = str(upload.read(), "utf-8", errors="replace") if upload else str(self.cleaned_data["text"])
        return text.replace("\r\n", "\n")


class PersonForm(forms.Form):
    """Forms about one person of the user's scope, named by staff number; ``person`` once it is valid."""

    number = forms.CharField(label=_("staff number"), max_length=40)
    person: Person

    def __init__(self, *args: Any, user: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_number(self) -> str:
        number = str(self.cleaned_data["number"]).strip()
        person = Person.objects.visible_to(self.user).select_related("unit").filter(number=number).first()
        if person is None:
            raise forms.ValidationError(_("There is no such person in your scope."))
        self.person = person
        return number


class ExemptionForm(PersonForm):
    rule = forms.ChoiceField(label=_("rule"))
    from_on = forms.DateField(label=_("from"), widget=forms.DateInput())
    to_on = forms.DateField(label=_("to"), widget=forms.DateInput())
    reason = forms.CharField(label=_("reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = list(rule_titles(policy_in_force(timezone.localdate())).items())  # type: ignore[attr-defined]

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from_on"), self.cleaned_data.get("to_on")
        if first and last and last < first:
            self.add_error("to_on", _("The last day lies before the first."))

    def new_exemption(self) -> NewExemption:
        given = dict(self.cleaned_data)
        del given["number"]
        return NewExemption(person=self.person, **given)


class ExternalForm(PersonForm):
    """One course held elsewhere."""

    title = forms.CharField(label=_("course"), max_length=120)
    organiser = forms.CharField(label=_("organiser"), max_length=120)
    institution = forms.CharField(label=_("institution"), max_length=120, required=False)
    began_on = forms.DateField(label=_("began"), widget=forms.DateInput())
    ended_on = forms.DateField(label=_("ended"), widget=forms.DateInput())
    hours = forms.DecimalField(
        label=_("hours"), min_value=Decimal("0.1"), max_value=2000, decimal_places=1, required=False
    )
    kind = forms.ChoiceField(
        label=_("or what the table makes of it"),
        required=False,
        help_text=_("Hours and form then follow from the policy in force."),
    )
    amount = forms.DecimalField(
        label=_("how many"), min_value=Decimal("0.5"), max_value=100_000, decimal_places=1, required=False
    )
    level = forms.CharField(label=_("level of the work"), max_length=40, required=False)
    passed = forms.BooleanField(label=_("test passed"), required=False)
    channel = forms.ChoiceField(label=_("form"), choices=Channel.choices)
    certificate = forms.CharField(label=_("certificate number"), max_length=40, required=False)
    abroad = forms.TypedChoiceField(
        label=_("held abroad"),
        choices=[("", _("not said")), ("no", _("no")), ("yes", _("yes"))],
        coerce=lambda said: said == "yes",
        empty_value=None,
        required=False,
        help_text=_("Outside the mainland; for the training record that is handed on."),
    )
    evidence = forms.FileField(
        label=_("certificate or notice"), help_text=_("PDF, JPEG or PNG, at most 10 MB."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.user.person and not enters_for_others(self.user):
            del self.fields["number"]
            self.person = self.user.person
        kinds = recognitions_on(timezone.localdate())
        named = [(code, f"{one.title} ({MEASURES[one.measure]})") for code, one in kinds.items()]
        self.fields["kind"].choices = [("", "—"), *named]  # type: ignore[attr-defined]
        if not kinds:
            for name in ("kind", "amount", "level", "passed"):
                del self.fields[name]

    def clean(self) -> None:
        if bool(self.cleaned_data.get("hours")) == bool(self.cleaned_data.get("kind")) and not self.errors:
            self.add_error("hours", _("Give either the hours or what the table is to turn into hours."))
        if self.cleaned_data.get("kind") and not self.cleaned_data.get("amount"):
            self.add_error("amount", _("Say how many."))
        first, last = self.cleaned_data.get("began_on"), self.cleaned_data.get("ended_on")
        if first and last and last < first:
            self.add_error("ended_on", _("A training cannot end before it begins."))
        if last and last > timezone.localdate():
            self.add_error("ended_on", _("A training is entered when it is over."))

    def new_training(self) -> NewExternalTraining:
        given = dict(self.cleaned_data)
        tenths = int((given.pop("hours") or 0) * 10)
        kind, amount = given.pop("kind", ""), given.pop("amount", None)
        level, passed = given.pop("level", ""), given.pop("passed", False)
        measured = Measured(kind, Fraction(amount), level, passed) if kind else None
        given.pop("number", None)
        del given["evidence"]
        return NewExternalTraining(person=self.person, tenths=tenths, measured=measured, **given)


class EntryAppealForm(forms.Form):
    """What a line of the ledger should say."""

    hours = forms.DecimalField(
        label=_("hours it should hold"),
        help_text=_("0 says that the entry should not be there at all."),
        min_value=0,
        max_value=2000,
        decimal_places=1,
    )
    text = forms.CharField(label=_("what is wrong"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}))
    evidence = forms.FileField(label=_("evidence"), help_text=_("PDF, JPEG or PNG, at most 10 MB."), required=False)


class HistoryForm(forms.Form):
    file = forms.FileField(label=_("training history"))


class MergeForm(PersonForm):
    """To whom the hours go, and why."""

    reason = forms.CharField(label=_("reason"), max_length=200)


class ReversalForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)
