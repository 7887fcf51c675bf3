"""Who organises a class and hands out its materials: whoever runs it, until it is over. Stock is kept by the institution."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.callups.models import Callup
from zhixing.callups.permissions import is_answerable_by
from zhixing.classwork.models import Offer
from zhixing.people.models import Account, Unit
from zhixing.people.permissions import OUTSIDE, is_within
from zhixing.plans.models import ClassRun
from zhixing.plans.permissions import holds, may_complete, organises


def may_organise(user: Account, class_run: ClassRun) -> Verdict:
    """Groups, leaders and committee."""
    if not (organises(user, class_run) or holds(user, class_run)):
        return no(_("Only the department and the institution that holds the class run may do this."))
    if class_run.state not in {ClassRun.State.CALLED, ClassRun.State.RUNNING}:
        return no(_("This is done once people are called, and until the class run is over."))
    return YES


def may_keep_stock(user: Account, institution: Unit | None) -> Verdict:
    """Enter titles and change the stock: staff of the institution and the department above it; a class head only hands out."""
    if not (user.is_department or user.is_school) or user.is_class_head:
        return no(_("Stock is kept by the institution and the department."))
    return YES if is_within(user, institution) else no(OUTSIDE)


def may_hand_out(user: Account, class_run: ClassRun) -> Verdict:
    return may_organise(user, class_run)


def may_take_back(user: Account, class_run: ClassRun) -> Verdict:
    """Also after the class run is over: that is when books come back."""
    if class_run.state == ClassRun.State.HELD and (organises(user, class_run) or holds(user, class_run)):
        return YES
    return may_organise(user, class_run)


def may_offer(user: Account, class_run: ClassRun) -> Verdict:
    """What is offered, and the rooms: whoever runs the class, from the plan until it is over."""
    return may_complete(user, class_run)


def may_answer(user: Account, callup: Callup, offer: Offer | None, today: dt.date) -> Verdict:
    """The person and the liaison until the day set; staff of the class run as long as it is not over. ``offer`` is what the class run offers."""
    if offer is None:
        return no(_("This class run offers neither lodging nor meals nor transport."))
    if callup.seat is None or callup.state not in Callup.TO_COME:
        return no(_("This person is not on the list of the class run."))
    if may_offer(user, callup.class_run):
        return YES
    if not is_answerable_by(user, callup):
        return no(_("Only the person called and the liaison of the unit may answer."))
    if today > offer.closes_on:
        return no(_("Answers could change until %(day)s. Turn to the class head.") % {"day": offer.closes_on})
    return YES
