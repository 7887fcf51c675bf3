from __future__ import annotations

from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "zhixing.evaluations"
    label = "evaluations"
