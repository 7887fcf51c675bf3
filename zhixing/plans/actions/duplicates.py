"""Two lines made one, in a draft at once, in a plan in force as a change with a reason; or said to be no duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.annual.duplicates import evidence_together, runs_together, text_together
from zhixing.people.models import Account
from zhixing.plans import permissions
from zhixing.plans.actions.annual_plans import check_line, hold, write_facts, written_of
from zhixing.plans.actions.plan_changes import ABSORBS, propose, standing_line
from zhixing.plans.actions.plan_edits import undoable
from zhixing.plans.models import AnnualPlan, NoDuplicate, PlanChange, PlanEdit, PlanLine
from zhixing.plans.queries.duplicates import taught_of

State = AnnualPlan.State
TEXT_LONG = int(PlanLine._meta.get_field("target_text").max_length or 0)


def together(kept: PlanLine, dropped: PlanLine) -> dict[str, Any]:
    """What the kept line becomes: people and money added up, evidence too, for the units and ranks of both; runs as its programme needs."""
    first, second = taught_of([kept, dropped])
    return {
        "people": kept.people + dropped.people,
        "runs": runs_together(first, second),
        "budget": kept.budget + dropped.budget,
        "evidence": evidence_together(kept.evidence, dropped.evidence, (kept.people, dropped.people)),
        "target_text": _text_of(kept, dropped),
        "units": sorted({*kept.units, *dropped.units}) if kept.units and dropped.units else [],
        "ranks": list(dict.fromkeys([*kept.ranks, *dropped.ranks])) if kept.ranks and dropped.ranks else [],
        "categories": sorted({*kept.categories, *dropped.categories}) if kept.categories and dropped.categories else [],
    }


def _text_of(kept: PlanLine, dropped: PlanLine) -> str:
    """Refused where it is too long: a part of it would say that the line is for fewer."""
    text = text_together(kept.target_text, dropped.target_text)
    if len(text) > TEXT_LONG:
        words = {"long": len(text), "most": TEXT_LONG}
        raise Invalid(
            _("Together the target groups take %(long)s characters, at most %(most)s fit. Shorten one of them first.")
            % words
        )
    return text


@transaction.atomic
def merge_lines(plan: AnnualPlan, kept: int, dropped: int, *, by: Account) -> PlanEdit:
    """In a draft: the second line goes into the first. Can be undone."""
    permissions.may_work_on(by, plan).require()
    held = hold(plan, State.DRAFT)
    first, second = _both(held, kept, dropped)
    with undoable(held, PlanEdit.Kind.MERGE, [kept, dropped], by) as edit:
        write_facts(first, together(first, second))
        check_line(first)
        first.save()
        held.lines.filter(pk=second.pk).delete()
    audit.record("plans.lines_merged", held, by=by, line=kept, merged=dropped)
    return edit


@transaction.atomic
def propose_merge(plan: AnnualPlan, kept: int, dropped: int, *, reason: str, by: Account) -> PlanChange:
    """In a plan in force: that the second line should go into the first; holds when somebody else agrees."""
    permissions.may_change(by, plan).require()
    held = hold(plan, State.APPROVED)
    first, second = (standing_line(held, line) for line in _both(held, kept, dropped))
    if PlanChange.objects.waiting().filter(line=second).exists():
        raise Conflict(_("A change of this line waits for a decision already."))
    facts = together(first, second)
    changed = [name for name, value in facts.items() if getattr(first, name) != value]
    was = written_of(first, changed) | {ABSORBS: None}
    becomes: Mapping[str, Any] = {name: facts[name] for name in changed} | {ABSORBS: second.number}
    return propose(held, PlanChange.Kind.MERGE, first, was, dict(becomes), reason, by)


def _both(plan: AnnualPlan, kept: int, dropped: int) -> tuple[PlanLine, PlanLine]:
    if kept == dropped:
        raise Invalid(_("A line cannot be merged with itself."))
    found = {line.number: line for line in plan.lines.standing().filter(number__in=(kept, dropped))}
    if len(found) < 2:
        raise Conflict(_("One of these lines is gone. Look at the board again: nothing was merged."))
    for line in found.values():
        line.plan = plan
    return found[kept], found[dropped]


@transaction.atomic
def set_apart(plan: AnnualPlan, first: int, second: int, *, reason: str, by: Account) -> NoDuplicate:
    """Say that two lines are no duplicates, and why. Said twice, what was said first stands."""
    permissions.may_judge_duplicates(by, plan).require()
    reason = written(reason, NoDuplicate.reason.field, missing=_("Say why these are no duplicates."))
    held = hold(plan, *permissions.TRIED_IN)
    low, high = sorted(line.number for line in _both(held, first, second))
    made, new = NoDuplicate.objects.get_or_create(
        plan=held, first=low, second=high, defaults={"reason": reason, "by": by}
    )
    if new:
        audit.record("plans.lines_set_apart", held, by=by, line=low, merged=high)
    return made


@transaction.atomic
def look_again(plan: AnnualPlan, first: int, second: int, *, by: Account) -> None:
    """Take back that two lines are no duplicates."""
    permissions.may_judge_duplicates(by, plan).require()
    held = hold(plan, *permissions.TRIED_IN)
    low, high = sorted((first, second))
    if NoDuplicate.objects.filter(plan=held, first=low, second=high).delete()[0]:
        audit.record("plans.lines_looked_at_again", held, by=by, line=low, merged=high)
