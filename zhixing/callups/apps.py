from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext as _


class CallupsConfig(AppConfig):
    name = "zhixing.callups"
    label = "callups"

    def ready(self) -> None:
        from zhixing.callups import jobs  # noqa: F401  the works register themselves
        from zhixing.people.signals import persons_changed
        from zhixing.plans.signals import class_run_cancelled

        class_run_cancelled.connect(free_later, dispatch_uid="callups.free_cancelled")
        persons_changed.connect(review_later, dispatch_uid="callups.review")


def review_later(sender: Any, *, person_ids: list[int], **_kwargs: Any) -> None:
    """Somebody who was called may have left or moved: a job looks."""
    from zhixing.callups.actions import enqueue_review

    enqueue_review(person_ids)


def free_later(sender: Any, *, class_run_id: int, by_id: int, **_kwargs: Any) -> None:
    """A cancelled class run calls nobody: a job withdraws its call-ups."""
    from zhixing.base import jobs
    from zhixing.people.models import Account

    label = _("Withdraw the call-ups of a cancelled class run")
    by = Account.objects.get(pk=by_id)
    jobs.start("callups.free_cancelled", label=label, by=by, class_run_id=class_run_id, by_id=by_id)
