"""Making annual plans and working on their lines while they are drafts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.annual.terms import term_of
from zhixing.engine.needs.rank_groups import RANK_GROUPS, group_of
from zhixing.people.models import Account, Unit
from zhixing.plans import permissions
from zhixing.plans.models import AnnualPlan, ClassRun, NoDuplicate, PlanLine, PlanRun, Programme

State, Origin = AnnualPlan.State, AnnualPlan.Origin
PLAN_FIELDS = frozenset("year title money aims rules reckoning result from_year".split())
LINE_FIELDS = (
    "programme title kind theme rank_group target_text ranks categories units people runs days tenths institution institution_name "
    "term content_tenths method_tenths leader_tenths budget evidence note"
).split()
"""What a version of a line says."""
MAIN_WORDS = ("进修班", "中青年干部培训班", "任职培训", "初任培训", "专题研讨班")
_RUN_NUMBER = re.compile(r"[（(]?第[0-9〇零一二三四五六七八九十百]+期[）)]?")
CHANGED = gettext_lazy("The plan is no longer in a state that allows this. Look at it again.")
ONLINE = "online"
KEYS = frozenset({"programme", "institution"})
"""Fields of a line that name a row: kept as its key where a line is written down."""


@transaction.atomic
def create_plan(
    facts: Mapping[str, Any], *, by: Account, lines: Iterable[Mapping[str, Any]] = (), origin: str = Origin.HAND
) -> AnnualPlan:
    """Make a draft of the user's own unit; ``facts`` are ``PLAN_FIELDS``, each of ``lines`` is ``LINE_FIELDS`` by name."""
    permissions.may_make_plan(by).require()
    if unknown := set(facts) - PLAN_FIELDS:
        raise ValueError(f"no facts of a plan: {sorted(unknown)}")
    unit = by.scope_unit
    if unit is None:
        raise Invalid(_("Your account belongs to no unit that could make a plan."))
    last = AnnualPlan.objects.filter(unit=unit, year=facts["year"]).aggregate(n=Max("number"))["n"] or 0
    try:
        with transaction.atomic():
            plan = AnnualPlan.objects.create(**facts, unit=unit, number=last + 1, origin=origin, by=by)
    except IntegrityError as error:
        raise Conflict(_("Somebody else just made a plan for this year. Try again.")) from error
    made = [new_line(plan, number, line) for number, line in enumerate(lines, 1)]
    PlanLine.objects.bulk_create(made)
    audit.record("plans.plan_created", plan, by=by, year=plan.year, lines=len(made))
    return plan


def plan_from_class_runs(facts: Mapping[str, Any], *, from_year: int, by: Account) -> AnnualPlan:
    """A draft whose lines are the class runs of ``from_year`` that the department answers for, runs of one class in one quarter together."""
    permissions.may_make_plan(by).require()
    runs = ClassRun.objects.in_charge(by).filter(year=from_year).exclude(state=ClassRun.State.CANCELLED)
    lines = lines_of_runs(list(runs.order_by("pk").select_related("institution")))
    if not lines:
        raise Invalid(_("There are no class runs of %(year)s to make a plan from.") % {"year": from_year})
    return create_plan({**facts, "from_year": from_year}, by=by, lines=lines, origin=Origin.LAST_YEAR)


def lines_of_runs(class_runs: Sequence[ClassRun], cents: Sequence[int | None] = ()) -> list[dict[str, Any]]:
    """Lines that say what the class runs were, with the money of each where it is known."""
    costs = {id(run): cost for run, cost in zip(class_runs, cents, strict=False) if cost is not None}
    found = lines_with_runs(class_runs)
    for line, runs in found:
        if any(id(run) in costs for run in runs):
            line["budget"] = sum(costs.get(id(run), 0) for run in runs)
    return [line for line, _runs in found]


def lines_with_runs(class_runs: Sequence[ClassRun]) -> list[tuple[dict[str, Any], list[ClassRun]]]:
    """Each line with its class runs; where they came from a plan, it has that line's programme, methods and money per run, too."""
    planned = {
        one.class_run_id: one.line
        for one in PlanRun.objects.filter(class_run__in=[run.pk for run in class_runs if run.pk]).select_related("line")
    }
    groups = [list(of_class) for _key, of_class in groupby(sorted(class_runs, key=_class_of), key=_class_of)]
    lines = [(_line_of(runs, planned), runs) for runs in groups]
    return sorted(lines, key=lambda found: (found[0]["term"], found[0]["title"]))


