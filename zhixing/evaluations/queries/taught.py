"""What session surveys say of courses and of teachers: raw means, and what is left when teacher, course and occasion are told apart.

A course is what one institution teaches under one title. Counted are the marks of trainees in closed surveys about single sessions; a session of which
fewer sheets came than may be shown counts nowhere, so that nobody finds it by subtraction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from django.db.models import Count, F, Q, Sum

from zhixing.engine.questionnaires import Mean, mean_of, mean_of_sums
from zhixing.evaluations.models import Group, Sheet, Survey
from zhixing.evaluations.queries.surveys import publishable
from zhixing.evaluations.reckoned import reckoned
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun, in_charge

Level = TypeVar("Level", bound=Hashable)

TOOK_PLACE: Final = (ClassRun.State.RUNNING, ClassRun.State.HELD)
"""Of class runs in any other state the sessions are planned, and did not come about when their day is past."""


class Course(NamedTuple):
    """``institution``: its key."""

    institution: int
    title: str


@dataclass(frozen=True, slots=True)
class Rated:
    """One session with its ``n`` sheets: the sum of their scores and that of the squares, in hundredths of a point."""

    session: int
    course: Course
    teacher: int | None
    n: int
    total: int
    squares: int

    @property
    def mean(self) -> float:
        return self.total / (100 * self.n)


def raw_of(sessions: Iterable[Rated]) -> Mean | None:
    """The mean of all sheets of the sessions."""
    own = [(one.n, one.total, one.squares) for one in sessions]
    n, total, squares = (sum(part) for part in zip(*own, strict=True)) if own else (0, 0, 0)
    return mean_of_sums(n, total, squares)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one course or teacher. ``raw``: the mean of all sheets as they stand. ``corrected``: with the interval that holds beyond these occasions.

    ``together``: whether corrected for teachers, courses and occasions by one model of all sheets in scope; else the mean of the occasions alone."""

    sessions: int
    raw: Mean | None = None
    corrected: Mean | None = None
    together: bool = False

    @property
    def sheets(self) -> int:
        return self.raw.n if self.raw else 0

    def kept(self) -> dict[str, Any]:
        """What a decision keeps of it."""
        return {
            "sessions": self.sessions,
            "sheets": self.sheets,
            "together": self.together,
            "raw": _rounded(self.raw),
            "corrected": _rounded(self.corrected),
        }

    @property
    def mark(self) -> str:
        """Another one for other figures: by it a form tells which ones its page showed."""
        return hashlib.sha256(json.dumps(self.kept(), sort_keys=True).encode()).hexdigest()[:16]

    @classmethod
    def of_kept(cls, kept: Mapping[str, Any]) -> Evidence:
        raw, corrected = (
            Mean(kept["sheets"], *kept[name]) if kept.get(name) else None for name in ("raw", "corrected")
        )
        return cls(kept.get("sessions", 0), raw, corrected, kept.get("together", False))


NOTHING: Final = Evidence(0)


def _rounded(mean: Mean | None) -> list[float | None] | None:
    if mean is None:
        return None
    return [None if one is None else round(one, 1) for one in (mean.mean, mean.low, mean.high)]


def rated_sessions(user: Account, more: Q | None = None) -> list[Rated]:
    """Of the class runs that ``user`` answers for; a teacher: the own sessions."""
    own = Q(teacher__account=user) if user.is_teacher else in_charge(user, "class_run__")
    return rated_where(own & (more or Q()))


def rated_where(condition: Q) -> list[Rated]:
    """Of all surveys that meet ``condition``, whoever asks; of two about one session each counts only if it is large enough by itself."""
    about = Survey.objects.filter(condition, group=Group.TRAINEES, session__isnull=False)
    closed = publishable(about.filter(class_run__institution__isnull=False))
    sheets = Sheet.objects.filter(survey__in=closed.order_by().values("pk"), score__isnull=False)
    about_what = ("survey__session", "survey__class_run__institution", "survey__title", "survey__teacher")
    rows = (
        sheets.order_by(*about_what)
        .values_list(*about_what)
        .annotate(n=Count("pk"), all=Sum("score"), squares=Sum(F("score") * F("score")))
    )
    return [
        Rated(session, Course(institution, title), teacher, *sums)
        for session, institution, title, teacher, *sums in rows
    ]


