from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db.models import OuterRef
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from zhixing.plans.models import ClassRun


class CallupsConfig(AppConfig):
    name = "zhixing.callups"
    label = "callups"

    def ready(self) -> None:
        from zhixing.callups import jobs  # noqa: F401  the works register themselves
        from zhixing.callups.needs_evidence import put_missed
        from zhixing.needs.bringing import bring_by
        from zhixing.people.signals import persons_changed
        from zhixing.plans.elsewhere import count_elsewhere_by
        from zhixing.plans.short import count_held_by
        from zhixing.plans.signals import class_run_cancelled

        bring_by("callups", put_missed)
        count_held_by(people_held)
        count_elsewhere_by(people_elsewhere)
        class_run_cancelled.connect(free_later, dispatch_uid="callups.free_cancelled")
        persons_changed.connect(review_later, dispatch_uid="callups.review")


def people_held() -> Coalesce:
    """How many people are called to the class run of a row and still expected."""
    from zhixing.callups.models import Callup
    from zhixing.callups.queries import counted

    return counted(Callup.objects.in_force().filter(class_run=OuterRef("pk")))


def people_elsewhere(class_run: ClassRun) -> int:
    """How many people of the target group other authorities call on days of the class run."""
    from zhixing.callups.models import OutsideCallup
    from zhixing.callups.queries import taking_days_of

    return taking_days_of(class_run, OutsideCallup.objects.all()).order_by().values("person").distinct().count()


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