def _class_of(run: ClassRun) -> tuple[int, str, int, str]:
    return term_of(run.starts_on), class_name(run.name), run.institution_id or 0, run.institution_name


def class_name(name: str) -> str:
    """The name of a class without the number of its run."""
    return _RUN_NUMBER.sub("", name).strip() or name


def _line_of(runs: list[ClassRun], planned: Mapping[int, PlanLine]) -> dict[str, Any]:
    first = runs[0]
    facts: dict[str, Any] = {
        "title": class_name(first.name)[:110],
        "kind": kind_of(first.name, first.channel),
        "theme": first.theme,
        "rank_group": highest_group(first.ranks),
        "target_text": first.target_text,
        "ranks": first.ranks,
        "categories": first.categories,
        "units": first.units,
        "people": sum(run.seats_max for run in runs),
        "runs": len(runs),
        "days": first.days,
        "tenths": first.tenths,
        "institution": first.institution,
        "institution_name": first.institution_name,
        "term": term_of(first.starts_on),
        "content_tenths": {first.content: first.tenths} if first.content else {},
    }
    if (line := planned.get(first.pk or 0)) is not None:
        kept = ("programme", "kind", "days", "tenths", "content_tenths", "method_tenths", "leader_tenths")
        facts |= {name: getattr(line, name) for name in kept}
        facts["budget"] = line.budget * len(runs) // line.runs
    return facts


def kind_of(name: str, channel: str = "") -> str:
    """A guess by the words of a name, to be looked at: main classes are called so, online ones are held so."""
    if channel == ONLINE:
        return Programme.Kind.ONLINE
    return Programme.Kind.MAIN if any(word in name for word in MAIN_WORDS) else Programme.Kind.SPECIAL


def highest_group(ranks: Iterable[str]) -> str:
    """The highest of the groups that the ranks belong to; none without ranks."""
    groups = {group_of(rank) for rank in ranks}
    return next((group for group in RANK_GROUPS if group in groups), "")


def hold(plan: AnnualPlan, *states: str) -> AnnualPlan:
    """Lock the plan and bring it up to date; ``Conflict`` when it is in none of ``states`` any more."""
    found = AnnualPlan.objects.select_for_update(of=("self",)).select_related("unit").get(pk=plan.pk)
    if found.state not in states:
        raise Conflict(CHANGED)
    return found


def move(plan: AnnualPlan, to: str, *, by: Account, fields: Mapping[str, Any] | None = None, **details: Any) -> None:
    """Change the state when the transition table allows it and nobody was faster; ``fields`` change with it."""
    allowed = [state for state, targets in AnnualPlan.TRANSITIONS.items() if to in targets]
    changes = {"state": to, **(fields or {})}
    if not AnnualPlan.objects.filter(pk=plan.pk, state__in=allowed).update(**changes):
        raise Conflict(CHANGED)
    for name, value in changes.items():
        setattr(plan, name, value)
    audit.record(f"plans.plan_{to}", plan, by=by, **details)


@transaction.atomic
def edit_plan(plan: AnnualPlan, facts: Mapping[str, Any], *, by: Account) -> list[str]:
    """Change title, money, aims or rules of a draft; returns the names of what changed."""
    permissions.may_work_on(by, plan).require()
    if unknown := set(facts) - PLAN_FIELDS - {"year"}:
        raise ValueError(f"no facts of a plan: {sorted(unknown)}")
    held = hold(plan, State.DRAFT)
    changed = [name for name, value in facts.items() if name != "year" and getattr(held, name) != value]
    for name in changed:
        setattr(held, name, facts[name])
    if changed:
        held.save(update_fields=changed)
        audit.record("plans.plan_edited", held, by=by, fields=sorted(changed))
    return changed


@transaction.atomic
def drop_plan(plan: AnnualPlan, *, by: Account) -> None:
    permissions.may_drop(by, plan).require()
    move(plan, State.DROPPED, by=by)


