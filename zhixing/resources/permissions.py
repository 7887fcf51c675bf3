"""Who may keep the resource banks: the department and the training institutions, each its own; the city's rows only the city's department."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.people import permissions as people
from zhixing.people.models import Account, Unit
from zhixing.resources.models import Case, Course, Kept, Practice, Teacher

State, Flagship = Case.State, Course.Flagship


def may_keep(user: Account, institution: Unit | None) -> Verdict:
    """Write rows that ``institution`` keeps (none: the city)."""
    if not (user.is_department or user.is_school):
        return no(_("Only the department and training institutions keep the resource banks."))
    if user.is_class_head:
        return no(_("A class head keeps no resource bank."))
    if people.is_within(user, institution) or (institution is None and user.is_department and user.sees_the_city):
        return YES
    return no(_("This row is kept by somebody else: by the city's department or another institution."))


def may_change(user: Account, row: Teacher | Kept) -> Verdict:
    return may_keep(user, row.institution)


def may_retire(user: Account, row: Teacher | Kept) -> Verdict:
    if row.retired_on is not None:
        return no(_("This row is retired already."))
    return may_change(user, row)


def may_take_back(user: Account, row: Teacher | Kept) -> Verdict:
    if row.retired_on is None:
        return no(_("This row is not retired."))
    return may_change(user, row)


def may_open_account(user: Account, teacher: Teacher) -> Verdict:
    """Make the account with which the teacher signs in: as for every account, the department's."""
    if teacher.account_id is not None:
        return no(_("This teacher has an account already."))
    if teacher.retired_on is not None:
        return no(_("This teacher is retired."))
    return people.may_open_account(user, teacher.institution)


def may_keep_topics(user: Account) -> Verdict:
    """All banks share the vocabulary, so the city's department keeps it."""
    if user.is_department and user.sees_the_city:
        return YES
    return no(_("Only the city's department keeps the vocabulary of topics."))


# Flagship courses


def may_propose(user: Account, course: Course) -> Verdict:
    if course.retired_on is not None or course.standing == Course.Standing.DROP:
        return no(_("This course is not taught any more."))
    if Flagship.PROPOSED not in Course.TRANSITIONS[Flagship(course.flagship)]:
        return no(_("This course is under review, or is a flagship course already."))
    return may_change(user, course)


def may_review(user: Account, course: Course) -> Verdict:
    """Anybody of a department or an institution who can see the course, but whoever proposed it; once in each round."""
    if course.flagship != Flagship.PROPOSED:
        return no(_("This course is not under review."))
    if not (user.is_department or user.is_school) or user.is_class_head:
        return no(_("Courses are reviewed by people of the department and of training institutions."))
    if course.proposed_by_id == user.pk:
        return no(_("Whoever proposed the course does not review it."))
    if course.reviews.filter(round=round_of(course), by=user).exists():
        return no(_("You have reviewed this course already."))
    return YES


def may_choose(user: Account, course: Course) -> Verdict:
    """Decide about the proposal: the department that the keeper lies below, and not whoever proposed it."""
    if course.flagship != Flagship.PROPOSED:
        return no(_("This course is not under review."))
    decides = _decides_about_flagships(user, course)
    if not decides:
        return decides
    if course.proposed_by_id == user.pk:
        return no(_("Whoever proposed the course does not decide about it."))
    if course.reviews.filter(round=round_of(course)).count() < Course.REVIEWS_LEAST:
        return no(_("Two people have to review the course before it is decided."))
    return YES


def may_unchoose(user: Account, course: Course) -> Verdict:
    if course.flagship != Flagship.YES:
        return no(_("This course is no flagship course."))
    return _decides_about_flagships(user, course)


def _decides_about_flagships(user: Account, course: Course) -> Verdict:
    if user.is_department and may_keep(user, course.institution):
        return YES
    return no(_("Only the department decides about flagship courses."))


def round_of(course: Course) -> int:
    """Which proposal of the course it is: 0 before the first."""
    return course.flagship_steps.filter(state=Flagship.PROPOSED).count()


# Cases


def may_move(user: Account, case: Case, after: str) -> Verdict:
    """Take the step to ``after``. The author hands in what is written; what was handed in is reviewed by somebody else; all else does whoever keeps it."""
    if case.retired_on is not None:
        return no(_("This row is retired already."))
    if after not in Case.TRANSITIONS[State(case.state)]:
        return no(_("This step does not follow from where the case stands."))
    if case.state == State.REVIEW and case.submitted_by_id == user.pk:
        return no(_("Whoever handed the case in does not review it."))
    if case.state in Case.WRITERS_STEPS and _writes(user, case):
        return YES
    return may_change(user, case)


def may_write(user: Account, case: Case) -> Verdict:
    """Change the text: whoever keeps it; the author while it is written."""
    if case.state in Case.WRITERS_STEPS and case.retired_on is None and _writes(user, case):
        return YES
    return may_change(user, case)


def _writes(user: Account, case: Case) -> bool:
    return user.is_teacher and case.author is not None and case.author.account_id == user.pk


# Practices


def may_take_up(user: Account, practice: Practice, unit: Unit | None) -> Verdict:
    """Enter that ``unit`` took it up: whoever answers for the unit (none: any at all)."""
    if not (user.is_department or user.is_school) or user.is_class_head:
        return no(_("Only departments and training institutions enter who took a practice up."))
    if practice.retired_on is not None:
        return no(_("This row is retired already."))
    if unit is not None and not people.is_within(user, unit):
        return no(_("This unit is not in your scope."))
    return YES
