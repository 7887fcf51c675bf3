"""Codes → sentences: why a person is called, why not, and what would change it. One map, used by pages, papers and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from zhixing.callups.seats import Obstacle
from zhixing.people.models import Unit
from zhixing.plans.models import ClassRun


@dataclass(frozen=True)
class Names:
    """The names that details point to, read once for a whole page."""

    class_runs: Mapping[int, str] = field(default_factory=dict)
    units: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def for_details(cls, details: Iterable[Mapping[str, Any]]) -> Names:
        known = list(details)
        class_runs = {detail["class"] for detail in known if "class" in detail}
        units = {detail["unit"] for detail in known if "unit" in detail}
        return cls(
            dict(ClassRun.objects.filter(pk__in=class_runs).values_list("pk", "name")) if class_runs else {},
            dict(Unit.objects.filter(pk__in=units).values_list("pk", "name")) if units else {},
        )


def obstacle_sentence(found: Obstacle) -> str:
    """Why one more call-up is not possible."""
    detail = found.detail
    return sentence(str(found.rule), detail, Names.for_details([detail]))


def sentence(code: str, detail: Mapping[str, Any], names: Names) -> str:
    return code
