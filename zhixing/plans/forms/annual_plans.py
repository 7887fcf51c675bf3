"""Forms of annual plans: money is typed in yuan and kept in cents, hours as hours and kept in tenths."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhixing.engine.annual.money import Doubt, doubt_of_line, doubt_of_year
from zhixing.engine.sheets.ranks import GRADES, RANKS
from zhixing.needs.models import RankGroup
from zhixing.people.models import Account, Unit
from zhixing.plans.models import AnnualPlan, PlanComment, PlanLine, PlanSpending, Programme, Term
from zhixing.resources.models import Content, Method

RANK_CHOICES = [(_("Ranks"), [(r, r) for r in RANKS[4:]]), (_("Grades"), [(g, g) for g in GRADES])]
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

    def judge_money(self, name: str, doubt: Doubt | None) -> None:
        """Within ``clean``: the doubt is an error of the field until somebody is sure."""
        if doubt is None:
            self.fields.pop("sure", None)
        elif not self.cleaned_data.get("sure"):
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
        self.judge_money("money", doubt_of_year(cents(given.get("money"))))
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


class LineForm(DoubtingForm):
    """A line. What is left empty is taken from the programme, when one is chosen."""

    programme = forms.ModelChoiceField(
        Programme.objects.none(), label=_("programme"), required=False, empty_label=_("none")
    )
    title = forms.CharField(label=_("class"), max_length=110, required=False)
    kind = forms.ChoiceField(
        label=_("kind"), choices=[("", _("as the programme")), *Programme.Kind.choices], required=False
    )
    theme = forms.CharField(label=_("theme"), max_length=60, required=False)
    term = forms.TypedChoiceField(label=_("term"), choices=Term.choices, coerce=int)
    institution = forms.ModelChoiceField(
        Unit.objects.none(), label=_("training institution"), required=False, empty_label=_("not decided")
    )
    rank_group = forms.ChoiceField(label=_("rank group"), choices=[("", "—"), *RankGroup.choices], required=False)
    ranks = forms.MultipleChoiceField(
        label=_("ranks and grades"),
        choices=RANK_CHOICES,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("None chosen means all of the rank group."),
    )
    target_text = forms.CharField(label=_("target group as written"), max_length=300, required=False)
    units = forms.ModelMultipleChoiceField(
        Unit.objects.none(),
        label=_("units"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("With all units below them; none chosen means every unit."),
    )
    people = forms.IntegerField(label=_("people in all runs"), min_value=1, max_value=1_000_000)
    runs = forms.IntegerField(label=_("runs"), min_value=1, max_value=200, initial=1)
    days = forms.IntegerField(label=_("days of a run"), min_value=1, max_value=366, required=False)
    hours = hours_field(_("hours of a run"))
    leader_hours = hours_field(_("hours taught by leading cadres"))
    budget = yuan_field(_("money (yuan)"))
    note = forms.CharField(label=_("note"), max_length=300, required=False)

    def __init__(
        self, *args: Any, user: Account, plan: AnnualPlan, line: PlanLine | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("initial", {}).update(line_initial(line) if line else {})
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["programme"].queryset = Programme.objects.visible_to(user).in_use()
        fields["institution"].queryset = Unit.objects.visible_to(user).filter(kind=Unit.Kind.SCHOOL)
        fields["units"].queryset = Unit.objects.within(plan.unit).filter(closed_on=None).exclude(pk=plan.unit_id)
        initial = kwargs["initial"]
        for block, label in Content.choices:
            fields[f"content-{block}"] = hours_field(label)
            fields[f"content-{block}"].initial = initial.get(f"content-{block}")
        for method, label in Method.choices:
            fields[f"method-{method}"] = hours_field(label)
            fields[f"method-{method}"].initial = initial.get(f"method-{method}")

    @property
    def about(self) -> list[forms.BoundField]:
        names = ("programme", "title", "kind", "theme", "term", "institution")
        return [self[name] for name in names]

    @property
    def whom(self) -> list[forms.BoundField]:
        return [self[name] for name in ("rank_group", "ranks", "target_text", "units")]

    @property
    def how_much(self) -> list[forms.BoundField]:
        names = ("people", "runs", "days", "hours", "budget", "sure", "note")
        return [self[name] for name in names if name in self.fields]

    @property
    def contents(self) -> list[forms.BoundField]:
        return [self[f"content-{block}"] for block in Content.values]

    @property
    def methods(self) -> list[forms.BoundField]:
        return [*(self[f"method-{method}"] for method in Method.values), self["leader_hours"]]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("programme") is None:
            for name in ("title", "days", "hours"):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, _("Say so, or choose a programme that does."))
        programme = given.get("programme")
        days = given.get("days") or (programme.days if programme else 0)
        online = (given.get("kind") or (programme.kind if programme else "")) == Programme.Kind.ONLINE
        money = 0 if online else cents(given.get("budget"))
        self.judge_money("budget", doubt_of_line(money, given.get("people") or 0, days))
        return given

    def facts(self) -> dict[str, Any]:
        """Fields of a line; what the programme says fills what was left empty."""
        given = self.cleaned_data
        facts: dict[str, Any] = {
            **{
                name: given[name]
                for name in ("programme", "title", "kind", "theme", "term", "institution", "people", "runs")
            },
            **{name: given[name] for name in ("rank_group", "ranks", "target_text", "note")},
            "units": sorted(unit.pk for unit in given["units"]),
            "days": given["days"] or 0,
            "tenths": tenths(given["hours"]),
            "leader_tenths": tenths(given["leader_hours"]),
            "content_tenths": self._hours("content", Content.values),
            "method_tenths": self._hours("method", Method.values),
            "budget": cents(given["budget"]),
        }
        return filled(facts, given["programme"])

    def _hours(self, prefix: str, keys: Iterable[str]) -> dict[str, int]:
        found = {key: tenths(self.cleaned_data[f"{prefix}-{key}"]) for key in keys}
        return {key: value for key, value in found.items() if value}


def filled(facts: Mapping[str, Any], programme: Programme | None) -> dict[str, Any]:
    """What the facts leave open, as the programme says. Hours by content and method only where the hours are its own."""
    if programme is None:
        return {**facts, "kind": facts["kind"] or Programme.Kind.SPECIAL}
    made = dict(facts)
    own = {"title": programme.name, "kind": programme.kind, "theme": programme.theme, "days": programme.days}
    for name, value in {**own, "tenths": programme.tenths}.items():
        made[name] = made[name] or value
    if made["tenths"] == programme.tenths:
        for name in ("content_tenths", "method_tenths", "leader_tenths"):
            made[name] = made[name] or getattr(programme, name)
    if not made["rank_group"] and not made["ranks"] and programme.rank_groups:
        made["rank_group"] = programme.rank_groups[0]
    person_days = programme.person_day_cents * made["people"] * made["days"]
    made["budget"] = made["budget"] or person_days + programme.run_cents * made["runs"]
    return made


def line_initial(line: PlanLine) -> dict[str, Any]:
    same = (
        "programme title kind theme term institution rank_group ranks target_text units people runs days note".split()
    )
    shown: dict[str, Any] = {name: getattr(line, name) for name in same}
    shown |= {"hours": Decimal(line.tenths) / 10, "leader_hours": Decimal(line.leader_tenths) / 10}
    shown["budget"] = Decimal(line.budget) / 100
    for prefix, hours in (("content", line.content_tenths), ("method", line.method_tenths)):
        shown |= {f"{prefix}-{key}": Decimal(value) / 10 for key, value in hours.items()}
    return shown


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

    def __init__(self, *args: Any, left: int, proposed: Sequence[dt.date], first: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(left):
            label = _("run %(number)s begins on") % {"number": first + n}
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
