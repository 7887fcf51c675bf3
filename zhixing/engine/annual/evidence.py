"""What is left of the weight of a line when some of its evidence is put aside: exactly the shares of what was put aside are gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhixing.engine.proportion import by_largest_remainder


@dataclass(frozen=True, slots=True)
class PartShare:
    """``share``: what the finding gives to the line, in ten-thousandths. A need that names no findings is one part, with an empty ``key``."""

    need: str
    key: str
    source: str
    title: str
    share: int
    aside: bool


def parts_of(rows: Iterable[Mapping[str, Any]]) -> list[PartShare]:
    """Every finding under a line, in order; the shares of a need's findings add up to the share of the need (largest remainder)."""
    return [part for row in rows for part in _of_need(row)]


def _of_need(row: Mapping[str, Any]) -> list[PartShare]:
    need, share = str(row.get("need", "")), int(row.get("share", 0))
    aside = set(map(str, row.get("aside", ())))
    parts: Sequence[Mapping[str, Any]] = row.get("evidence", ())
    weights = {place: max(0, int(one.get("share", 0))) for place, one in enumerate(parts)}
    if not sum(weights.values()):
        return [PartShare(need, "", str(row.get("source", "")), str(row.get("title", "")), share, "" in aside)]
    shares = by_largest_remainder(share, weights)
    return [
        PartShare(need, key, str(one.get("source", "")), str(one.get("title", "")), shares[place], key in aside)
        for place, one in enumerate(parts)
        for key in [str(one.get("key", ""))]
    ]


def left_of(rows: Iterable[Mapping[str, Any]]) -> int:
    """Ten-thousandths of the weight that stand."""
    return sum(part.share for part in parts_of(rows) if not part.aside)


def with_aside(rows: Iterable[Mapping[str, Any]], need: str, key: str, aside: bool) -> list[dict[str, Any]]:
    """The rows with one finding put aside, or taken up again. Nothing else changes."""
    made = []
    for row in rows:
        one = dict(row)
        if str(row.get("need", "")) == need:
            named = [name for name in map(str, row.get("aside", ())) if name != key]
            one["aside"] = [*named, key] if aside else named
            if not one["aside"]:
                del one["aside"]
        made.append(one)
    return made
