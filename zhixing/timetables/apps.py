from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


class TimetablesConfig(AppConfig):
    name = "zhixing.timetables"
    label = "timetables"

    def ready(self) -> None:
        from zhixing.resources.used import count_uses_by

        count_uses_by(uses_of, hours_of)


def uses_of(bank: str, year: int) -> Combinable:
    from zhixing.timetables import uses

    return uses.uses_of(bank, year)


def hours_of(year: int) -> Combinable:
    from zhixing.timetables import uses

    return uses.hours_of(year)