@transaction.atomic
def add_line(plan: AnnualPlan, facts: Mapping[str, Any], *, by: Account) -> PlanLine:
    """A further line of a draft; ``facts`` are ``LINE_FIELDS``."""
    permissions.may_work_on(by, plan).require()
    held = hold(plan, State.DRAFT)
    last = held.lines.aggregate(n=Max("number"))["n"] or 0
    line = new_line(held, last + 1, facts)
    line.save()
    audit.record("plans.line_added", held, by=by, line=line.number)
    return line


def new_line(plan: AnnualPlan, number: int, facts: Mapping[str, Any]) -> PlanLine:
    """Not saved yet; raises ``Invalid`` for what no line can be."""
    line = PlanLine(plan=plan, number=number, **_known(facts))
    check_line(line)
    return line


def written_of(line: PlanLine, names: Iterable[str] = LINE_FIELDS) -> dict[str, Any]:
    """What a line says, rows by key."""
    return {name: getattr(line, f"{name}_id" if name in KEYS else name) for name in names}


def write_facts(line: PlanLine, facts: Mapping[str, Any]) -> None:
    """What ``written_of`` gives, back into a line; not saved."""
    for name, value in facts.items():
        setattr(line, f"{name}_id" if name in KEYS else name, value)


def _known(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    if unknown := set(facts) - set(LINE_FIELDS):
        raise ValueError(f"no facts of a line: {sorted(unknown)}")
    return facts


@transaction.atomic
def edit_line(line: PlanLine, facts: Mapping[str, Any], *, by: Account) -> list[str]:
    """Change a line of a draft; returns the names of what changed."""
    permissions.may_work_on(by, line.plan).require()
    held = hold(line.plan, State.DRAFT)
    found = held.lines.filter(pk=line.pk).first()
    if found is None:
        raise Conflict(_("Somebody removed this line."))
    changed = changes_of(found, facts)
    for name in changed:
        setattr(found, name, facts[name])
    check_line(found)
    if changed:
        found.save(update_fields=changed)
        audit.record("plans.line_edited", held, by=by, line=found.number, fields=sorted(changed))
    return changed


def changes_of(line: PlanLine, facts: Mapping[str, Any]) -> list[str]:
    return [name for name, value in _known(facts).items() if getattr(line, name) != value]


@transaction.atomic
def remove_line(line: PlanLine, *, by: Account) -> None:
    permissions.may_work_on(by, line.plan).require()
    held = hold(line.plan, State.DRAFT)
    if not held.lines.filter(pk=line.pk).delete()[0]:
        raise Conflict(_("Somebody removed this line."))
    NoDuplicate.objects.filter(Q(first=line.number) | Q(second=line.number), plan=held).delete()
    audit.record("plans.line_removed", held, by=by, line=line.number)


def check_line(line: PlanLine) -> None:
    """Raise ``Invalid`` for what no line can be; what breaks a rule of planning is shown, not refused."""
    if min(line.people, line.runs, line.days, line.tenths) < 1:
        raise Invalid(_("People, runs, days and hours are at least one."))
    if line.people < line.runs:
        raise Invalid(_("There are more runs than people."))
    for hours, part in ((line.content_tenths, _("content blocks")), (line.method_tenths, _("methods"))):
        if hours and (min(hours.values()) < 0 or sum(hours.values()) != line.tenths):
            raise Invalid(_("The hours of the %(part)s do not add up to the hours of the line.") % {"part": part})
    if line.leader_tenths > line.tenths:
        raise Invalid(_("Leading cadres cannot teach more hours than there are."))
    if not line.ranks and not line.rank_group:
        raise Invalid(_("Say whom the line is for: a rank group, or ranks."))
    _check_units(line)


def _check_units(line: PlanLine) -> None:
    unit = line.plan.unit
    if line.units and Unit.objects.within(unit).filter(pk__in=line.units).count() != len(set(line.units)):
        raise Invalid(_("A line is for units below %(unit)s only.") % {"unit": unit.name})
    if line.institution is not None and line.institution.kind != Unit.Kind.SCHOOL:
        raise Invalid(_("A class is held by a training institution."))


def frozen_now(plan: AnnualPlan) -> models.QuerySet[PlanLine]:
    """The lines of a plan as they stand, in order: what is approved."""
    return plan.lines.order_by("number", "version")
