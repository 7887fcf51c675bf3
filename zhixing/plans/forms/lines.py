"""The form of a line of an annual plan: whom it is for is counted, and what looks wrong is asked about before it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.engine.annual.money import doubt_of_line
from zhixing.engine.sheets.ranks import GRADES, RANKS
from zhixing.needs.models import RankGroup
from zhixing.people.models import Account, Unit
from zhixing.plans.forms.annual_plans import DoubtingForm, cents, hours_field, tenths, yuan_field
from zhixing.plans.models import AnnualPlan, PlanLine, Programme, Term
from zhixing.plans.queries.annual_plans import people_of
from zhixing.resources.models import Content, Method

RANK_CHOICES = [(_("Ranks"), [(r, r) for r in RANKS[4:]]), (_("Grades"), [(g, g) for g in GRADES])]
NOBODY = _(
    "The target group matches nobody: nobody of these ranks serves in these units today. Widen it, or tick the box below if it shall be so."
)


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
    nobody = forms.BooleanField(label=_("The line is kept although it matches nobody today."), required=False)
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
        self.plan, self.categories = plan, list(line.categories) if line else []
        fields: dict[str, Any] = self.fields
        if not self.is_bound:
            del fields["nobody"]
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
        names = ("rank_group", "ranks", "target_text", "units", "nobody")
        return [self[name] for name in names if name in self.fields]

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
        self.judge_money({"budget": doubt_of_line(money, given.get("people") or 0, days)})
        self._judge_target()
        return given

    def _judge_target(self) -> None:
        """A line for nobody is kept only when somebody says that it shall be."""
        if not self._names_somebody() and "rank_group" not in self.errors:
            self.add_error("rank_group", _("Say whom the line is for: a rank group, or ranks."))
        if self.matching != 0:
            self.fields.pop("nobody", None)
        elif not self.cleaned_data.get("nobody"):
            where = "units" if self.cleaned_data.get("units") else "rank_group"
            self.add_error(where, NOBODY)

    def _names_somebody(self) -> bool:
        target = self._target()
        return bool(target.ranks or target.rank_group)

    def _target(self) -> PlanLine:
        """Whom the line is for, as far as it is typed; categories, which are not typed, stay."""
        given = self.cleaned_data
        programme = given.get("programme")
        group, ranks = given.get("rank_group") or "", given.get("ranks") or []
        if not group and not ranks and programme is not None and programme.rank_groups:
            group = programme.rank_groups[0]
        units = [unit.pk for unit in given.get("units") or ()]
        return PlanLine(plan=self.plan, rank_group=group, ranks=ranks, units=units, categories=self.categories)

    @cached_property
    def matching(self) -> int | None:
        """How many serving people below the plan's unit the line is for, as typed; None where it does not say or says it wrongly."""
        if not self.is_bound or {"programme", "rank_group", "ranks", "units"} & set(self.errors):
            return None
        return people_of(self._target()).count() if self._names_somebody() else None

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
