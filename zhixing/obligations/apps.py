from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class ObligationsConfig(AppConfig):
    name = "zhixing.obligations"
    label = "obligations"

    def ready(self) -> None:
        from zhixing.obligations import actions
        from zhixing.people.signals import persons_changed

        def refresh(person_ids: list[int], **_rest: Any) -> None:
            actions.ask_refresh(person_ids, by=None)

        persons_changed.connect(refresh, weak=False, dispatch_uid="obligations.refresh")
