"""The register of problems: entered by liaisons, weighed, merged and answered by the department."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.models import Notice
from zhixing.base.notices import tell_each
from zhixing.base.problems import Conflict, Invalid
from zhixing.needs import permissions
from zhixing.needs.actions.priorities import check_competencies, check_weight
from zhixing.needs.models import Competency, WorkProblem
from zhixing.people.models import Account, Unit

State = WorkProblem.State


@transaction.atomic
def enter_problem(unit: Unit, text: str, kind: str, sort: str, *, year: int, by: Account) -> WorkProblem:
    """Raises ``Invalid``, and ``Conflict`` where the same was entered and is still open."""
    permissions.may_enter_problem(by, unit).require()
    text = written(text, WorkProblem.text.field, missing=_("Write what the problem is."))
    if kind not in WorkProblem.Kind.values or sort not in WorkProblem.Sort.values:
        raise Invalid(_("Choose what kind and sort of problem it is."))
    Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=unit.pk)
    if WorkProblem.objects.filter(unit=unit, year=year, text=text, state=State.OPEN).exists():
        raise Conflict(_("This problem is in the register already."))
    made = WorkProblem.objects.create(year=year, unit=unit, kind=kind, sort=sort, text=text, by=by)
    audit.record("needs.problem_entered", made, by=by, unit=unit.pk)
    return made


def _hold(problem: WorkProblem) -> WorkProblem:
    return WorkProblem.objects.select_for_update(of=("self",)).select_related("unit").get(pk=problem.pk)


@transaction.atomic
def weigh_problem(
    problem: WorkProblem, weight: int, reason: str, competencies: Sequence[Competency], *, by: Account
) -> None:
    """How much it counts and which competencies would help. Raises ``Invalid``."""
    held = _hold(problem)
    permissions.may_settle_problem(by, held).require()
    check_weight(weight)
    check_competencies(competencies, by)
    held.weight = weight
    held.weight_reason = written(reason, WorkProblem.weight_reason.field, missing=_("Say why it weighs so much."))
    held.save(update_fields=("weight", "weight_reason"))
    held.competencies.set(competencies)
    audit.record("needs.problem_weighed", held, by=by, weight=weight)


@transaction.atomic
def merge_problem(problem: WorkProblem, into: WorkProblem, *, by: Account) -> None:
    """``problem`` is the same as ``into``, with which it is answered. What was merged into it goes along, so that nothing hangs in a chain."""
    first, second = (_hold(one) for one in sorted((problem, into), key=lambda one: one.pk))
    held, target = (first, second) if first.pk == problem.pk else (second, first)
    permissions.may_settle_problem(by, held).require()
    permissions.may_settle_problem(by, target).require()
    if held.pk == target.pk:
        raise Invalid(_("A problem cannot be merged into itself."))
    if held.year != target.year:
        raise Invalid(_("Merge problems of the same year only."))
    WorkProblem.objects.filter(merged_into=held).update(merged_into=target)
    held.state, held.merged_into = State.MERGED, target
    held.save(update_fields=("state", "merged_into"))
    audit.record("needs.problem_merged", held, by=by, into=target.pk)


@transaction.atomic
def part_problem(problem: WorkProblem, *, by: Account) -> None:
    """Take a merged one out again: it stands for itself."""
    held = _hold(problem)
    permissions.may_part_problem(by, held).require()
    held.state, held.merged_into = State.OPEN, None
    held.save(update_fields=("state", "merged_into"))
    audit.record("needs.problem_parted", held, by=by)


@transaction.atomic
def answer_problem(problem: WorkProblem, answer: str, *, by: Account, now: dt.datetime | None = None) -> None:
    """Once; all that were merged into it are answered with it."""
    held = _hold(problem)
    permissions.may_settle_problem(by, held).require()
    text = written(answer, WorkProblem.answer.field, missing=_("Write the answer."))
    moved = WorkProblem.objects.filter(pk=held.pk, state=State.OPEN).update(
        state=State.ANSWERED, answer=text, answered_by=by, answered_at=now or timezone.now()
    )
    if not moved:
        raise Conflict(permissions.LONG_DONE)
    _tell_reporters(held, by)
    audit.record("needs.problem_answered", held, by=by)


def _tell_reporters(problem: WorkProblem, by: Account) -> None:
    """Whoever entered the problem, or one that was merged into it: each is led to the own one."""
    told = WorkProblem.objects.filter(Q(pk=problem.pk) | Q(merged_into=problem)).exclude(by=by).select_related("by")
    title = _("Answered: %(problem)s")
    tell_each(
        [
            Notice(
                recipient_id=one.by_id,
                kind="problem_answered",
                title=(title % {"problem": one.text})[:200],
                link=reverse("needs:problem", args=[one.pk]),
                email=one.by.email,
            )
            for one in told.filter(by__is_active=True).order_by("pk")
        ]
    )
