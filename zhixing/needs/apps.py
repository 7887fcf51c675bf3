from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from zhixing.resources.needed import Needed


class NeedsConfig(AppConfig):
    name = "zhixing.needs"
    label = "needs"

    def ready(self) -> None:
        from zhixing.needs import jobs  # noqa: F401  the works register themselves
        from zhixing.resources.needed import needs_told_by

        needs_told_by(needed)


def needed() -> Needed:
    from zhixing.needs.needed import needed_in_the_city

    return needed_in_the_city()
