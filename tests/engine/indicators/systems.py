"""Random indicator systems and what was found for them, and a judge that knows the rules by heart."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from zhixing.engine.indicators import Finding, Group, Indicator, System, read

FACTS = ("attendance", "gain")


def indicator(code: str, points: int, **rest: Any) -> dict[str, Any]:
    return {"code": code, "title": code, "points": points, "kind": "judged", **rest}


def group(code: str, *parts: dict[str, Any]) -> dict[str, Any]:
    """``parts``: indicators have points, groups none."""
    return {
        "code": code,
        "title": code,
        "group": [one for one in parts if "points" not in one],
        "indicator": [one for one in parts if "points" in one],
    }


def document(*groups: dict[str, Any], **rest: Any) -> dict[str, Any]:
    levels = rest.pop("level", [{"title": "优秀", "percent": 85}, {"title": "合格", "percent": 60}])
    head = {"title": "体系", "of": "institution", "absent": "zero", "points": sum(map(_points, groups)), **rest}
    return {"system": head, "group": list(groups), "level": levels}


def _points(part: Mapping[str, Any]) -> int:
    inside = [*part.get("group", ()), *part.get("indicator", ())]
    return int(part["points"]) if "points" in part else sum(map(_points, inside))


@st.composite
def trees(draw: st.DrawFn) -> System:
    """Two or three groups, some of them with groups inside, of one to three indicators each."""
    codes = iter(f"c{n}" for n in range(200))

    def leaves() -> list[dict[str, Any]]:
        rows = draw(st.lists(st.tuples(st.integers(1, 20), st.sampled_from([0, 0, 50, 90])), min_size=1, max_size=3))
        return [indicator(next(codes), points, missed_below=missed) for points, missed in rows]

    groups = []
    for _ in range(draw(st.integers(2, 3))):
        inner = [group(next(codes), *leaves()) for _ in range(draw(st.integers(0, 2)))]
        groups.append(group(next(codes), *inner, *(leaves() if not inner or draw(st.booleans()) else [])))
    rest = {"absent": draw(st.sampled_from(["zero", "left_out"])), "missed_percent": draw(st.sampled_from([50, 100]))}
    return read(document(*groups, **rest), FACTS)


shares = st.fractions(0, 1, max_denominator=20)


@st.composite
def found_for(draw: st.DrawFn, system: System) -> dict[str, Finding]:
    halves = st.none() | st.floats(0, 0.3)
    return {one.code: Finding(draw(shares), draw(halves)) for one in system.indicators if draw(st.integers(0, 4))}


def earned_by_hand(system: System, findings: Mapping[str, Finding], weights: Mapping[str, Fraction]) -> Fraction | None:
    """The share of all points, from the rules alone. ``weights``: those of parts among their neighbours that are not as written."""

    def of(part: Group | Indicator) -> Fraction | None:
        if isinstance(part, Indicator):
            if part.code not in findings:
                return None if system.absent == "left_out" else Fraction(0)
            share = findings[part.code].share
            return min(share, system.missed_most) if share < part.missed else share
        known = [(one, share) for one in part.parts if (share := of(one)) is not None]
        total = sum(weights.get(one.code, Fraction(one.points)) for one, _share in known)
        if not total:
            return None
        return sum(weights.get(one.code, Fraction(one.points)) * share for one, share in known) / total

    return of(system.root)
