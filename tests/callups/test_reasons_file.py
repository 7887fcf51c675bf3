"""The reasons file against the same thing said in SQL."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zhixing.callups.problem.frozen import BARRED, ROW_GROUP, Frozen
from zhixing.callups.reasons_file import COLUMNS, FACTS, WORDS, write_reasons
from zhixing.callups.solution import Solution


def facts(rng: np.random.Generator, keys: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Invented facts of pairs, given as ``person * 1000 + class``; few different values, so that people decide."""
    count = len(keys)
    return {
        "person_id": keys // 1000,
        "class_id": keys % 1000,
        "value": rng.integers(1, 4, count).astype(float),
        "owing": rng.integers(0, 3, count).astype(np.int8),
        "missing": rng.integers(0, 9, count).astype(np.int8),
        "make_up": rng.integers(0, 2, count).astype(np.int8),
        "months": rng.integers(0, 99, count).astype(np.int16),
        "this_year": rng.random(count) < 0.5,
        "same_theme": rng.random(count) < 0.5,
        "load": rng.integers(-9, 9, count).astype(np.int8),
        "tie": rng.integers(0, 9, count).astype(np.int8),
    }


def invented(seed: int, free: int, occupied: int, barred: int) -> tuple[Frozen, Solution]:
    rng = np.random.default_rng(seed)
    keys = rng.permutation((free + occupied + barred) * 3)[: free + occupied + barred]
    asked = keys[: free + occupied]
    taken = np.arange(len(asked)) >= free
    pairs = pa.table(facts(rng, asked) | {"occupied": taken})
    halves = pa.concat_tables([pairs.slice(0, free), pairs.slice(free)])  # as the problem is put together
    said = {
        "person_id": asked // 1000,
        "class_id": asked % 1000,
        "chosen": rng.random(len(asked)) < 0.3,
        "code": rng.choice(["chosen", "class_full"], len(asked)),
        "detail": [f'{{"value":{n}}}' for n in range(len(asked))],
    }
    said |= {"cause": rng.choice(["callups_max", "exchange"], len(asked)), "holder_id": asked // 1000}
    texts = {name: pa.array(list(said[name]), pa.string()) for name in ("code", "detail", "cause")}
    reasons = pa.table(said | texts).take(rng.permutation(len(asked)))
    why = {"code": ["shared_day"] * barred, "detail": ['{"class":7}'] * barred}
    shut = pa.table(facts(rng, keys[free + occupied :]) | {k: pa.array(v, pa.string()) for k, v in why.items()})
    people = pa.table({"person_id": np.unique(keys // 1000), "unit_id": np.unique(keys // 1000) % 3})
    begins = [dt.date(2027, 3, 1) + dt.timedelta(days=key % 7) for key in range(1000)]
    classes = pa.table({"class_id": range(1000), "starts_on": begins})
    tables = {"pairs": halves, BARRED: shut, "people": people, "classes": classes}
    return Frozen(tables, {}), Solution("", {}, reasons)


def by_sql(frozen: Frozen, solution: Solution) -> pa.Table:
    names = ", ".join([*FACTS, *WORDS])
    with duckdb.connect() as session:
        session.register("pairs", frozen.tables["pairs"])
        session.register("barred", frozen.tables[BARRED])
        session.register("reasons", solution.reasons)
        session.register("people", frozen.tables["people"])
        session.register("classes", frozen.tables["classes"])
        session.sql(
            f"SELECT {names} FROM pairs JOIN reasons USING (person_id, class_id) WHERE NOT occupied "
            f"UNION ALL SELECT {names} FROM (SELECT barred.*, FALSE AS chosen, if(value > weakest, code, NULL) AS cause, "
            "if(value > weakest, who, NULL) AS holder_id FROM barred JOIN people USING (person_id) LEFT JOIN "
            "(SELECT unit_id, class_id, min(pairs.value) AS weakest, arg_min(person_id, (pairs.value, person_id)) AS who "
            "FROM pairs JOIN reasons USING (person_id, class_id) JOIN people USING (person_id) "
            "WHERE chosen AND NOT occupied GROUP BY ALL) USING (unit_id, class_id)) "
        ).create_view("told")
        return session.sql(
            "WITH ranked AS (SELECT person_id, class_id, code, row_number() OVER "
            "(PARTITION BY person_id ORDER BY value DESC, starts_on, class_id) AS n FROM told JOIN classes USING (class_id)), "
            "other AS (SELECT own.person_id, own.class_id, best.class_id AS best_other_id, best.code AS best_other_code "
            "FROM ranked AS own JOIN ranked AS best ON own.person_id = best.person_id AND best.n = if(own.n = 1, 2, 1)) "
            "SELECT * FROM told LEFT JOIN other USING (person_id, class_id) ORDER BY class_id, chosen DESC, value DESC, person_id"
        ).to_arrow_table()


@pytest.mark.parametrize(
    ("free", "occupied", "barred"),
    [(0, 0, 0), (5, 0, 0), (0, 0, 5), (0, 4, 3), (40, 9, 12), (ROW_GROUP + 7, 100, ROW_GROUP)],
)
def test_the_file_holds_every_pair_once_in_its_order(free: int, occupied: int, barred: int) -> None:
    frozen, solution = invented(3, free, occupied, barred)
    content, rows = write_reasons(frozen, solution)
    kept = pq.read_table(io.BytesIO(content))
    assert rows == free + barred
    assert kept.column_names == list(COLUMNS)
    assert kept.to_pylist() == by_sql(frozen, solution).to_pylist()


def test_without_a_list_only_the_barred_are_given_a_reason() -> None:
    frozen, solution = invented(4, 20, 3, 6)
    nothing = Solution("", {}, solution.reasons.slice(0, 0))
    content, rows = write_reasons(frozen, nothing)
    assert rows == 6
    assert pq.read_table(io.BytesIO(content)).to_pylist() == by_sql(frozen, nothing).to_pylist()


def test_equal_answers_give_equal_bytes() -> None:
    assert write_reasons(*invented(5, 50, 5, 9)) == write_reasons(*invented(5, 50, 5, 9))
