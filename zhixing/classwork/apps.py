from __future__ import annotations

from django.apps import AppConfig


class ClassworkConfig(AppConfig):
    name = "zhixing.classwork"
    label = "classwork"
