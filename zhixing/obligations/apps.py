from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class ObligationsConfig(AppConfig):
    name = "zhixing.obligations"
    label = "obligations"

    def ready(self) -> None:
        from zhixing.obligations import jobs  # noqa: F401  registers the work
        from zhixing.people.signals import persons_changed

        persons_changed.connect(_recompute, dispatch_uid="obligations.recompute")


def _recompute(sender: Any, person_ids: list[int], **_kwargs: Any) -> None:
    from zhixing.obligations.actions import enqueue_refresh

    enqueue_refresh(person_ids)
