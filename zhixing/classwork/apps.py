from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from zhixing.callups.further import Question
    from zhixing.callups.models import Callup
    from zhixing.people.models import Account


class ClassworkConfig(AppConfig):
    name = "zhixing.classwork"
    label = "classwork"

    def ready(self) -> None:
        from zhixing.callups.further import ask_further
        from zhixing.classwork import jobs  # noqa: F401  the work registers itself
        from zhixing.plans.signals import class_run_cancelled, class_run_held

        ask_further(lodging_question)
        for over in (class_run_cancelled, class_run_held):
            over.connect(forget_later, dispatch_uid="classwork.forget_notes")


def forget_later(sender: Any, *, class_run_id: int, by_id: int, **_kwargs: Any) -> None:
    """Notes for the kitchen may tell a faith or an illness: nobody needs them once the class run is over."""
    from zhixing.base import jobs
    from zhixing.people.models import Account

    by = Account.objects.get(pk=by_id)
    jobs.start("classwork.forget_notes", label=_("Blank the notes for the kitchen"), by=by, class_run_id=class_run_id)


def lodging_question(callup: Callup, user: Account) -> Question | None:
    """Lodging, meals and transport, where the class run offers any of it; asked once somebody comes, and after the last day to read."""
    from zhixing.callups.further import Question
    from zhixing.callups.permissions import is_answerable_by
    from zhixing.classwork.models import Stay
    from zhixing.classwork.permissions import may_answer
    from zhixing.classwork.queries import offer_of

    if callup.state != callup.State.ACCEPTED or not is_answerable_by(user, callup):
        return None
    offer = offer_of(callup.class_run_id)
    stay = Stay.objects.filter(callup=callup).select_related("room").first()
    if offer is None or (stay is None and not may_answer(user, callup, offer, timezone.localdate())):
        return None
    label = _("Lodging and meals")
    if stay and stay.room and offer.beds:
        label = f"{label} · {_('room %(room)s') % {'room': stay.room.name}}"
    return Question(label, reverse("classwork:stay", args=[callup.pk]), stay is None)
