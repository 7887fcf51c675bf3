from __future__ import annotations

from django.apps import AppConfig


class ObligationsConfig(AppConfig):
    name = "zhixing.obligations"
    label = "obligations"
