"""Writing postings: nothing is overwritten, a new post closes the old one the day before it begins."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.sheets.ranks import GRADES, RANKS
from zhixing.people import current, permissions
from zhixing.people.actions.by_hand import fold_posting
from zhixing.people.models import Account, Person, Posting, Unit
from zhixing.people.signals import persons_changed

LEADING_RANKS = tuple(rank for rank in RANKS if rank not in {"科员", "办事员"})
"""职务层次 of leading posts, highest first: only these can be promoted to."""


class Post(TypedDict, total=False):
    """What a posting holds beside its unit and its days."""

    department: str
    title: str
    rank: str
    grade: str
    rank_since: dt.date | None
    grade_since: dt.date | None


@transaction.atomic
def add_posting(
    person: Person,
    unit: Unit,
    *,
    by: Account,
    from_on: dt.date,
    to_on: dt.date | None = None,
    is_principal: bool = True,
    promoted: bool = False,
    **post: Unpack[Post],
) -> Posting:
    """Give ``person`` a post from ``from_on``. An open principal post closes the one held before it; whoever had left is back with it.

    Raises ``Refused`` outside the scope; ``Invalid`` for impossible days, unknown ranks and words that an import would not read.
    """
    permissions.may_change_person(by, person).require()
    permissions.may_post_to(by, unit).require()
    person = lock_person(person)
    check_days(from_on, to_on)
    check_ranks(post.get("rank", ""), post.get("grade", ""))
    if from_on < person.joined_on:
        raise Invalid(_("The person joined on %(day)s only.") % {"day": person.joined_on.isoformat()})
    posting = Posting(
        person=person, unit=unit, from_on=from_on, to_on=to_on, is_principal=is_principal, promoted=promoted, **post
    )
    fold_posting(posting)
    if is_principal and to_on is None:
        _close_open_principal(person, before=from_on)
        _take_back(person, from_on)
    posting.save()
    _finish(person, "people.posting_added", by, posting=posting.pk, unit=unit.pk, from_on=from_on, promoted=promoted)
    return posting


@transaction.atomic
def close_posting(posting: Posting, *, to_on: dt.date, by: Account) -> None:
    """End a posting; ``to_on`` is its last day. Raises ``Conflict`` when it was ended meanwhile."""
    permissions.may_change_person(by, posting.person).require()
    check_days(posting.from_on, to_on)
    lock_person(posting.person)
    if not Posting.objects.filter(pk=posting.pk, to_on=None).update(to_on=to_on):
        raise Conflict(_("This posting has ended already."))
    _finish(posting.person, "people.posting_closed", by, posting=posting.pk, to_on=to_on)


@transaction.atomic
def promote(
    person: Person, *, by: Account, from_on: dt.date, rank: str = "", grade: str = "", title: str | None = None
) -> Posting:
    """Raise ``person`` to a rank (职务层次) or a grade (职级): a new posting in the same unit that began with a promotion.

    Only a rise in rank begins the duty of training after promotion; a rise in grade alone does not. Raises ``Invalid`` when
    neither rises.
    """
    permissions.may_change_person(by, person).require()
    held = current.principal_on(person.postings.all(), from_on)
    if held is None:
        raise Invalid(_("The person holds no principal post on this day."))
    rises = bool(rank) and is_higher(rank, held.rank)
    if not rises and not (grade and is_higher_grade(grade, held.grade)):
        raise Invalid(_("This is no promotion: neither the rank nor the grade rises."))
    return add_posting(
        person,
        held.unit,
        by=by,
        from_on=from_on,
        promoted=rises,
        department=held.department,
        title=held.title if title is None else title,
        rank=rank or held.rank,
        grade=grade or held.grade,
        rank_since=from_on if rank else held.rank_since,
        grade_since=from_on if grade else held.grade_since,
    )


def is_higher(rank: str, than: str) -> bool:
    """Whether a 职务层次 is one of a leading post and lies above another one (or above none)."""
    if rank not in LEADING_RANKS:
        return False
    return than not in LEADING_RANKS or LEADING_RANKS.index(rank) < LEADING_RANKS.index(than)


def is_higher_grade(grade: str, than: str) -> bool:
    return grade in GRADES and (than not in GRADES or GRADES.index(grade) < GRADES.index(than))


def lock_person(person: Person) -> Person:
    """The row as it is now, held until the end of the transaction."""
    return Person.objects.select_for_update().get(pk=person.pk)


def check_days(from_on: dt.date, to_on: dt.date | None) -> None:
    today = timezone.localdate()
    if from_on > today or (to_on is not None and to_on > today):
        raise Invalid(_("This day lies in the future. Enter the change when it holds."))
    if to_on is not None and to_on < from_on:
        raise Invalid(_("A posting ends after it began."))


def check_ranks(rank: str, grade: str) -> None:
    if (rank and rank not in RANKS) or (grade and grade not in GRADES):
        raise Invalid(_("This rank or grade is not known."))


def _close_open_principal(person: Person, *, before: dt.date) -> None:
    held = person.postings.filter(is_principal=True, to_on=None).first()
    if held is None:
        return
    if held.from_on >= before:
        raise Invalid(
            _("The present post began on %(day)s; the new one must begin later.") % {"day": held.from_on.isoformat()}
        )
    person.postings.filter(pk=held.pk).update(to_on=before - dt.timedelta(days=1))


def _take_back(person: Person, from_on: dt.date) -> None:
    """Take the end of service away from somebody who had left."""
    if person.left_on is None:
        return
    if from_on <= person.left_on:
        raise Invalid(
            _("The person served until %(day)s; the new post begins later.") % {"day": person.left_on.isoformat()}
        )
    Person.objects.filter(pk=person.pk).update(left_on=None, status=Person.Status.SERVING)


def _finish(person: Person, action: str, by: Account, **details: object) -> None:
    person = Person.objects.get(pk=person.pk)
    current.refresh([person], timezone.localdate())
    audit.record(action, person, by=by, **details)
    persons_changed.send(Person, person_ids=[person.pk])
