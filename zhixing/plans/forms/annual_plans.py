"""Forms of annual plans: money is typed in yuan and kept in cents, hours as hours and kept in tenths."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhixing.engine.annual.money import Doubt, doubt_of_year
from zhixing.people.models import Account, Unit
from zhixing.plans.models import PlanComment, PlanLine, PlanSpending

MONEY_MOST = 10_000_000_000
YEARS = (2000, 2100)


def yuan_field(label: Any, *, required: bool = False, minimum: int | None = 0, **kwargs: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, min_value=minimum, max_value=MONEY_MOST, decimal_places=2, **kwargs
    )


def hours_field(label: Any, *, required: bool = False) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=required, min_value=0, max_value=2000, decimal_places=1)


def cents(yuan: Decimal | None) -> int:
    return int((yuan or 0) * 100)


def tenths(hours: Decimal | None) -> int:
    return int((hours or 0) * 10)


DOUBTS = {
    Doubt.WAN: _(
        "This is very little: were 10,000 yuan meant? Type yuan: 8 times 10,000 yuan is 80000. If it is right, tick the box below."
    ),
    Doubt.CENTS: _(
        "This is very much for each person and day: type yuan, without cents. If it is right, tick the box below."
    ),
}


class DoubtingForm(forms.Form):
    """A form with money that may have been typed in another unit; ``sure`` is asked only where there is a doubt."""

    sure = forms.BooleanField(label=_("The money is right as it is typed, in yuan."), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            del self.fields["sure"]

    def judge_money(self, doubts: Mapping[str, Doubt | None]) -> None:
        """Within ``clean``, by name of the field: a doubt is an error of the field until somebody is sure."""
        real = {name: doubt for name, doubt in doubts.items() if doubt is not None}
        if not real:
            self.fields.pop("sure", None)
        elif not self.cleaned_data.get("sure"):
            for name, doubt in real.items():
                self.add_error(name, DOUBTS[doubt])


class PlanForm(DoubtingForm):
    """Title, money and aims of a draft."""

    title = forms.CharField(label=_("plan"), max_length=120)
    money = yuan_field(
        _("money (yuan)"), help_text=_("All that there is for the year; leave empty when it is not known.")
    )
    aims = forms.CharField(
        label=_("aims and demands"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 6})
    )
    field_order: Sequence[str] = ("title", "money", "sure", "aims")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.judge_money({"money": doubt_of_year(cents(given.get("money")))})
        return given

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"title": given["title"], "money": cents(given["money"]), "aims": given["aims"]}


class NewPlanForm(PlanForm):
    """A new plan: empty, or from the class runs of a year."""

    year = forms.IntegerField(label=_("year"), min_value=YEARS[0], max_value=YEARS[1])
    from_year = forms.TypedChoiceField(
        label=_("begin with"), required=False, coerce=int, empty_value=None, help_text=_("You can change every line.")
    )
    field_order = ("year", "title", "from_year", "money", "sure", "aims")

    def __init__(self, *args: Any, years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(year, _("the class runs of %(year)s") % {"year": year}) for year in years]
        self.fields["from_year"].choices = [("", _("an empty plan")), *choices]  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "year": self.cleaned_data["year"]}


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class OpenForm(forms.Form):
    until = forms.DateField(label=_("comments until"), widget=forms.DateInput())


class CommentForm(forms.Form):
    line = forms.TypedChoiceField(label=_("about"), required=False, coerce=int, empty_value=None)
    text = forms.CharField(label=_("comment"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, lines: Iterable[PlanLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(line.number, f"{line.number} {line.title}") for line in lines]
        self.fields["line"].choices = [("", _("the whole plan")), *choices]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(label=_("outcome"), choices=PlanComment.Outcome.choices)
    answer = forms.CharField(label=_("answer"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class DecideForm(forms.Form):
    """Whoever returns or refuses says why."""

    reason = forms.CharField(
        label=_("reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class SpendingForm(forms.Form):
    kind = forms.ChoiceField(label=_("kind"), choices=PlanSpending.Kind.choices)
    yuan = yuan_field(
        _("money (yuan)"),
        required=True,
        minimum=-MONEY_MOST,
        help_text=_("A negative sum takes back what was entered."),
    )
    on = forms.DateField(label=_("on"), widget=forms.DateInput())
    note = forms.CharField(label=_("what for"), max_length=200)


class ReviewForm(forms.Form):
    text = forms.CharField(label=_("yearly review"), max_length=8000, widget=forms.Textarea(attrs={"rows": 12}))


class RunsForm(forms.Form):
    """The first day of each class run that is missing; an empty one is not made yet."""

    def __init__(self, *args: Any, names: Sequence[str], proposed: Sequence[dt.date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n, name in enumerate(names):
            label = _("%(name)s: begins on") % {"name": name}
            initial = proposed[n] if n < len(proposed) else None
            self.fields[f"day-{n}"] = forms.DateField(
                label=label, required=False, initial=initial, widget=forms.DateInput()
            )

    def days(self) -> list[dt.date]:
        return sorted(day for day in self.cleaned_data.values() if day is not None)


class RouteForm(forms.Form):
    """Up to four steps; a step without a name is left out."""

    def __init__(
        self,
        *args: Any,
        accounts: QuerySet[Account],
        offices: QuerySet[Unit],
        initial_steps: Sequence[Any] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for n in range(4):
            known = initial_steps[n] if n < len(initial_steps) else None
            self.fields[f"title-{n}"] = forms.CharField(
                label=_("name of the step"), max_length=60, required=False, initial=known and known.title
            )
            for name, label, rows in (
                ("account", _("account"), accounts),
                ("deputy", _("deputy"), accounts),
                ("office", _("or any account of the department of"), offices),
            ):
                self.fields[f"{name}-{n}"] = forms.ModelChoiceField(
                    rows, label=label, required=False, empty_label="—", initial=known and getattr(known, f"{name}_id")
                )

    @property
    def steps_shown(self) -> list[tuple[int, list[forms.BoundField]]]:
        names = ("title", "account", "deputy", "office")
        return [(n + 1, [self[f"{name}-{n}"] for name in names]) for n in range(4)]

    def steps(self) -> list[dict[str, Any]]:
        names = ("title", "account", "deputy", "office")
        found = [{name: self.cleaned_data[f"{name}-{n}"] for name in names} for n in range(4)]
        return [step for step in found if any(step.values())]
