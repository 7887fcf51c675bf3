from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "zhixing.people"
    label = "people"

    def ready(self) -> None:
        from zhixing.people import door, jobs  # noqa: F401  receivers and the works of the job queue
