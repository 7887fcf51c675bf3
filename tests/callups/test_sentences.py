"""Every code of the engine and every rule has its sentence, and what would change it."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from django.utils import translation

from tests.callups.city import City, make_city
from zhixing.callups import sentences
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.problem.pairs import EXCUSED
from zhixing.callups.queries import RunCount
from zhixing.callups.sentences import Names
from zhixing.callups.values import CHANNEL, NEVER, OPEN
from zhixing.engine.callup.codes import Code, Holders
from zhixing.engine.callup.rules import Rule

pytestmark = pytest.mark.django_db
CHOSEN = {Code.CHOSEN_PINNED, Code.CHOSEN_BEST}


@pytest.fixture
def city() -> City:
    return make_city(people=1)


def detail_of(city: City) -> dict[str, Any]:
    return {
        "class": city.class_run(name="水利班").pk,
        "unit": city.organ.pk,
        "week": "2027-03-01",
        "most": 4,
        "least": 2,
        "person": city.people[0].pk,
    }


@pytest.mark.parametrize("code", [*(str(c) for c in Code if c not in CHOSEN), EXCUSED, str(Rule.NOT_ELIGIBLE)])
def test_every_reason_is_a_whole_chinese_sentence(city: City, code: str) -> None:
    text = sentences.sentence(code, detail_of(city), Names())
    assert text.endswith("。")
    assert not any(letter.isascii() and letter.isalpha() for letter in text)
    assert str(sentences.code_label(code)) != code


@pytest.mark.parametrize("code", [str(c) for c in Code if c not in CHOSEN])
def test_every_reason_says_what_would_change_it(city: City, code: str) -> None:
    (change,) = sentences.changes(code, detail_of(city), Names())
    assert change.endswith("。")


def test_every_rule_in_the_way_is_told_and_what_would_lift_it(city: City) -> None:
    detail = {
        "class": 1,
        "most": 20,
        "also": [
            {"rule": "quota_full", "unit": city.organ.pk, "class": 1, "most": 3},
            {"rule": "away_full", "unit": city.organ.pk, "week": "2027-03-08", "most": 4},
            {"rule": "away_full", "unit": city.organ.pk, "week": "2027-03-01", "most": 4},
            {"rule": "away_full", "unit": city.organ.pk, "week": "2027-04-05", "most": 4},
        ],
    }
    told = sentences.sentence(Code.CLASS_FULL, detail, Names())
    assert told == (
        "班次名额（20 个）已全部占用。市水务局在本班次的名额（3 个）已用完。"
        "2027-03-01 – 2027-03-14，2027-04-05 – 2027-04-11 期间，所在单位离岗人数已达上限（4 人）。"
    )
    assert len(sentences.changes(Code.CLASS_FULL, detail, Names())) == 3


def possible_holders() -> list[tuple[str, ...]]:
    fixed, stronger, *reasons = (str(flag.name).lower() for flag in Holders)
    weaker = [more for n in range(1, len(reasons) + 1) for more in combinations(reasons, n)]
    return [(fixed,), (stronger,), (fixed, stronger), *weaker]


@pytest.mark.parametrize("holders", possible_holders())
def test_how_the_holders_of_the_seats_stand_is_told_without_points(city: City, holders: tuple[str, ...]) -> None:
    plain = sentences.sentence(Code.CLASS_FULL, detail_of(city), Names())
    told = sentences.sentence(Code.CLASS_FULL, {**detail_of(city), "holders": list(holders)}, Names())
    assert told.startswith(plain)
    apart = {"repeated_theme", "close_callup"} & set(holders)
    sentences_of_holders = 1 if "exchange" in holders else len(apart) + bool(set(holders) - apart)
    assert told.count("。") == 1 + sentences_of_holders
    assert not any(word in told for word in ("分值", "积分", "得分", "优先值", "排名"))
    assert ("请重新求解" in told) == ("exchange" in holders)


def test_a_unit_without_a_seat_is_told_so(city: City) -> None:
    told = sentences.sentence(Code.QUOTA_FULL, {"unit": city.organ.pk, "class": 1, "most": 0}, Names())
    assert told == "本班次未给市水务局分配名额。"


def test_names_and_numbers_stand_in_the_sentence(city: City) -> None:
    detail, names = detail_of(city), Names()
    assert "水利班" in sentences.sentence(Code.SHARED_DAY, detail, names)
    assert "市水务局" in sentences.sentence(Code.QUOTA_FULL, detail, names)
    assert "2027-03-01 – 2027-03-07" in sentences.sentence(Code.AWAY_FULL, detail, names)


@pytest.mark.parametrize(
    "rule",
    ["pinned_in", "pinned_out", *(str(rule) for rule in Rule)],
)
def test_every_conflict_is_told(city: City, rule: str) -> None:
    items = [{"rule": rule, **detail_of(city)}]
    (line,) = sentences.Told.to(city.department, items).conflict(items)
    assert line
    assert line != rule


@pytest.mark.parametrize(
    ("code", "detail", "part"),
    [
        ("from_waiting", {"position": 3}, "候补第 3 位"),
        ("substitute", {}, "替换同事"),
        (Code.CHOSEN_PINNED, {}, "指定列入"),
        (
            Code.CHOSEN_BEST,
            {"owing": 3, "months": NEVER, "make_up": OPEN | CHANNEL},
            "有待补训，学时逾期未完成，尚无培训记录",
        ),
        (Code.CHOSEN_BEST, {"owing": 0, "months": 14, "make_up": 0, "same_theme": True}, "距上次培训 14 个月"),
    ],
)
def test_why_somebody_is_called(code: str, detail: dict[str, Any], part: str) -> None:
    assert part in sentences.callup_sentence(Callup(code=code, detail=detail), Names())


@pytest.mark.parametrize("state", CallupRun.State.values)
def test_every_state_of_a_run_has_its_first_line(state: str) -> None:
    run = CallupRun(state=state, result={"gap": 0.013})
    answer = sentences.run_answer(run, RunCount(180, 8640, 8512, 8000))
    assert answer
    with translation.override("en"):
        assert sentences.run_answer(run, RunCount(180, 8640, 8512, 8000)) != answer


def test_a_gap_is_rounded_but_never_hidden() -> None:
    shown = [sentences.gap({"gap": gap}) for gap in (None, 0.0, 1e-9, 2e-5, 0.0131, 0.5)]
    assert shown == ["", "0%", "0%", "<0.01%", "1.31%", "50%"]
