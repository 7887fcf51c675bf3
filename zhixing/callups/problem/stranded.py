"""Pins of pairs that no list can hold: the person left the target group, or a standing call-up came in between."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from zhixing.engine.callup.rules import Rule

PinRow = tuple[int, int, bool]
"""(person, class run, chosen)"""
KINDS = pa.schema({"person_id": pa.int64(), "class_id": pa.int64(), "code": pa.string(), "detail": pa.string()})


def parted(pinned: Iterable[PinRow], pairs: pa.Table, barred: pa.Table) -> tuple[list[PinRow], pa.Table]:
    """(pins of pairs that may be chosen, the others that ask for a person with what stands in the way).

    A pin that keeps out somebody who cannot come anyway asks for nothing and is left out of both."""
    rows = list(pinned)
    persons = pa.array(sorted({person for person, _class, _chosen in rows}), pa.int64())
    eligible = set(_pairs(_of(pairs, persons)))
    held_back = _of(barred, persons)
    why = dict(
        zip(
            _pairs(held_back),
            zip(held_back["code"].to_pylist(), held_back["detail"].to_pylist(), strict=True),
            strict=True,
        )
    )
    kept = [row for row in rows if row[:2] in eligible]
    others = [row[:2] for row in rows if row[:2] not in eligible and row[2]]
    told = [(*pair, *why.get(pair, (str(Rule.NOT_ELIGIBLE), "{}"))) for pair in others]
    columns = zip(*told, strict=True) if told else ((), (), (), ())
    return kept, pa.table(
        [pa.array(list(column), field.type) for column, field in zip(columns, KINDS, strict=True)], schema=KINDS
    )


def _of(table: pa.Table, persons: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table["person_id"], value_set=persons))


def _pairs(table: pa.Table) -> list[tuple[int, int]]:
    return list(zip(table["person_id"].to_pylist(), table["class_id"].to_pylist(), strict=True))