ALL: Final = "all"
"""Of ``scope_of``: every class run, whoever answers for it."""


def scope_of(user: Account) -> str:
    """Whose figures are kept together once they are reckoned."""
    return f"account {user.pk}" if user.is_teacher or user.is_class_head else f"unit {user.scope_unit_id}"


def of_courses(rated: Sequence[Rated], scope: str) -> dict[Course, Evidence]:
    """``scope``: whose figures these are, such as ``scope_of``."""
    return _evidence(rated, [one.course for one in rated], "courses", scope)


def of_teachers(rated: Sequence[Rated], scope: str) -> dict[int, Evidence]:
    """Sessions without a teacher help to tell courses and occasions apart, and are nobody's."""
    found = _evidence(rated, [one.teacher for one in rated], "teachers", scope)
    return {teacher: evidence for teacher, evidence in found.items() if teacher is not None}


def _evidence(rated: Sequence[Rated], level: Sequence[Level], kind: str, scope: str) -> dict[Level, Evidence]:
    own: dict[Level, list[Rated]] = {}
    for one, of in zip(rated, level, strict=True):
        own.setdefault(of, []).append(one)
    corrected: dict[Level, list[float]] = {}
    if 1 < len(own) < len(rated):  # of a single one, or each but once, nothing tells a level from its occasions
        known = [(one.session, one.course, one.teacher, one.n, one.total) for one in rated]
        corrected = dict(zip(own, reckoned(kind, scope, known, lambda: _corrected(rated, level)), strict=False))
    return {of: _one(sessions, corrected.get(of)) for of, sessions in own.items()}


def _one(sessions: Sequence[Rated], corrected: Sequence[float] | None) -> Evidence:
    """``corrected``: lower end, mean, upper end."""
    raw = raw_of(sessions)
    n = raw.n if raw else 0
    if corrected:
        low, middle, high = (min(100.0, max(0.0, one)) for one in corrected)
        return Evidence(len(sessions), raw, Mean(n, middle, low, high), together=True)
    occasions = mean_of([one.mean for one in sessions]) if len(sessions) > 1 else None
    return Evidence(len(sessions), raw, occasions and Mean(n, occasions.mean, occasions.low, occasions.high))


def _corrected(rated: Sequence[Rated], level: Sequence[Level]) -> list[list[float]]:
    """For each level, in the order in which they come: lower end, corrected mean, upper end. Each occasion counts once: what its sheets leave open is part
    of how much occasions differ. Empty where the ratings do not tell the levels from each other."""
    # compiled loops and solvers: loaded only where they are asked for
    import pyarrow as pa

    from zhixing.engine.ratings.crossed import fit_sums
    from zhixing.engine.ratings.design import DesignError, design_of
    from zhixing.engine.ratings.posterior import posterior_of
    from zhixing.engine.ratings.sums import sums_of

    order = {one: place for place, one in enumerate(dict.fromkeys(level))}
    columns = _parted({"level": [order[one] for one in level]}, rated)
    means = {"score": [one.mean for one in rated]}
    table = pa.table({name: list(map(str, codes)) for name, codes in columns.items()} | means)
    try:
        design = design_of(table, "score", (), tuple(columns))
    except DesignError:
        return []
    sums = sums_of(design)
    found = fit_sums(sums)
    if found.tells_all:  # occasions of a level do not differ at all: there is nothing to hold its mean against
        return []
    known = posterior_of(sums, found, 0)
    low, high = (known.middle + known.quantile(share) for share in (0.025, 0.975))
    ends = zip(low.tolist(), (known.middle + known.estimate).tolist(), high.tolist(), strict=True)
    by_code = dict(zip(design.factors[0].levels, map(list, ends), strict=True))
    return [by_code[str(code)] for code in order.values()]


def _parted(columns: dict[str, list[int]], rated: Sequence[Rated]) -> dict[str, list[int]]:
    """``columns`` with those of teacher and course that part the occasions in yet another way."""
    named: tuple[tuple[str, list[Hashable]], ...] = (
        ("teacher", [one.teacher for one in rated]),
        ("course", [one.course for one in rated]),
    )
    for name, keys in named:
        order = {key: place for place, key in enumerate(dict.fromkeys(keys))}
        codes = [order[key] for key in keys]
        if 1 < len(order) < len(keys) and codes not in columns.values():
            columns[name] = codes
    return columns
