"""What pages say of a pair and of a deadlock, with the keys of a problem folder for names. Import it only while ``speaking``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from zhixing.callups.sentences import Names, Told, price_sum
from zhixing.engine.callup.reasons import PLACES

Said = Mapping[str, Any]


class Keys(Names):
    """Each key is its own name."""

    def class_run(self, pk: int | str | None) -> str:
        return str(pk)

    def unit(self, pk: int | str | None) -> str:
        return str(pk)


def audit(said: Said) -> str:
    """``engine.callup.explanation.explain`` of an eligible pair in one line: its value, each price, and what is missing or left."""
    value, *costs, rest = price_sum(said, Keys())
    shown = [(value[0], _number(value[1])), *((what, _number(cost, "+")) for what, cost in costs)]
    return _("; ").join(what + _(": ") + points for what, points in [*shown, (rest[0], _number(rest[1]))])


def _number(points: float, sign: str = "") -> str:
    return f"{round(points, PLACES):{sign}.12g}"


def deadlock_lines(result: Said) -> Iterator[str]:
    """Why ``result.json`` has no list, and what would help; nothing when there is a list."""
    return Told(Keys(), str).lines(result)
