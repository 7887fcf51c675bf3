from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "zhixing.portal"
    label = "portal"

    def ready(self) -> None:
        from zhixing.evaluations.needs_evidence import put_courses
        from zhixing.needs.bringing import bring_by

        bring_by("evaluations", put_courses)
