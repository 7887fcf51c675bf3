from __future__ import annotations

from django.apps import AppConfig


class NeedsConfig(AppConfig):
    name = "zhixing.needs"
    label = "needs"

    def ready(self) -> None:
        from zhixing.needs import jobs  # noqa: F401  the works register themselves
