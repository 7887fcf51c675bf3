"""What if (试算): asked by the department, reckoned by a job, kept; nothing of the plan changes until a person takes the proposal over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, jobs
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.annual.evidence import parts_of
from zhixing.engine.plan.changes import UnknownPart
from zhixing.engine.plan.problem import PlanProblem
from zhixing.needs.models import NeedsReckoning
from zhixing.people.models import Account
from zhixing.plans import permissions
from zhixing.plans.actions.annual_plans import hold
from zhixing.plans.actions.plan_edits import digest_of_lines, put_line, undoable, written_facts
from zhixing.plans.actions.searches import check_money, judged, needs_for, problem_for
from zhixing.plans.models import AnnualPlan, PlanEdit, PlanLine, PlanTry
from zhixing.plans.try_problem import answer_of, changed_problem, known_lines, less_money, reckoning_of

KIND: Final = "plans.try"
SECONDS: Final = 40.0
AT_WORK: Final = (Job.State.QUEUED, Job.State.RUNNING)


@transaction.atomic
def ask_what_if(plan: AnnualPlan, asked: Mapping[str, Any], *, by: Account) -> PlanTry:
    """Queue the reckoning. The same question, asked again while it is being answered, is the same trial. Raises ``Invalid`` with what is missing."""
    permissions.may_try(by, plan).require()
    held = hold(plan, *permissions.TRIED_IN)
    _needed(held)
    if not asked:
        raise Invalid(_("Say what should be different: money, an institution, a priority …"))
    for one in held.tries.filter(answered_at=None).order_by("-pk")[:20]:
        if one.asked == asked and one.job and Job.objects.filter(pk=one.job, state__in=AT_WORK).exists():
            return one
    made = PlanTry.objects.create(plan=held, asked=dict(asked), by=by)
    link = reverse("plans:try", args=[held.pk, made.pk])
    label = _("What if: %(plan)s") % {"plan": held.title}
    made.job = jobs.start(KIND, label=label, by=by, link=link, key=made.pk).pk
    made.save(update_fields=["job"])
    audit.record("plans.try_asked", held, by=by)
    return made


def _needed(plan: AnnualPlan) -> NeedsReckoning:
    check_money(plan)
    return needs_for(plan, reckoning_of(plan))


def answer_try(key: int, heard: Callable[[float], None]) -> dict[str, Any]:
    """Reckon and keep the answer. Raises ``Invalid`` with what is wrong with the needs, the programmes or the question."""
    one = PlanTry.objects.select_related("plan__unit", "plan__reckoning").get(pk=key)
    reckoning = _needed(one.plan)
    heard(0.0)
    return keep_answer(one, problem_for(one.plan, reckoning), reckoning, heard)


def keep_answer(
    one: PlanTry, problem: PlanProblem, reckoning: NeedsReckoning, heard: Callable[[float], None] | None = None
) -> dict[str, Any]:
    """``problem``: of the plan as it is."""
    from zhixing.engine.plan.search import propose

    plan = one.plan
    lines = list(plan.lines.standing().order_by("number"))
    digest = digest_of_lines(plan, lines)
    known = known_lines(problem, lines)
    without = frozenset(part.key for line in lines for part in parts_of(line.evidence) if part.aside and part.key)
    changed = _changed(problem, one.asked, without)
    changed = less_money(changed, known.aside_cents)
    if changed.money < 0:
        raise Invalid(
            _("The lines that stay as they are cost more than there would be. Change or remove some of them.")
        )
    result = propose(changed, seconds=SECONDS, start=known.lines, progress=heard)
    after = judged(changed, result)
    answer = answer_of(less_money(problem, known.aside_cents), changed, known, result, after, reckoning)
    now = {"answer": answer, "digest": digest, "answered_at": timezone.now()}
    PlanTry.objects.filter(pk=one.pk, answered_at=None).update(**now)
    return {"outcome": str(result.status)}


def _changed(problem: PlanProblem, asked: Mapping[str, Any], without: frozenset[str]) -> PlanProblem:
    try:
        changed = changed_problem(problem, asked, without)
    except UnknownPart as error:
        if error.kind == "group":
            raise Invalid(
                _("The target group of the priority matches nobody: nobody of that rank serves here.")
            ) from error
        raise Invalid(_("An institution that should be closed has no room in this year anyway.")) from error
    if not changed.institutions:
        raise Invalid(_("Without any institution nothing can be held: leave one open."))
    return changed


@transaction.atomic
def take_over(one: PlanTry, *, by: Account) -> PlanEdit:
    """Put the proposal of a trial into the draft that it was reckoned from; one edit, which can be undone."""
    permissions.may_work_on(by, one.plan).require()
    held = hold(one.plan, AnnualPlan.State.DRAFT)
    found = PlanTry.objects.select_for_update(of=("self",)).select_related("taken").get(pk=one.pk)
    if found.standing:
        raise Conflict(_("This proposal was taken over already."))
    rows = found.answer.get("lines", [])
    if not rows:
        raise Invalid(_("There is nothing to take over."))
    if digest_of_lines(held, held.lines.all()) != found.digest:
        raise Conflict(_("The plan was changed since this was reckoned. Ask again: nothing was overwritten."))
    last = held.lines.aggregate(n=Max("number"))["n"] or 0
    new = sum(not row["numbers"] for row in rows)
    numbers = [number for row in rows for number in row["numbers"]] + list(range(last + 1, last + 1 + new))
    known = {line.number: line for line in held.lines.filter(number__in=numbers)}
    with undoable(held, PlanEdit.Kind.TRY, numbers, by) as edit:
        for row in rows:
            first, *others = row["numbers"] or [last := last + 1]
            put_line(held, first, _becomes(row, known.get(first)))
            for number in others:
                put_line(held, number, None)
    found.taken = edit
    found.save(update_fields=["taken"])
    audit.record("plans.try_taken", held, by=by, lines=len(rows))
    return edit


def _becomes(row: Mapping[str, Any], line: PlanLine | None) -> dict[str, Any] | None:
    """What a line says afterwards; of one that stays only what the trial reckoned."""
    facts = row["facts"]
    if facts is None or line is None:
        return None if facts is None else dict(facts)
    return written_facts(line) | {name: facts[name] for name in ("people", "runs", "budget", "evidence")}
