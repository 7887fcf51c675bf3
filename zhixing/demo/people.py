"""The people of the city: careers with promotions and moves, several dated postings each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from zhixing.base.load import load
from zhixing.base.sealed import blind_index, seal
from zhixing.demo.knowledge import PAST_FIELDS, POSTING_FIELDS, left_known, with_moments
from zhixing.demo.names import draw_names
from zhixing.demo.units import Body
from zhixing.engine.sheets.identity import check_digit
from zhixing.people.models import PastPosting, PastService, Person, Posting, Unit

GRADES = "二级科员 一级科员 四级主任科员 三级主任科员 二级主任科员 一级主任科员 四级调研员 三级调研员 二级调研员 一级调研员 二级巡视员".split()
RANKS = "乡科级副职 乡科级正职 县处级副职 县处级正职 厅局级副职".split()
GRADE_OF_RANK = {"乡科级副职": 3, "乡科级正职": 5, "县处级副职": 7, "县处级正职": 9, "厅局级副职": 10}
CATEGORIES = {
    Unit.Kind.INSTITUTION: "事业单位管理人员",
    Unit.Kind.ENTERPRISE: "国有企业管理人员",
    Unit.Kind.SCHOOL: "参公人员",
}
"""As a roster keeps them (``engine/roster/words.py``)."""
CIVIL_SERVANT = "公务员"
DEPARTMENTS = "办公室 综合科 人事科 法规科 财务科 规划科 督查科 业务一科 业务二科 信息科".split()
TITLES = {
    "乡科级副职": "副科长",
    "乡科级正职": "科长",
    "县处级副职": "副局长",
    "县处级正职": "局长",
    "厅局级副职": "副市长",
}
REGION = "990100"  # no area code begins with 99


@dataclass
class People:
    """Columns of everyone, one row a person; ``unit`` indexes the bodies."""

    keys: np.ndarray
    unit: np.ndarray
    rank: list[str]
    grade: list[str]
    joined: np.ndarray  # days since 1970-01-01
    serving: np.ndarray
    names: list[str]
    promoted_on: np.ndarray  # the last promotion, days since 1970-01-01; 0: never
    left_on: np.ndarray  # 0: still here


def day(number: int) -> dt.date:
    return dt.date.fromordinal(int(number) + EPOCH)


EPOCH = dt.date(1970, 1, 1).toordinal()


def number_of(on: dt.date) -> int:
    return on.toordinal() - EPOCH


def make_people(rng: np.random.Generator, bodies: Sequence[Body], count: int, on: dt.date) -> People:
    """Draw everyone and load persons and postings."""
    weights = np.array([b.weight for b in bodies])
    unit = np.sort(rng.choice(len(bodies), count, p=weights / weights.sum()))
    today = number_of(on)
    age = np.clip(rng.normal(41, 9, count), 23, 59.9)
    joined = today - ((age - 22.5 - rng.exponential(0.8, count)).clip(0.1) * 365.25).astype(int)
    rank, grade = _ranks(rng, bodies, unit, age)
    women = rng.random(count) < 0.38
    names = draw_names(rng, women)
    status = rng.choice(4, count, p=[0.965, 0.012, 0.013, 0.010])
    promoted = np.where(
        rng.random(count) < 0.35, np.clip(today - rng.integers(60, 1500, count), joined + 200, today - 20), 0
    )
    left = np.where(status == 3, np.maximum(today - 30, joined + 1), 0)
    people = People(np.arange(1, count + 1), unit, rank, grade, joined, status == 0, names, promoted, left)
    load(Person, PERSON_FIELDS, _person_rows(rng, people, bodies, women, age, status, on))
    postings, past = with_moments(_posting_rows(rng, people, bodies, today), on)
    load(Posting, ("id", *POSTING_FIELDS, "recorded_at"), postings)
    load(PastPosting, PAST_FIELDS, past)
    load(PastService, ("person", "joined_on", "superseded_at"), _served_until(people, on))
    return people


def _ranks(
    rng: np.random.Generator, bodies: Sequence[Body], unit: np.ndarray, age: np.ndarray
) -> tuple[list[str], list[str]]:
    """职务层次 for about a third, 职级 for everyone else and for half of the leaders: two fields, as in life."""
    count = len(unit)
    city_level = np.array(
        [b.parent is not None and b.parent.parent is None and b.kind != Unit.Kind.COUNTY for b in bodies]
    )[unit]
    seniority = (age - 23) / 37 + rng.normal(0, 0.13, count)
    order = rng.random(count)
    leads = order < np.where(city_level, 0.42, 0.30) * np.clip(seniority + 0.4, 0.1, 1.3)
    level = np.clip((seniority * 2.6 + rng.random(count) * 1.1 - 0.75), 0, 3.99).astype(int)
    level = np.where(~city_level & (level > 1) & (rng.random(count) < 0.85), 1, level)
    level = np.where((level == 3) & (rng.random(count) < 0.6), 2, level)
    level = np.where((level == 2) & (rng.random(count) < 0.5), 1, level)
    step = np.clip(seniority * 6.5 + rng.normal(0, 0.8, count), 0, 10).astype(int)
    step = np.where((step > 6) & (rng.random(count) < 0.7), 5, step)
    both = rng.random(count) < 0.5
    rank = [RANKS[lv] if lead else "" for lv, lead in zip(level, leads, strict=True)]
    grade = [
        "" if r and not two else GRADES[GRADE_OF_RANK[r]] if r else GRADES[s]
        for r, s, two in zip(rank, step, both, strict=True)
    ]
    return rank, grade


PERSON_FIELDS = (
    "id number name sex born_on id_sealed id_index phone work_began_on joined_on left_on service_recorded_at "
    "status category note unit department title rank grade"
).split()
STATUSES = (Person.Status.SERVING, Person.Status.OFF_POST, Person.Status.SECONDED, Person.Status.RETIRED)


def _person_rows(
    rng: np.random.Generator,
    people: People,
    bodies: Sequence[Body],
    women: np.ndarray,
    age: np.ndarray,
    status: np.ndarray,
    on: dt.date,
) -> Iterator[tuple[object, ...]]:
    born = number_of(on) - (age * 365.25).astype(int)
    serial = rng.integers(0, 500, len(age)) * 2
    office = rng.integers(0, len(DEPARTMENTS), len(age))
    phone = rng.integers(0, 10**8, len(age))
    taken: set[str] = set()
    for i, key in enumerate(people.keys):
        body = bodies[people.unit[i]]
        birth = day(born[i])
        identity = id_number(birth, int(serial[i]) + (0 if women[i] else 1), taken)
        joined = day(people.joined[i])
        left = day(people.left_on[i]).isoformat() if people.left_on[i] else None
        state = STATUSES[status[i]]
        rank = people.rank[i]
        yield (
            int(key),
            f"YL{key:06d}",
            people.names[i],
            "f" if women[i] else "m",
            birth.isoformat(),
            seal(identity),
            blind_index(identity),
            f"139{phone[i]:08d}",
            joined.isoformat(),
            joined.isoformat(),
            left,
            left_known(left, on) if left else None,
            str(state),
            CATEGORIES.get(body.kind, CIVIL_SERVANT),
            "",
            body.unit.pk,
            DEPARTMENTS[office[i]],
            TITLES.get(rank, "工作人员"),
            rank,
            people.grade[i],
        )


def _served_until(people: People, on: dt.date) -> Iterator[tuple[object, ...]]:
    """Of those who left: that they were thought to serve until somebody entered it."""
    for i in np.flatnonzero(people.left_on):
        yield int(people.keys[i]), day(people.joined[i]).isoformat(), left_known(day(people.left_on[i]), on)


def id_number(born: dt.date, serial: int, taken: set[str]) -> str:
    """A number that passes GB 11643 in an area that does not exist; the next serial of the same sex where one is taken."""
    while (body := f"{REGION}{born:%Y%m%d}{serial % 1000:03d}") in taken:
        serial += 2
    taken.add(body)
    return body + check_digit(body)


def _posting_rows(
    rng: np.random.Generator, people: People, bodies: Sequence[Body], today: int
) -> Iterator[tuple[object, ...]]:
    count = len(people.keys)
    moves = rng.integers(0, 3, count)
    where = rng.integers(0, len(bodies), (count, 2))
    cut = np.sort(rng.random((count, 2)), axis=1)
    second = rng.random(count) < 0.03
    for i, key in enumerate(people.keys):
        yield from _career(people, bodies, i, where[i], cut[i][: moves[i]], today)
        if second[i]:
            yield (
                int(key),
                bodies[where[i][0] or 1].unit.pk,
                "",
                "兼职",
                "",
                "",
                None,
                None,
                day(today - 400).isoformat(),
                None,
                False,
                False,
                None,
            )


def _career(
    people: People, bodies: Sequence[Body], i: int, where: np.ndarray, cut: np.ndarray, today: int
) -> Iterator[tuple[object, ...]]:
    """Earlier postings elsewhere or one step lower, then the present one; each begins the day after the last ended."""
    joined, promoted = int(people.joined[i]), int(people.promoted_on[i])
    end = day(people.left_on[i]).isoformat() if people.left_on[i] else None
    present = promoted or joined + int((today - joined) * 0.6)
    present = min(present, int(people.left_on[i]) or present)
    starts = [joined, *(joined + int((present - joined) * c) for c in cut), present]
    starts = sorted({max(joined, s) for s in starts})
    rank, grade = people.rank[i], people.grade[i]
    for n, start in enumerate(starts):
        last = n == len(starts) - 1
        body = bodies[people.unit[i] if last or n >= len(where) else where[n] or people.unit[i]]
        then_rank, then_grade = (rank, grade) if last else one_step_lower(rank, grade)
        stop = end if last else day(starts[n + 1] - 1).isoformat()
        since = day(start).isoformat()
        yield (
            i + 1,
            body.unit.pk,
            DEPARTMENTS[(i + n) % len(DEPARTMENTS)],
            TITLES.get(then_rank, "工作人员"),
            then_rank,
            then_grade,
            since if then_rank else None,
            since if then_grade else None,
            since,
            stop,
            True,
            bool(last and promoted),
            None,
        )


def one_step_lower(rank: str, grade: str) -> tuple[str, str]:
    """What a person was before the last promotion: one rank lower, or one grade lower."""
    if rank:
        level = RANKS.index(rank)
        return (RANKS[level - 1], "") if level else ("", GRADES[1])
    return "", GRADES[max(0, GRADES.index(grade) - 1)]
