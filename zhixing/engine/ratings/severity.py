"""Who rates more mildly or more strictly than the others, once it is taken out what they rated."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.linalg as la
from scipy.special import stdtrit

from zhixing.engine.ratings.compared import Severity
from zhixing.engine.ratings.design import Floats, design_of
from zhixing.engine.ratings.sums import sums_of

LEAST: Final = 2
"""Objects that two or more have rated, without which nobody can be compared."""


def severities(table: pa.Table) -> tuple[Severity, ...]:
    """By name: it is no list of places. Columns ``rater``, ``object``, ``score``.

    Objects and raters are fixed terms: what an object is worth is compared within the object only, so that whoever was given the weak ones is not called
    strict. Only objects that several have rated tell anything; raters that none of these link to the most are told nothing of."""
    own = {name: table.filter(pc.equal(table["rater"], name)) for name in sorted(pc.unique(table["rater"]).to_pylist())}
    told = _told(_linked(table))
    found = []
    for name, rows in own.items():
        milder, low, high, apart = told.get(name, (None, None, None, False))
        objects = len(pc.unique(rows["object"]))
        found.append(Severity(name, len(rows), objects, pc.mean(rows["score"]).as_py(), milder, low, high, apart))
    return tuple(found)


def _linked(table: pa.Table) -> pa.Table:
    """The ratings of objects that several raters have rated, of the largest set of raters that these hold together."""
    pairs = sorted(set(zip(table["object"].to_pylist(), table["rater"].to_pylist(), strict=True)))
    by_object: dict[str, list[str]] = {}
    for thing, rater in pairs:
        by_object.setdefault(thing, []).append(rater)
    shared = {thing: raters for thing, raters in by_object.items() if len(raters) >= LEAST}
    sets: list[set[str]] = []
    for raters in shared.values():
        joined = set(raters).union(*(one for one in sets if one & set(raters)))
        sets = [one for one in sets if not one & joined] + [joined]
    kept = max(sets, key=lambda one: (len(one), sorted(one)), default=set())
    things = [thing for thing, raters in shared.items() if set(raters) <= kept]
    return table.filter(pc.is_in(table["object"], pa.array(things, pa.string())))


def _told(table: pa.Table) -> dict[str, tuple[float, float, float, bool]]:
    """Each rater's deviation from the mean of the raters, by least squares with objects swept out."""
    raters = sorted(pc.unique(table["rater"]).to_pylist())
    if len(raters) < LEAST:
        return {}
    sums = sums_of(design_of(table, "score", [], ["rater", "object"]))
    split = sums.start[1]
    cross, objects = sums.zz.toarray(), sums.zz.diagonal()[split:]
    among = cross[:split, :split] - cross[:split, split:] @ (cross[:split, split:].T / objects[:, None])
    right = sums.zy[:split] - cross[:split, split:] @ (sums.zy[split:] / objects)
    inverse = la.pinvh(among)
    found = inverse @ right
    freedom = sums.n - len(objects) - (split - 1)
    if freedom < 1:
        return {}
    left = sums.yy - float((sums.zy[split:] ** 2 / objects).sum()) - float(found @ right)
    error = np.sqrt(max(left, 0.0) / freedom * np.diag(inverse))
    return dict(zip(raters, _with_ends(found, error, freedom), strict=True))


def _with_ends(found: Floats, error: Floats, freedom: int) -> list[tuple[float, float, float, bool]]:
    one, all_ = (float(stdtrit(freedom, 1.0 - 0.025 / count)) for count in (1, len(found)))
    return [
        (float(at), float(at - one * open_), float(at + one * open_), bool(abs(at) > all_ * open_))
        for at, open_ in zip(found, error, strict=True)
    ]
