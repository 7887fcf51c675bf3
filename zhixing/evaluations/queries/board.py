"""The evaluation board (评价看板): what is due, of what a user answers for. Rates of open surveys, but nobody's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone

from zhixing.attendance.permissions import WAS_ON_THE_LIST
from zhixing.callups.models import Callup
from zhixing.evaluations import permissions
from zhixing.evaluations.actions.launching import months_after
from zhixing.evaluations.models import Assessment, AssessmentAppeal, Group, Improvement, LaunchRule, Survey
from zhixing.evaluations.models.surveys import MONTHS
from zhixing.evaluations.queries.surveys import closing_soon
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

Row = TypeVar("Row", bound=Model)
UNASKED: Final = dt.timedelta(days=183)
"""So long after its end it is still worth asking about a class run."""
BEFORE, AFTER = dt.timedelta(days=30), dt.timedelta(days=60)
"""Follow-ups of this time are told."""
SOON: Final = dt.timedelta(days=30)
SHOWN = 200
"""So many rows of a matter are drawn at most; all are counted."""


@dataclass(frozen=True)
class FollowUp:
    """A survey of a rater group some months after a class run that has not begun. ``by_itself``: a rule in force will begin it."""

    class_run: ClassRun
    months: int
    group: Group
    due_on: dt.date
    by_itself: bool

    @property
    def words(self) -> str:
        return f"{dict(MONTHS)[self.months]} · {self.group.label}"


@dataclass(frozen=True)
class Waiting:
    """An assessment under way. ``mine``: it is the reader's turn; ``late``: that turn is past its day; ``day``: until when, where there is one."""

    assessment: Assessment
    what: str
    mine: bool
    late: bool = False
    day: dt.date | None = None


@dataclass(frozen=True)
class Counts:
    """Of all that there is, drawn or not. ``missed``: follow-ups that no rule will begin; ``turns``: assessments whose turn is the reader's."""

    unasked: int
    open: int
    follow_ups: int
    missed: int
    assessments: int
    turns: int
    overdue: int
    reported: int
    soon: int

    @property
    def due(self) -> int:
        """What waits for the reader, or is late."""
        return self.unasked + self.missed + self.turns + self.overdue + self.reported


@dataclass(frozen=True)
class Board:
    """The rows that are drawn, what is the reader's turn or late first."""

    unasked: Sequence[ClassRun]
    open: Sequence[Survey]
    follow_ups: Sequence[FollowUp]
    assessments: Sequence[Waiting]
    overdue: Sequence[Improvement]
    reported: Sequence[Improvement]
    soon: Sequence[Improvement]
    counts: Counts


def board_for(user: Account, now: dt.datetime) -> Board:
    today = timezone.localdate(now)
    tasks = Improvement.objects.visible_to(user).select_related("institution", "assessment__class_run")
    still_open = tasks.filter(state=Improvement.State.OPEN)
    follow_ups = _follow_ups(user, today)
    waiting = sorted(_waiting(user, today), key=lambda one: (not one.mine, not one.late))
    not_asked, n_unasked = _drawn(unasked(user, today))
    surveys, n_open = _drawn(closing_soon(user, now))
    overdue, n_overdue = _drawn(tasks.overdue(today))
    reported, n_reported = _drawn(tasks.filter(state=Improvement.State.DONE) if user.is_department else tasks.none())
    soon, n_soon = _drawn(still_open.filter(due_on__range=(today, today + SOON)))
    counts = Counts(
        unasked=n_unasked,
        open=n_open,
        follow_ups=len(follow_ups),
        missed=sum(not one.by_itself for one in follow_ups),
        assessments=len(waiting),
        turns=sum(one.mine for one in waiting),
        overdue=n_overdue,
        reported=n_reported,
        soon=n_soon,
    )
    drawn = follow_ups[:SHOWN], waiting[:SHOWN], overdue, reported, soon
    return Board(not_asked, surveys, *drawn, counts)


def _drawn(rows: QuerySet[Row]) -> tuple[list[Row], int]:
    """What is drawn, and how many there are."""
    drawn = list(rows[:SHOWN])
    return drawn, len(drawn) if len(drawn) < SHOWN else rows.count()


