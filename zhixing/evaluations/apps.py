from __future__ import annotations

from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "zhixing.evaluations"
    label = "evaluations"

    def ready(self) -> None:
        from zhixing.evaluations import jobs  # noqa: F401  registers the work
