"""What each person of a class run has attended, and whether that completes it by the rules."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from zhixing.attendance import rules
from zhixing.attendance.models import Register, Withdrawal
from zhixing.attendance.queries.budgets import Budget, budgets
from zhixing.attendance.queries.registers import called_to, listed
from zhixing.callups.models import Callup
from zhixing.plans.models import ClassRun


@dataclass(frozen=True)
class Result:
    """Tenths: ``attended`` is earned by the person, ``held`` is of all sessions whose register is closed, ``planned`` of all sessions.

    ``kept``: the department decided that the person stays although the cap was passed.
    """

    callup: Callup
    attended: int
    held: int
    planned: int
    budget: Budget
    kept: bool

    @property
    def completes(self) -> bool:
        """By the rules, when the person misses nothing more; at the end nothing is left to be missed."""
        to_come = self.planned - self.held
        return self.kept or rules.in_force().completes(self.attended + to_come, self.planned)

    @property
    def stands(self) -> bool:
        """What was decided when the class run ended; until then what the rules say."""
        decided = {Callup.State.COMPLETED: True, Callup.State.NOT_COMPLETED: False}
        return decided.get(Callup.State(self.callup.state), self.completes)


def result_of(callup: Callup) -> Result:
    """The result of one call-up, on the list or not."""
    return _results(Callup.objects.filter(pk=callup.pk), callup.class_run)[0]


def results_of(class_run: ClassRun) -> list[Result]:
    """One result for each person on the list, in list order."""
    return _results(listed(class_run), class_run)


def all_results_of(class_run: ClassRun) -> list[Result]:
    """Also those whose result stands already."""
    return _results(called_to(class_run), class_run)


def _results(found: QuerySet[Callup], class_run: ClassRun) -> list[Result]:
    closed = Q(marks__register__state=Register.State.CLOSED)
    rows = found.select_related("person", "unit", "class_run")
    callups = list(
        rows.annotate(attended=Sum("marks__tenths", filter=closed, default=0)).order_by("unit__path", "person__number")
    )
    is_closed = Q(register__state=Register.State.CLOSED)
    tenths = class_run.sessions.aggregate(
        held=Sum("tenths", filter=is_closed, default=0), planned=Sum("tenths", default=0)
    )
    dismissed = Withdrawal.objects.filter(state=Withdrawal.State.DISMISSED, decided_by_id__isnull=False)
    kept = set(dismissed.filter(callup__in=callups).values_list("callup_id", flat=True))
    by_key = budgets(callups)
    return [Result(c, c.attended, tenths["held"], tenths["planned"], by_key[c.pk], c.pk in kept) for c in callups]
