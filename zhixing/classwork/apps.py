from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from zhixing.callups.further import Question
    from zhixing.callups.models import Callup
    from zhixing.people.models import Account


class ClassworkConfig(AppConfig):
    name = "zhixing.classwork"
    label = "classwork"

    def ready(self) -> None:
        from zhixing.callups.further import ask_further

        ask_further(lodging_question)


def lodging_question(callup: Callup, user: Account) -> Question | None:
    """Lodging, meals and transport, where the class run offers any of it; asked once somebody comes."""
    from zhixing.callups.further import Question
    from zhixing.callups.permissions import is_answerable_by
    from zhixing.classwork.models import Stay
    from zhixing.classwork.permissions import may_answer

    if callup.state != callup.State.ACCEPTED or not is_answerable_by(user, callup):
        return None
    if not may_answer(user, callup, timezone.localdate()):
        return None
    answered = Stay.objects.filter(callup=callup).exists()
    return Question(_("Lodging and meals"), reverse("classwork:stay", args=[callup.pk]), not answered)