def _held(user: Account) -> QuerySet[ClassRun]:
    return (
        ClassRun.objects.in_charge(user).filter(state=ClassRun.State.HELD).select_related("institution", "organised_by")
    )


def _asked(months: int, *groups: Group) -> Exists:
    """Whether these groups, or any, were asked about the whole so many months later."""
    surveys = Survey.objects.filter(class_run=OuterRef("pk"), session=None, months=months)
    return Exists(surveys.filter(group__in=groups) if groups else surveys)


def unasked(user: Account, today: dt.date) -> QuerySet[ClassRun]:
    """Class runs that ended and have no survey about the whole, the latest first; where nobody was called there is nobody to ask."""
    called = Callup.objects.filter(class_run=OuterRef("pk"), seat__isnull=False, state__in=WAS_ON_THE_LIST)
    ended = _held(user).filter(ends_on__range=(today - UNASKED, today - dt.timedelta(days=1)))
    return ended.filter(Exists(called)).exclude(_asked(0)).order_by("-ends_on", "pk")


def _follow_ups(user: Account, today: dt.date) -> list[FollowUp]:
    """Of class runs that were asked about at their end, the nearest day first: by the trainees, and by the superiors where they are asked at all."""
    rules = list(LaunchRule.objects.filter(stopped_on=None, months__gt=0).select_related("unit"))
    found = []
    for months, group in product((months for months, _words in MONTHS[1:]), (Group.TRAINEES, Group.SUPERIORS)):
        own = [one for one in rules if (one.months, one.group) == (months, group)]
        far = dt.timedelta(days=months * 31)
        near = _held(user).filter(ends_on__range=(today - BEFORE - far, today + AFTER - dt.timedelta(days=months * 28)))
        near = near.annotate(superiors=_asked(0, Group.SUPERIORS)).filter(_asked(0)).exclude(_asked(months, group))
        for run in near.order_by("ends_on", "pk"):
            due = months_after(run.ends_on, months)
            expected = group == Group.TRAINEES or run.superiors or any(_is_below(one, run) for one in own)
            if expected and today - BEFORE <= due <= today + AFTER:
                found.append(FollowUp(run, months, group, due, any(_begins(one, run, due, today) for one in own)))
    return sorted(found, key=lambda one: (one.due_on, one.class_run.pk))


def _begins(rule: LaunchRule, run: ClassRun, due: dt.date, today: dt.date) -> bool:
    """Whether the rule will ask about this class run, today or later."""
    in_time = due + dt.timedelta(days=rule.open_days) > today and rule.from_on <= run.ends_on
    return _is_below(rule, run) and in_time


def _is_below(rule: LaunchRule, run: ClassRun) -> bool:
    """Whether the rule holds for who organised the class run."""
    return run.organised_by.path.startswith(rule.unit.path) if run.organised_by else rule.unit.parent_id is None


def _waiting(user: Account, today: dt.date) -> Iterator[Waiting]:
    rows = Assessment.objects.visible_to(user).exclude(state=Assessment.State.FINAL)
    rows = rows.select_related("version__system", "institution", "class_run__institution", "class_run__organised_by")
    appeals = AssessmentAppeal.objects.filter(result__assessment__in=rows, state=AssessmentAppeal.State.OPEN)
    appealed = set(appeals.values_list("result__assessment", flat=True))
    for one in rows.order_by("report_due_on", "pk"):
        yield _turn(user, one, today, appealed=one.pk in appealed)


def _turn(user: Account, one: Assessment, today: dt.date, *, appealed: bool) -> Waiting:
    """Whose turn it is, as a word of ``views.board``."""
    own, reviews = permissions.reports_on(user, one), user.is_department
    if one.state == Assessment.State.REPORTING:
        late = one.report_due_on < today
        return Waiting(one, "report", own or (reviews and late), late, one.report_due_on)
    if one.state == Assessment.State.REVIEW:
        return Waiting(one, "review", reviews)
    if appealed:
        return Waiting(one, "appeal", reviews, late=True)
    if one.appeal_until and one.appeal_until >= today:
        return Waiting(one, "may_appeal", own, day=one.appeal_until)
    return Waiting(one, "file", reviews)
