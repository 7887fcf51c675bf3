"""Invented ledgers of any size as parquet files (formats.md §2), made by DuckDB in one question each; the same size gives the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from zhixing.engine.obligations.inputs import Inputs

ENTRIES_A_PERSON: Final = 34
FIRST_KEY: Final = 1_000_000_000
FIRST_ENTRY: Final = 5_000_000_000
ON: Final = "2026-11-23"
RANKS: Final = "['乡科级正职', '乡科级副职', '一级主任科员', '二级科员', '县处级正职', '县处级副职']"
"""Each twice as likely as a leading post of county level: two draws, the lower counts."""
CHANNELS: Final = "['offjob', 'concentrated', 'online', 'study_group', 'self_study', 'teaching']"
KEY: Final = f"{FIRST_KEY} + 3 * n + draw(n, 0, 3)"
QUESTIONS: Final = {
    "people": f"""
        SELECT CAST({KEY} AS BIGINT) AS person_id, DATE '1995-01-01' + draw(n, 1, 11600) AS joined_on,
               CASE WHEN draw(n, 2, 25) = 0 THEN DATE '2027-01-01' + draw(n, 3, 900) END AS left_on
        FROM range({{people}}) AS numbers(n)""",
    "postings": f"""
        SELECT CAST({KEY} AS BIGINT) AS person_id, CAST(20000 + draw(2 * n + turn, 4, 4000) AS BIGINT) AS unit_id,
               {RANKS}[1 + least(draw(2 * n + turn, 5, 6), draw(2 * n + turn, 6, 6))] AS rank,
               CASE turn WHEN 0 THEN DATE '1995-01-01' + draw(n, 1, 11600)
                    ELSE DATE '2017-01-01' + draw(n, 7, 3600) END AS from_on,
               CAST(NULL AS DATE) AS to_on, TRUE AS is_principal, turn = 1 AND draw(n, 8, 2) = 0 AS promoted
        FROM range({{people}}) AS numbers(n), range(2) AS turns(turn)""",
    "credits": f"""
        SELECT CAST({FIRST_ENTRY} + e AS BIGINT) AS entry_id, CAST({KEY} AS BIGINT) AS person_id, earned_on,
               CAST(10 * (1 + draw(e, 9, 60)) AS INTEGER) AS tenths, {CHANNELS}[1 + draw(e, 10, 6)] AS channel,
               earned_on + to_seconds(draw(e, 11, 2592000)) AS recorded_at,
               CASE WHEN e > 1000 AND draw(e, 12, 50) = 0
                    THEN CAST({FIRST_ENTRY} + e - 1 - draw(e, 13, 1000) AS BIGINT) END AS reverses,
               'class' AS source
        FROM (SELECT e, draw(e, 14, {{people}}) AS n, DATE '2017-01-01' + draw(e, 15, 3614) AS earned_on
              FROM range({{people}} * {ENTRIES_A_PERSON}) AS numbers(e)) AS drawn""",
    "exemptions": f"""
        SELECT CAST({KEY} AS BIGINT) AS person_id, 'annual' AS rule, from_on, from_on + 98 AS to_on,
               CAST(from_on AS TIMESTAMP) AS recorded_at
        FROM (SELECT n, DATE '2026-01-01' + draw(n, 16, 300) AS from_on
              FROM range({{people}}) AS numbers(n) WHERE draw(n, 17, 20) = 0) AS drawn""",
}
SECTION: Final = '["乡科级正职", "乡科级副职", "一级主任科员", "二级科员"]'
COUNTY: Final = '["县处级正职", "县处级副职"]'
POLICY: Final = f"""[policy]
code = "invented"
in_force_from = 2017-01-01
[[rule]]
code = "annual"
ranks = {SECTION}
window = "year"
hours = 90
channels = ["offjob", "concentrated", "study_group"]
caps = {{ study_group = 24 }}
prorate = "join"
[[rule]]
code = "five-years"
ranks = {COUNTY}
window = "five_years"
block_start = 2023
hours = 550
channels = ["offjob", "concentrated", "teaching"]
caps = {{ teaching = 37.5 }}
prorate = "join"
[[rule]]
code = "online"
ranks = ["乡科级正职", "乡科级副职", "一级主任科员", "二级科员", "县处级正职", "县处级副职"]
window = "year"
hours = 50
channels = ["online", "self_study"]
[[rule]]
code = "new-post"
ranks = ["乡科级正职", "乡科级副职", "县处级正职", "县处级副职"]
window = "after_promotion"
hours = 90
channels = ["offjob"]
"""


def make(folder: Path, people: int) -> Inputs:
    """Write the four tables and ``policy.toml`` for so many people and ten years."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    with duckdb.connect(config={"threads": 2, "memory_limit": "2GB"}) as connection:
        connection.execute("CREATE MACRO draw(n, turn, most) AS CAST(hash(n, turn) % most AS INTEGER)")
        connection.execute("SET preserve_insertion_order = false")
        for name, question in QUESTIONS.items():
            connection.sql(question.format(people=people)).write_parquet(
                str(folder / f"{name}.parquet"), compression="zstd"
            )
    return Inputs(*(folder / f"{name}.parquet" for name in QUESTIONS))
