"""Every write about courses: their versions, what evaluation decided, and the review for 精品课."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict
from zhixing.people.models import Account, Unit
from zhixing.resources import permissions
from zhixing.resources.actions.keeping import linked, write_row
from zhixing.resources.models import Course, CourseReview, CourseVersion, FlagshipStep

Flagship = Course.Flagship
VERSIONED = ("outline", "tenths")
"""What is kept as it was before."""


@transaction.atomic
def save_course(facts: Mapping[str, Any], *, by: Account, course: Course | None = None, note: str = "") -> Course:
    """Enter a course, or change one; another outline or other hours make a new version, with ``note`` on what changed."""
    note = written(note, CourseVersion.note.field)
    if course is not None:  # of two at once the second sees the version of the first
        course = Course.objects.select_for_update(of=("self",), no_key=True).get(pk=course.pk)
    before = tuple(getattr(course, name) for name in VERSIONED) if course else None
    row = course or Course()
    kept = write_row(row, linked(facts, row), by=by)
    if before != tuple(getattr(kept, name) for name in VERSIONED):
        last = kept.versions.first()
        CourseVersion.objects.create(
            course=kept,
            number=last.number + 1 if last else 1,
            outline=kept.outline,
            tenths=kept.tenths,
            note=note,
            by=by,
        )
    return kept


def follow_decision(institution: Unit, title: str, choice: str, *, by: Account) -> None:
    """Evaluation decided about what ``institution`` teaches under ``title``: the course of that name in the bank stands so.

    Called by the app that decides, inside its transaction and after its own permission.
    """
    for course in Course.objects.filter(institution=institution, title=title).exclude(standing=choice):
        course.standing = choice
        course.save(update_fields=("standing",))
        audit.record("resources.course_decided", course, by=by, decision=choice)


@transaction.atomic
def propose_flagship(course: Course, reason: str, *, by: Account) -> None:
    permissions.may_propose(by, course).require()
    reason = written(reason, FlagshipStep.reason.field, missing=_("Say why this course is an example to others."))
    _step(course, Flagship.PROPOSED, reason, permissions.round_of(course) + 1, by, proposed_by=by)


@transaction.atomic
def review_course(course: Course, in_favour: bool, text: str, *, by: Account) -> CourseReview:
    """One named person's word on a proposed course. Raises ``Conflict`` for a second one."""
    permissions.may_review(by, course).require()
    text = written(text, CourseReview.text.field, missing=_("A review needs its grounds."))
    try:
        with transaction.atomic():
            made = CourseReview.objects.create(
                course=course, round=permissions.round_of(course), in_favour=in_favour, text=text, by=by
            )
    except IntegrityError as error:
        raise Conflict(_("You have reviewed this course already.")) from error
    audit.record("resources.course_reviewed", course, by=by)
    return made


@transaction.atomic
def choose_flagship(course: Course, chosen: bool, reason: str, *, by: Account) -> None:
    """The department's decision, with its reason, whatever most reviews say."""
    permissions.may_choose(by, course).require()
    reason = written(reason, FlagshipStep.reason.field, missing=_("A decision needs its reason."))
    _step(course, Flagship.YES if chosen else Flagship.NO, reason, permissions.round_of(course), by)


@transaction.atomic
def unchoose_flagship(course: Course, reason: str, *, by: Account) -> None:
    permissions.may_unchoose(by, course).require()
    reason = written(reason, FlagshipStep.reason.field, missing=_("A decision needs its reason."))
    _step(course, Flagship.NONE, reason, permissions.round_of(course), by)


def _step(course: Course, after: str, reason: str, number: int, by: Account, **facts: Any) -> None:
    """By conditional update: of two at once only one takes it."""
    if not Course.objects.filter(pk=course.pk, flagship=course.flagship).update(flagship=after, **facts):
        raise Conflict(_("Somebody else has just taken this step."))
    course.flagship = after
    for name, value in facts.items():
        setattr(course, name, value)
    FlagshipStep.objects.create(course=course, round=number, state=after, reason=reason, by=by)
    audit.record("resources.flagship_moved", course, by=by, state=after)
