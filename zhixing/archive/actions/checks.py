"""Keeping the question of a promotion check."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from zhixing.archive import permissions
from zhixing.archive.models import PromotionCheck
from zhixing.archive.queries.mentions import find_people
from zhixing.base import audit
from zhixing.base.problems import Invalid
from zhixing.engine.sheets.mentions import Mention
from zhixing.people.models import Account

PEOPLE_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class NewCheck:
    on: dt.date
    known_on: dt.date
    mentions: Sequence[Mention]
    title: str = ""


@transaction.atomic
def ask_check(new: NewCheck, by: Account) -> PromotionCheck:
    """Find who is meant and keep the list. Raises ``Refused``, and ``Invalid`` for a list that names nobody or too many."""
    permissions.may_check_promotion(by).require()
    if not new.mentions:
        raise Invalid(_("The list names nobody."))
    if len(new.mentions) > PEOPLE_MAX:
        raise Invalid(_("A check takes at most %(n)d people: split the list.") % {"n": PEOPLE_MAX})
    found = find_people(new.mentions, by)
    check = PromotionCheck.objects.create(
        title=new.title,
        on=new.on,
        known_on=new.known_on,
        people=[person.pk for person in found.people],
        problems=[dataclasses.asdict(one) for one in found.problems],
        by_id=by.pk,
    )
    audit.record("archive.check_asked", check, by=by, on=check.on, people=len(check.people))
    return check
