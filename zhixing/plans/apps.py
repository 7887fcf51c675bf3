from __future__ import annotations

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "zhixing.plans"
    label = "plans"

    def ready(self) -> None:
        from zhixing.plans import jobs  # noqa: F401  the works register themselves
