"""Lots can be drawn again by anyone."""

from __future__ import annotations

import hashlib

import pyarrow as pa

from tests.engine.callup.problems import Case
from zhixing.engine.callup.lots import lots_of
from zhixing.engine.callup.problem import CallupProblem

CASE = Case(
    classes={"A": (0, 4, 0, 2), "B": (7, 11, 0, 9)},
    people={f"p{n}": "office" for n in range(100)},
    pairs={(f"p{n}", class_): 1.0 for n in range(100) for class_ in "AB"},
)


def mix(number: int) -> int:
    """SplitMix64 in plain integers."""
    number = (number + 0x9E3779B97F4A7C15) % 2**64
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB % 2**64
    return number ^ (number >> 31)


def number_of(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "little")


def test_the_lot_of_a_pair_follows_from_the_seed_and_its_keys_alone() -> None:
    problem = CASE.problem()
    place = int(problem.find_pairs(*(problem.pair_person[-1:], problem.pair_class[-1:]))[0])
    person, class_ = problem.person_keys[-1].as_py(), problem.class_keys[-1].as_py()
    assert int(lots_of(problem, 11)[place]) == mix(mix(number_of(person) + 11) + number_of(class_))


def test_numbers_are_their_own_keys() -> None:
    tables = CASE.tables()
    numbered = {
        name: pa.table(
            {
                column: pa.array([int(key[1:]) - 50 for key in table[column].to_pylist()], pa.int64())
                if column == "person_id"
                else table[column]
                for column in table.column_names
            }
        )
        for name, table in tables.items()
    }
    problem = CallupProblem.from_tables(**numbered, settings=CASE.settings())
    first = problem.person_keys[0].as_py()
    assert first == -50
    assert int(lots_of(problem, 1)[0]) == mix(mix((first + 1) % 2**64) + number_of("A"))


def test_lots_of_another_seed_are_others() -> None:
    problem = CASE.problem()
    one, two = lots_of(problem, 1), lots_of(problem, 2)
    assert len(set(one.tolist()) | set(two.tolist())) == 2 * problem.pairs
