"""Reads about annual plans: the board, its sums, how far each line has come."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Count, QuerySet, Sum

from zhixing.base import workdays
from zhixing.base.problems import Invalid, NotFound
from zhixing.engine.annual import sums
from zhixing.engine.annual.evidence import PartShare, parts_of
from zhixing.engine.annual.execution import Execution, Run, execution_of
from zhixing.engine.annual.terms import after_notice, days_of, first_days
from zhixing.engine.needs.rank_groups import GROUP_OF
from zhixing.engine.plan.faults import PlanError
from zhixing.needs.models import Need, NeedsEvidence, Want
from zhixing.needs.queries import methods_wanted as wanted
from zhixing.needs.telling import sentence
from zhixing.people.models import Account, Person, Unit
from zhixing.plans.models import AnnualPlan, ClassRun, PlanLine, PlanRun, PlanSpending, Term
from zhixing.plans.problem import rules_in_force
from zhixing.plans.proposal_words import fault_lines
from zhixing.plans.queries.class_runs import in_units, rank_is_among

METHODS_TOLD = 3
KEY_LONG = 18
"""No key of a row has so many digits."""


def plan_for(user: Account, pk: int) -> AnnualPlan:
    """The plan, when the user may see it."""
    rows = AnnualPlan.objects.visible_to(user).select_related("unit", "by", "submitted_by", "reckoning", "route")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def lines_of(user: Account, plan: AnnualPlan) -> list[PlanLine]:
    """The lines as they stand, of those that the user may see."""
    rows = PlanLine.objects.visible_to(user).filter(plan=plan)
    return list(_standing(rows).select_related("institution", "programme").order_by("term", "number"))


def _standing(rows: QuerySet[PlanLine]) -> QuerySet[PlanLine]:
    return rows.filter(pk__in=PlanLine.objects.standing().order_by().values("pk"))


def line_for(user: Account, pk: int, number: int) -> PlanLine:
    """The newest version of a line, struck out or not."""
    plan = plan_for(user, pk)
    rows = PlanLine.objects.visible_to(user).filter(plan=plan, number=number)
    found = rows.select_related("institution", "programme").order_by("-version").first()
    if found is None:
        raise NotFound
    found.plan = plan
    return found


def versions_of(line: PlanLine) -> QuerySet[PlanLine]:
    return PlanLine.objects.filter(plan=line.plan_id, number=line.number).order_by("-version")


def rules_of(plan: AnnualPlan) -> sums.Rules:
    """Raises ``Invalid`` when the installation's ``policies/plan.toml`` cannot be read."""
    try:
        return sums.rules_from(plan.rules, rules_in_force())
    except PlanError as error:
        raise Invalid(" ".join(fault_lines("policies/plan.toml", error.faults))) from error


def sums_for(plan: AnnualPlan, lines: Iterable[PlanLine]) -> sums.Sums:
    return sums.sums_of([engine_line(line) for line in lines], plan.money, rules_of(plan))


def engine_line(line: PlanLine) -> sums.Line:
    return sums.Line(
        number=line.number,
        kind=line.kind,
        rank_group=line.rank_group,
        runs=line.runs,
        people=line.people,
        days=line.days,
        tenths=line.tenths,
        budget=line.budget,
        content=line.content_tenths,
        methods=line.method_tenths,
        leaders=line.leader_tenths,
    )


@dataclass(frozen=True)
class Quarter:
    """The lines of a quarter on the board."""

    term: Term
    lines: list[PlanLine]

    @property
    def runs(self) -> int:
        return sum(line.runs for line in self.lines)

    @property
    def people(self) -> int:
        return sum(line.people for line in self.lines)

    @property
    def budget(self) -> int:
        return sum(line.budget for line in self.lines)


def board_of(lines: Sequence[PlanLine]) -> list[Quarter]:
    return [Quarter(term, [line for line in lines if line.term == term]) for term in Term]


# whom a line is for


def ranks_of(line: PlanLine) -> list[str]:
    """Its ranks and grades, or all of its rank group."""
    return line.ranks or [rank for rank, group in GROUP_OF.items() if group == line.rank_group]


def people_of(line: PlanLine) -> QuerySet[Person]:
    """Serving people of the target group."""
    people = Person.objects.serving().filter(rank_is_among(ranks_of(line)), in_units(line.units or [line.plan.unit_id]))
    return people.filter(category__in=line.categories) if line.categories else people


