"""Invented people with their facts, as dataclasses and as the tables of a bulk computation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from zhixing.engine.obligations.answers import Standing
from zhixing.engine.obligations.bulk import bulk
from zhixing.engine.obligations.facts import Credit, Exemption, PersonFacts, Posting
from zhixing.engine.obligations.standing import standings
from zhixing.engine.policies import Channel, Policy, Rule, WindowKind

SECTION = "乡科级正职"
COUNTY = "县处级副职"
LONG_AGO = dt.date(2010, 7, 1)

MOMENT = pa.timestamp("us")
SCHEMAS = {
    "people": pa.schema([("person_id", pa.int64()), ("joined_on", pa.date32()), ("left_on", pa.date32())]),
    "postings": pa.schema(
        [
            ("person_id", pa.int64()),
            ("unit_id", pa.int64()),
            ("rank", pa.string()),
            ("from_on", pa.date32()),
            ("to_on", pa.date32()),
            ("is_principal", pa.bool_()),
            ("promoted", pa.bool_()),
        ]
    ),
    "credits": pa.schema(
        [
            ("entry_id", pa.int64()),
            ("person_id", pa.int64()),
            ("earned_on", pa.date32()),
            ("tenths", pa.int32()),
            ("channel", pa.string()),
            ("recorded_at", MOMENT),
            ("reverses", pa.int64()),
            ("content", pa.string()),
        ]
    ),
    "exemptions": pa.schema(
        [
            ("person_id", pa.int64()),
            ("rule", pa.string()),
            ("from_on", pa.date32()),
            ("to_on", pa.date32()),
            ("recorded_at", MOMENT),
        ]
    ),
}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def rule(code: str = "annual", **fields: Any) -> Rule:
    """90 hours a year for section level, earned off the job or in a study group, unless said otherwise."""
    usual: dict[str, Any] = {
        "ranks": (SECTION,),
        "window": WindowKind.YEAR,
        "tenths": 900,
        "channels": (Channel.OFFJOB, Channel.STUDY_GROUP),
    }
    return Rule(code=code, **{**usual, **fields})


def policy(*rules: Rule) -> Policy:
    return Policy("invented", LONG_AGO, "", rules or (rule(),), digest="")


def posting(from_on: str = "2010-07-01", to_on: str | None = None, rank: str = SECTION, **fields: Any) -> Posting:
    unit_id = fields.pop("unit_id", 1)
    return Posting(unit_id, rank, day(from_on), day(to_on) if to_on else None, **fields)


def credit(entry_id: int, earned_on: str, tenths: int, channel: str = "offjob", **fields: Any) -> Credit:
    recorded_at = moment(fields.pop("recorded_at", f"{earned_on}T18:00:00"))
    return Credit(entry_id, day(earned_on), tenths, channel, recorded_at, **fields)


def exemption(from_on: str, to_on: str, code: str = "annual", recorded_at: str = "2020-01-01") -> Exemption:
    return Exemption(code, day(from_on), day(to_on), moment(recorded_at))


def person(
    *facts: Posting | Credit | Exemption, person_id: int = 7, joined_on: str = "", left_on: str = ""
) -> PersonFacts:
    """Somebody with these facts; without any posting among them, with one of section level since long ago."""
    return PersonFacts(
        person_id,
        day(joined_on) if joined_on else LONG_AGO,
        day(left_on) if left_on else None,
        tuple(fact for fact in facts if isinstance(fact, Posting)) or (posting(),),
        tuple(fact for fact in facts if isinstance(fact, Credit)),
        tuple(fact for fact in facts if isinstance(fact, Exemption)),
    )


def tables(people: Sequence[PersonFacts]) -> dict[str, pa.Table]:
    """The four tables that hold these people's facts, in the order given."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    kinds = {"postings": Posting, "credits": Credit, "exemptions": Exemption}
    for facts in people:
        own = {"person_id": facts.person_id}
        rows["people"].append({**own, "joined_on": facts.joined_on, "left_on": facts.left_on})
        for name, kind in kinds.items():
            for fact in getattr(facts, name):
                rows[name].append({**own, **{field: getattr(fact, field) for field in kind.__slots__}})
    return {name: pa.Table.from_pylist(rows[name], schema=schema) for name, schema in SCHEMAS.items()}


def rows_of(person_id: int, found: Sequence[Standing]) -> list[dict[str, Any]]:
    fields = Standing.__slots__
    rows = [{"person_id": person_id, **{field: getattr(one, field) for field in fields}} for one in found]
    return sorted(rows, key=lambda row: row["rule"])


def stand(facts: PersonFacts, of: Policy, on: str, known_on: str | None = None) -> list[Standing]:
    """The standings by the reference, after the bulk computation said the same."""
    known = moment(known_on) if known_on else None
    found = standings(facts, of, day(on), known)
    held = tables([facts])
    table = bulk(held["people"], held["postings"], held["credits"], held["exemptions"], of, day(on), known, threads=1)
    assert table.to_pylist() == rows_of(facts.person_id, found)
    return found


def stand_alone(facts: PersonFacts, of: Policy, on: str, known_on: str | None = None) -> Standing:
    [one] = stand(facts, of, on, known_on)
    return one
