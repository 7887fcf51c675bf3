"""What the diagnosis reads: hours of sessions by class run, method, teacher and trace; needs of the called and of the others; gains of tests.

A handful of queries whatever the size of the city; sums are made in the database.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest, Least

from zhixing.callups.models import Callup
from zhixing.evaluations import rules
from zhixing.evaluations.models import ExamGain
from zhixing.obligations.models import Entry, Standing
from zhixing.people.models import Account
from zhixing.plans.models import ALL, ClassRun, in_charge
from zhixing.portal.diagnosis.tracing import with_trace
from zhixing.resources.models import Teacher, Topic
from zhixing.resources.queries.links import Links
from zhixing.timetables.models import Session

YEARS: Final = 5
"""So many years make the trend."""
NO_CLASS: Final = (ClassRun.State.DRAFT, ClassRun.State.CANCELLED)
THERE: Final = (*Callup.IN_FORCE, Callup.State.NOT_COMPLETED)
FROM_REGISTERS: Final = "attendance"
"""Source of the entries that closed registers post."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose class runs are looked at: those that ``user`` answers for; without one all of them."""

    user: Account | None = None

    def of_class_runs(self, at: str = "") -> Q:
        return in_charge(self.user, at) if self.user else ALL

    @property
    def people_path(self) -> str:
        """Those who could be called: of the department's own subtree; an institution is sent people by anybody."""
        user = self.user
        if user is None or user.is_school or user.scope_unit is None:
            return ""
        return str(user.scope_unit.path)


@dataclass
class RunHours:
    """One class run with a timetable: tenths by method, by teacher (None: nobody is named) and by trace."""

    pk: int
    year: int
    sessions: int = 0
    methods: Counter[str] = field(default_factory=Counter)
    teachers: Counter[int | None] = field(default_factory=Counter)
    traces: Counter[str] = field(default_factory=Counter)

    @property
    def tenths(self) -> int:
        return sum(self.methods.values())


def class_runs_of(scope: Scope, years: Sequence[int]) -> QuerySet[ClassRun]:
    """Those that take place."""
    return ClassRun.objects.filter(scope.of_class_runs(), year__in=years).exclude(state__in=NO_CLASS)


def hours_of(scope: Scope, years: Sequence[int]) -> dict[int, list[RunHours]]:
    """Year → its class runs that have a timetable with hours, in the order of their days."""
    sessions = Session.objects.filter(scope.of_class_runs("class_run__"), class_run__year__in=years, tenths__gt=0)
    rows = (
        with_trace(sessions.exclude(class_run__state__in=NO_CLASS))
        .order_by()
        .values_list("class_run", "class_run__year", "method", "teacher", "trace")
        .annotate(all=Sum("tenths"), times=Count("pk"))
        .order_by("class_run__starts_on", "class_run__code")
    )
    found: dict[int, RunHours] = {}
    for run, year, method, teacher, trace, tenths, times in rows:
        one = found.setdefault(run, RunHours(run, year))
        one.sessions += times
        one.methods[method] += tenths
        one.teachers[teacher] += tenths
        one.traces[trace] += tenths
    by_year: dict[int, list[RunHours]] = {year: [] for year in years}
    for one in found.values():
        by_year[one.year].append(one)
    return by_year


TEACHERS_LEAST: Final = 2
"""With fewer a topic hangs on one person."""


def short_topics(scope: Scope) -> list[str]:
    """Topics that are needed, by link or by words, and of which too few teachers in use are in the register, as it stands now."""
    teachers = Teacher.objects.visible_to(scope.user) if scope.user else Teacher.objects.all()
    links = Teacher.listed_topics.through.objects.filter(teacher__in=teachers.active().order_by().values("pk"))
    counts = dict(links.order_by().values_list("topic").annotate(n=Count("pk")))
    needed = Topic.objects.filter(pk__in=list(Links.as_they_stand().topics)).values_list("pk", "name")
    return [name for pk, name in needed if counts.get(pk, 0) < TEACHERS_LEAST]


@dataclass(frozen=True)
class Needs:
    """``called``: class run → how many of those called owed how many hundredths of what they must do, before its hours counted.

    ``small``: class runs that called fewer people than may be told of; they are in no sum. ``others``: everybody else.
    """

    called: Mapping[int, Counter[int]]
    others: Counter[int]
    small: int

    @property
    def is_known(self) -> bool:
        return bool(self.called) and bool(self.others)


def needs_of(scope: Scope, year: int) -> Needs:
    """Read off the standings of that year; none are kept of earlier ones."""
    standings = Standing.objects.filter(
        on__year=year, required_tenths__gt=0, person__unit__path__startswith=scope.people_path
    )
    runs = class_runs_of(scope, [year]).order_by().values("pk")
    there = Callup.objects.filter(state__in=THERE, class_run__in=runs).order_by()
    called = there.values("person")
    others = (
        standings.exclude(person__in=called).order_by().values("person").annotate(owed=Max(_owed(F("missing_tenths"))))
    )
    before = Max(_owed(Least(F("required_tenths"), F("missing_tenths") + _credited(year))))
    by_person = dict(standings.filter(person__in=called).order_by().values_list("person").annotate(owed=before))
    by_run: dict[int, Counter[int]] = defaultdict(Counter)
    for run, person in there.values_list("class_run", "person"):
        if person in by_person:
            by_run[run][by_person[person]] += 1
    least = rules.in_force().least
    told = {run: counts for run, counts in by_run.items() if counts.total() >= least}
    return Needs(told, Counter(others.values_list("owed", flat=True)), len(by_run) - len(told))


def _owed(missing: Any) -> Any:
    """Whole hundredths of what is required."""
    return missing * 100 / F("required_tenths")


def _credited(year: int) -> Any:
    """Tenths that registers of class runs credited to the person in the year: they were owed when the person was called."""
    entries = Entry.objects.filter(person=OuterRef("person"), source__startswith=FROM_REGISTERS, earned_on__year=year)
    return Greatest(Coalesce(Subquery(entries.order_by().values("person").annotate(n=Sum("tenths")).values("n")), 0), 0)


@dataclass(frozen=True, slots=True)
class Measured:
    """What tests before and after showed of one class run, in points of 100."""

    run: int
    year: int
    value: float
    lower: float
    upper: float
    n: int


def gains_of(scope: Scope, years: Sequence[int]) -> list[Measured]:
    """The latest of each class run of which enough people took both tests."""
    rows = ExamGain.objects.filter(scope.of_class_runs("class_run__"), class_run__year__in=years)
    rows = rows.exclude(class_run__state__in=NO_CLASS).order_by("pk")
    latest = {
        run: (year, found, n) for run, year, found, n in rows.values_list("class_run", "class_run__year", "found", "n")
    }
    least = rules.in_force().least
    return [
        Measured(run, year, found["value"], found["lower"], found["upper"], n)
        for run, (year, found, n) in latest.items()
        if n >= least and all(isinstance(found.get(name), int | float) for name in ("value", "lower", "upper"))
    ]
