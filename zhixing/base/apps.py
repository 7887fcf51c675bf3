from __future__ import annotations

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "zhixing.base"
    label = "base"
