from __future__ import annotations

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "zhixing.archive"
    label = "archive"

    def ready(self) -> None:
        from zhixing.archive import jobs  # noqa: F401  registers the work
