from __future__ import annotations

from django.apps import AppConfig


class CallupsConfig(AppConfig):
    name = "zhixing.callups"
    label = "callups"