def lines_for_nobody(plan: AnnualPlan, lines: Sequence[PlanLine]) -> set[int]:
    """Numbers of the lines whose target group nobody in service belongs to. One read for all, with the units only where a line names some."""
    named = Unit.objects.filter(pk__in={pk for line in lines for pk in line.units}).values_list("pk", "path")
    paths = dict(named)
    facts = ("rank", "grade", "category", *(("unit__path",) if paths else ()))
    served = Person.objects.within(plan.unit).serving().order_by().values_list(*facts).distinct()
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for rank, grade, category, *place in served:
        places[rank or grade, category].append("".join(place))
    return {line.number for line in lines if not _matches_somebody(line, places, paths)}


def _matches_somebody(line: PlanLine, places: Mapping[tuple[str, str], list[str]], paths: Mapping[int, str]) -> bool:
    ranks, above = set(ranks_of(line)), [paths[pk] for pk in line.units if pk in paths]
    return any(
        rank in ranks
        and (not line.categories or category in line.categories)
        and (not line.units or any(path.startswith(one) for one in above for path in found))
        for (rank, category), found in places.items()
    )


def people_by_unit(line: PlanLine) -> dict[int, int]:
    """People of the target group by unit: those that the line names, else those right below the plan's unit. In tree order."""
    units = Unit.objects.filter(closed_on=None)
    units = units.filter(pk__in=line.units) if line.units else units.filter(parent=line.plan.unit_id)
    paths = {unit.path: unit.pk for unit in units.order_by("path")}
    counted = dict.fromkeys(paths.values(), 0)
    for path, count in people_of(line).order_by().values_list("unit__path").annotate(n=Count("pk")):
        above = [known for known in paths if path.startswith(known)]
        if above:
            counted[paths[max(above, key=len)]] += count
    return counted


# class runs of a line


def missing_runs(line: PlanLine) -> int:
    """How many of its class runs are not made yet; a cancelled one can be made again."""
    alive = PlanRun.objects.filter(line__plan=line.plan_id, line__number=line.number)
    return max(0, line.runs - alive.exclude(class_run__state=ClassRun.State.CANCELLED).count())


def days_proposed(line: PlanLine, today: dt.date) -> list[dt.date]:
    """First days for the class runs that are missing, spread over what is left of the quarter; none where it is too late."""
    left = missing_runs(line)
    known = workdays.in_force()
    earliest = after_notice(today, rules_of(line.plan).notice_days, known)
    found = first_days(line.plan.year, line.term, days=line.days, runs=line.runs, not_before=earliest, workdays=known)
    return found[line.runs - left :] if found else []


def years_without_holidays(line: PlanLine, today: dt.date) -> list[int]:
    """Years, from today to the end of the quarter, of which no holidays are stated: their days are told by weekends alone."""
    return workdays.in_force().unknown(today, days_of(line.plan.year, line.term)[1])


@dataclass(frozen=True)
class Carried:
    """A line with what has come of it; money in cents."""

    line: PlanLine
    class_runs: list[ClassRun]
    execution: Execution
    committed: int
    spent: int

    @cached_property
    def held(self) -> int:
        return sum(run.state == ClassRun.State.HELD for run in self.class_runs)

    @cached_property
    def made(self) -> int:
        return sum(run.state != ClassRun.State.CANCELLED for run in self.class_runs)


@dataclass
class Money:
    planned: int = 0
    committed: int = 0
    spent: int = 0


@dataclass
class ExecutionBoard:
    """The lines by how far they have come, and the money of all."""

    lines: list[Carried] = field(default_factory=list)

    def by_state(self) -> dict[Execution, list[Carried]]:
        return {state: [one for one in self.lines if one.execution == state] for state in Execution}

    @cached_property
    def money(self) -> Money:
        return Money(
            sum(one.line.budget for one in self.lines if not one.line.struck),
            sum(one.committed for one in self.lines),
            sum(one.spent for one in self.lines),
        )


def execution_board(user: Account, plan: AnnualPlan, today: dt.date) -> ExecutionBoard:
    """Every line of the plan in its newest version, struck out ones too, of those that the user may see."""
    rows = PlanLine.objects.visible_to(user).filter(plan=plan)
    current = rows.filter(pk__in=PlanLine.objects.current().order_by().values("pk"))
    lines = list(current.select_related("institution").order_by("term", "number"))
    runs, money = class_runs_by_line(plan), money_by_line(user, plan)
    notice = rules_of(plan).notice_days
    board = ExecutionBoard()
    for line in lines:
        line.plan = plan
        made = runs[line.number]
        state = execution_of(
            year=plan.year,
            term=line.term,
            runs=line.runs,
            days=line.days,
            struck=line.struck,
            made=[Run(run.state, run.starts_on, run.ends_on) for run in made],
            today=today,
            notice=notice,
        )
        sums_ = money[line.number]
        board.lines.append(Carried(line, made, state, sums_.get("committed", 0), sums_.get("spent", 0)))
    return board


