"""A system is read strictly: every fault with its place, and the shipped systems without any."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.engine.indicators.systems import FACTS, document, group, indicator
from zhixing.engine.indicators import changes_between, read
from zhixing.engine.indicators.changes import What
from zhixing.engine.indicators.facts import FACTS as KNOWN
from zhixing.engine.indicators.facts import facts_of
from zhixing.engine.questionnaires import DefinitionError, Fault

FACT = {**indicator("f", 40), "kind": "fact", "fact": "attendance", "scale": [[80, 0], [95, 100]]}
SOUND = document(group("g", group("h", FACT, indicator("j", 60, evidence=True, on_site=True))))


def faults(found: object) -> list[tuple[str, Fault]]:
    with pytest.raises(DefinitionError) as caught:
        read(found, FACTS)
    return [(one.place, one.fault) for one in caught.value.faults]


def changed(*path: object, to: object) -> dict[str, Any]:
    found: Any = copy.deepcopy(SOUND)
    place = found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return dict(found)


LEAF = ("group", 0, "group", 0, "indicator")
AT = "group[1].group[1].indicator"


@pytest.mark.parametrize(
    ("path", "to", "place", "fault"),
    [
        (("system", "points"), 90, "system.points", Fault.WEIGHTS),
        (("system", "of"), "person", "system.of", Fault.UNKNOWN_VALUE),
        (("system", "colour"), 1, "system.colour", Fault.UNKNOWN_KEY),
        (("level", 1, "percent"), 90, "level[2].percent", Fault.NOT_FALLING),
        ((*LEAF, 0, "scale"), [[95, 0], [80, 100]], f"{AT}[1].scale", Fault.NOT_RISING),
        ((*LEAF, 0, "scale"), [[80, 0]], f"{AT}[1].scale", Fault.TOO_FEW),
        ((*LEAF, 0, "scale"), [[80, 0], [90, 101]], f"{AT}[1].scale", Fault.OUT_OF_RANGE),
        ((*LEAF, 0, "scale"), [["80", 0]], f"{AT}[1].scale", Fault.BAD_TYPE),
        ((*LEAF, 0, "fact"), "weather", f"{AT}[1].fact", Fault.UNKNOWN_VALUE),
        ((*LEAF, 0, "evidence"), True, f"{AT}[1].evidence", Fault.UNKNOWN_KEY),
        ((*LEAF, 1, "code"), "f", f"{AT}[2].code", Fault.CODE_TWICE),
        ((*LEAF, 1, "points"), 0, f"{AT}[2].points", Fault.OUT_OF_RANGE),
        ((*LEAF, 1, "missed_below"), 101, f"{AT}[2].missed_below", Fault.OUT_OF_RANGE),
        (LEAF, [], "group[1].group[1]", Fault.NO_ITEM),
    ],
)
def test_every_fault_has_its_place(path: tuple[object, ...], to: object, place: str, fault: Fault) -> None:
    assert (place, fault) in faults(changed(*path, to=to))


def test_all_faults_are_told_at_once() -> None:
    wrong = changed("system", "points", to="viel")
    wrong["group"][0]["group"][0]["indicator"][1]["kind"] = "guessed"
    assert {fault for _place, fault in faults(wrong)} == {Fault.BAD_TYPE, Fault.UNKNOWN_VALUE, Fault.WEIGHTS}


def test_groups_go_three_deep() -> None:
    deep = document(group("a", group("b", group("c", group("d", indicator("e", 100))))), points=100)
    assert ("group[1].group[1].group[1].group", Fault.TOO_DEEP) in faults(deep)


def test_what_a_new_version_changed() -> None:
    after = document(
        group("g", group("h", {**FACT, "points": 50}, indicator("j", 60, evidence=True)), indicator("k", 5)), points=115
    )
    found = changes_between(read(SOUND, FACTS), read(after, FACTS))
    assert [(one.code, one.what, one.before, one.after) for one in found] == [
        ("g", What.POINTS, 100, 115),
        ("h", What.POINTS, 100, 110),
        ("f", What.POINTS, 40, 50),
        ("j", What.OTHERWISE, 60, 60),
        ("k", What.ADDED, None, 5),
    ]
    assert [one.what for one in changes_between(read(after, FACTS), read(SOUND, FACTS))][-1] is What.REMOVED
    assert changes_between(read(SOUND, FACTS), read(SOUND, FACTS)) == ()


SHIPPED = sorted((Path(__file__).resolve().parents[3] / "policies" / "systems").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_systems_are_sound(path: Path) -> None:
    """And ask only for figures that there are of their objects."""
    system = read(tomllib.loads(path.read_text(encoding="utf-8")), KNOWN)
    assert system.root.points == 100
    assert {one.fact for one in system.indicators if one.fact} <= facts_of(system.of)
