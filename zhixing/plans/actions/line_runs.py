"""Class runs made from a line, with their dates and the seats of the units: nothing of it is typed again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, workdays
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.annual.seats import deal, sizes
from zhixing.engine.annual.terms import after_notice, days_of
from zhixing.engine.proportion import by_largest_remainder
from zhixing.people.models import Account, Unit
from zhixing.plans import permissions
from zhixing.plans.actions.annual_plans import hold
from zhixing.plans.actions.class_runs import Seats, create_class_run, set_quotas
from zhixing.plans.actions.plan_changes import standing_line
from zhixing.plans.models import AnnualPlan, ClassRun, PlanLine, PlanRun
from zhixing.plans.queries.annual_plans import missing_runs, people_by_unit, ranks_of, rules_of
from zhixing.plans.queries.run_names import names_left

State = AnnualPlan.State
SEATS_LEAST = 80
"""Percent of the seats below which a class run made from a line counts as too small."""


@dataclass(frozen=True)
class RunDraft:
    """A class run that would be made: days, seats, and seats by unit key."""

    starts_on: dt.date
    ends_on: dt.date
    seats: int
    quotas: Mapping[int, int]


def drafts_of(line: PlanLine, starts: Sequence[dt.date]) -> list[RunDraft]:
    """What would be made of the runs that are missing, one for each day of ``starts``, the units' seats in proportion to their people."""
    left = missing_runs(line)
    wanted = sizes(line.people, line.runs)[line.runs - left :] if left else []
    units = by_largest_remainder(sum(wanted), people_by_unit(line))
    dealt = deal(units, left) if left else []
    length = dt.timedelta(days=line.days - 1)
    return [RunDraft(day, day + length, wanted[n], dealt[n]) for n, day in enumerate(starts[:left])]


@transaction.atomic
def make_class_runs(line: PlanLine, starts: Sequence[dt.date], *, by: Account) -> list[ClassRun]:
    """Make the missing class runs of a line with their quotas, one for each first day; they are drafts like any other from then on."""
    permissions.may_make_runs(by, line).require()
    held = hold(line.plan, State.APPROVED)
    current = standing_line(held, line)
    left = missing_runs(current)
    if not left:
        raise Conflict(_("All class runs of this line are made already."))
    if not 0 < len(starts) <= left:
        raise Invalid(_("Give a first day for each class run, at most %(left)s of them.") % {"left": left})
    for day in starts:
        _check_day(current, day)
    drafts = drafts_of(current, sorted(starts))
    made = [
        _make(current, draft, name, by) for draft, name in zip(drafts, names_left(held)[current.number], strict=False)
    ]
    audit.record("plans.line_runs_made", held, by=by, line=current.number, class_runs=len(made))
    return made


def _check_day(line: PlanLine, day: dt.date) -> None:
    first, last = days_of(line.plan.year, line.term)
    if not first <= day <= last:
        raise Invalid(_("%(day)s does not lie in the quarter of the line.") % {"day": day})
    notice = rules_of(line.plan).notice_days
    earliest = after_notice(timezone.localdate(), notice, workdays.in_force())
    if day < earliest:
        words = {"notice": notice, "day": earliest}
        raise Invalid(_("A class is told %(notice)s working days ahead: it begins on %(day)s at the earliest.") % words)
    if not workdays.in_force().is_working(day):
        raise Invalid(_("%(day)s is no working day: a weekend or a public holiday.") % {"day": day})


def _make(line: PlanLine, draft: RunDraft, name: str, by: Account) -> ClassRun:
    made = create_class_run(
        {
            "code": "",
            "name": name,
            "theme": line.theme,
            "content": max(line.content_tenths, key=lambda block: line.content_tenths[block], default=""),
            "channel": "online" if line.kind == "online" else "offjob",
            "organiser": line.plan.unit.name,
            "institution": line.institution,
            "institution_name": "" if line.institution else line.institution_name,
            "starts_on": draft.starts_on,
            "ends_on": draft.ends_on,
            "tenths": line.tenths,
            "seats_max": draft.seats,
            "seats_min": draft.seats * SEATS_LEAST // 100,
            "ranks": ranks_of(line),
            "categories": line.categories,
            "units": line.units or _all_units(line.plan.unit),
            "target_text": line.target_text,
        },
        by=by,
    )
    if any(draft.quotas.values()):
        set_quotas(made, {unit: Seats(seats) for unit, seats in draft.quotas.items()}, by=by)
    PlanRun.objects.create(line=line, class_run=made)
    return made


def _all_units(unit: Unit) -> list[int]:
    """A county's class runs name the county; the city's none."""
    return [] if unit.parent_id is None else [unit.pk]