def runs_made(plan: AnnualPlan) -> dict[int, int]:
    """Number of a line → how many class runs of it stand, cancelled ones left out."""
    rows = PlanRun.objects.filter(line__plan=plan).exclude(class_run__state=ClassRun.State.CANCELLED).order_by()
    return dict(rows.values_list("line__number").annotate(n=Count("pk")))


def class_runs_by_line(plan: AnnualPlan) -> Mapping[int, list[ClassRun]]:
    """Number of the line → its class runs, the earliest first."""
    found: dict[int, list[ClassRun]] = defaultdict(list)
    rows = PlanRun.objects.filter(line__plan=plan).select_related("class_run", "class_run__institution", "line")
    for one in rows.order_by("class_run__starts_on", "class_run__pk"):
        found[one.line.number].append(one.class_run)
    return found


def money_by_line(user: Account, plan: AnnualPlan) -> Mapping[int, dict[str, int]]:
    """Number of the line → kind → cents, of what the user may see."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = PlanSpending.objects.visible_to(user).filter(line__plan=plan).order_by()
    for number, kind, cents in rows.values_list("line__number", "kind").annotate(cents=Sum("cents")):
        found[number][kind] = cents
    return found


# evidence


@dataclass(frozen=True)
class PartRow:
    """A finding under a need, with what it gives to the line (ten-thousandths); ``aside``: put aside, so it gives nothing now."""

    key: str
    said: str
    share: int
    aside: bool


@dataclass(frozen=True)
class EvidenceRow:
    """A need behind a line with its share (ten-thousandths); ``need`` is None where it cannot be found any more."""

    key: str
    share: int
    title: str
    source: str
    need: Need | None
    parts: list[PartRow]

    @property
    def left(self) -> int:
        """What of the share stands."""
        return sum(part.share for part in self.parts if not part.aside)


def evidence_of(line: PlanLine) -> list[EvidenceRow]:
    """What the line rests on, the largest share first; each need with its parts where the reckoning is known."""
    return evidence_by_line(line.plan, [line])[line.number]


def evidence_by_line(plan: AnnualPlan, lines: Sequence[PlanLine]) -> dict[int, list[EvidenceRow]]:
    """Number of the line → what it rests on."""
    needs = _needs_named(plan, lines)
    return {line.number: sorted(_evidence(line, needs), key=lambda row: -row.share) for line in lines}


def _evidence(line: PlanLine, needs: Mapping[str, Need]) -> Iterable[EvidenceRow]:
    for one in line.evidence:
        key = str(one.get("need", ""))
        title, source = str(one.get("title", "")), str(one.get("source", ""))
        need = needs.get(key)
        parts = [PartRow(part.key, _said(part, need), part.share, part.aside) for part in parts_of([one])]
        yield EvidenceRow(key, int(one.get("share", 0)), title, source, need, parts)


def _said(part: PartShare, need: Need | None) -> str:
    """What a finding says, where the need that it belongs to is known; else its title or where it comes from."""
    place = part.key.rpartition("/")[2]
    if need is not None and place.isdecimal() and place.isascii() and int(place[:KEY_LONG]) < len(need.parts):
        found = need.parts[int(place)]
        return sentence(found["code"], found["value"])
    known = dict(NeedsEvidence.Source.choices)
    return part.title or str(known.get(part.source, part.source))


def _needs_named(plan: AnnualPlan, lines: Sequence[PlanLine]) -> dict[str, Need]:
    named = {str(one.get("need", "")) for line in lines for one in line.evidence}
    keys = [key for key in named if key.isdecimal() and key.isascii() and len(key) < KEY_LONG]
    if not keys or plan.reckoning_id is None:
        return {}
    rows = Need.objects.filter(reckoning=plan.reckoning_id, pk__in=keys).select_related("competency")
    return {str(need.pk): need for need in rows}


def methods_wanted(plan: AnnualPlan) -> dict[str, list[Want]]:
    """Rank group → how its people would like to learn, by the needs that the plan was made from."""
    return {group: wants[:METHODS_TOLD] for group, wants in wanted(plan.reckoning_id).items()}


def units_of(line: PlanLine) -> QuerySet[Unit]:
    """The units that the line names; none means every unit."""
    return Unit.objects.filter(pk__in=line.units).order_by("path")
