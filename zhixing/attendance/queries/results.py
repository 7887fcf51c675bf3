"""What each person of a class run has attended, and whether that completes it by the rules."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from zhixing.attendance import rules
from zhixing.attendance.models import Register, Withdrawal
from zhixing.attendance.queries.budgets import Budget, budgets
from zhixing.attendance.queries.registers import listed
from zhixing.callups.models import Callup
from zhixing.plans.models import ClassRun


@dataclass(frozen=True)
class Result:
    """``attended`` and ``held`` are tenths: earned by the person, and of all sessions whose register is closed.

    ``kept``: the department decided that the person stays although the cap was passed.
    """

    callup: Callup
    attended: int
    held: int
    budget: Budget
    kept: bool

    @property
    def completes(self) -> bool:
        return self.kept or rules.in_force().completes(self.attended, self.held)


def result_of(callup: Callup) -> Result:
    """The result of one call-up, on the list or not."""
    return _results(Callup.objects.filter(pk=callup.pk), callup.class_run)[0]


def results_of(class_run: ClassRun) -> list[Result]:
    """One result for each person on the list, in list order."""
    return _results(listed(class_run), class_run)


def _results(found: QuerySet[Callup], class_run: ClassRun) -> list[Result]:
    closed = Q(marks__register__state=Register.State.CLOSED)
    rows = found.select_related("person", "unit", "class_run")
    callups = list(
        rows.annotate(attended=Sum("marks__tenths", filter=closed, default=0)).order_by("unit__path", "person__number")
    )
    held = class_run.sessions.filter(register__state=Register.State.CLOSED).aggregate(n=Sum("tenths"))["n"] or 0
    dismissed = Withdrawal.objects.filter(state=Withdrawal.State.DISMISSED, decided_by_id__isnull=False)
    kept = set(dismissed.filter(callup__in=callups).values_list("callup_id", flat=True))
    by_key = budgets(callups)
    return [Result(c, c.attended, held, by_key[c.pk], c.pk in kept) for c in callups]
