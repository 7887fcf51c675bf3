"""Export and import are one: whoever the product can hold comes back from the sheet as known, with no change and no problem."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_city, make_department, make_person, make_unit
from tests.people.rosters import HEADINGS, id_number, receive, row, sheet
from zhixing.base.problems import Invalid
from zhixing.demo.build import build_city
from zhixing.engine.sheets.ranks import GRADES, RANKS
from zhixing.people import actions, papers
from zhixing.people.models import Account, Person, Posting, Role, RosterChange, Unit

pytestmark = pytest.mark.django_db
Run = Callable[[], int]
DAY = dt.date(2024, 3, 1)


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


def came_back(city: Unit, by: Account, run_jobs: Run) -> list[str]:
    """What the preview of the own export holds against it, besides the count of those who are as they were."""
    back = receive(papers.roster_book(city), by, city, on=timezone.localdate(), complete=True)
    run_jobs()
    back.refresh_from_db()
    assert back.state == "read", back.refusal
    assert back.counts["unchanged"] == Person.objects.exclude(status="left").count()
    return [
        f"{change.kind} {change.number} {change.column} {change.value} {change.code} {change.before} {change.after}"
        for change in RosterChange.objects.filter(roster_import=back)
    ]


def test_the_demo_city_comes_back_as_it_is(run_jobs: Run) -> None:
    build_city(people=600, seed=1, on=timezone.localdate(), password="demo-password-1")
    top = Unit.objects.get(parent=None)
    by = Account.objects.filter(role=Role.DEPARTMENT, scope_unit=top)[0]
    assert Person.objects.filter(category="参公人员").exists()
    assert came_back(top, by, run_jobs) == []


def test_whoever_came_doubtful_comes_back_without_doubt(city: Unit, department: Account, run_jobs: Run) -> None:
    """What the import says that it left out, it did leave out."""
    cells = {
        "职务": "长" * 79 + " 长",
        "手机号": "打不通",
        "参加工作时间": "1980-01",
        "任现职时间": "1979-05",
        "性别": "女",
    }
    first = receive(sheet([row("韦青", 1, "云岚市", **cells)], (*HEADINGS, "参加工作时间", "性别")), department, city)
    run_jobs()
    first.refresh_from_db()
    assert first.counts["problem"] == 5
    actions.start_applying(first, by=department)
    run_jobs()
    person = Person.objects.get()
    assert (person.work_began_on, person.title, person.sex) == (None, "长" * 79, "m")
    assert came_back(city, department, run_jobs) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"category": "事业编制"}, {"category": "事业人员"}),
        ({"category": "参照公务员法管理人员"}, {"category": "参公人员"}),
        ({"name": "韦\u3000青"}, {"name": "韦青"}),
        ({"name": "Anna  Wei"}, {"name": "Anna Wei"}),
        ({"title": "３科科长"}, {"title": "3科科长"}),
        ({"title": "'主任"}, {"title": "主任"}),
        ({"title": "=SUM(A1)"}, {"title": "=SUM(A1)"}),
        ({"title": "无"}, {"title": ""}),
        ({"department": " 法规 \n科"}, {"department": "法规 科"}),
        ({"phone": "+86 13900000001"}, {"phone": "13900000001"}),
        ({"number": "Ａ１８"}, {"number": "A18"}),
        ({"rank": ""}, {"rank": "", "grade": ""}),
    ],
)
def test_what_is_typed_is_kept_as_it_would_be_read(
    city: Unit, department: Account, run_jobs: Run, typed: dict[str, str], kept: dict[str, str]
) -> None:
    facts: dict[str, Any] = {"name": "韦青", "number": "N1", "rank": "乡科级正职"} | typed
    person = actions.add_person(unit=city, by=department, from_on=DAY, **facts)
    assert {name: getattr(person, name) for name in kept} == kept
    assert came_back(city, department, run_jobs) == []


@pytest.mark.parametrize(
    "typed",
    [
        {"phone": "打不通"},
        {"name": "合计"},
        {"name": "无"},
        {"number": "—"},
        {"title": "长" * 81},
        {"title": "机密★"},
        {"born_on": dt.date(1850, 1, 1)},
        {"born_on": dt.date(2001, 1, 1), "work_began_on": dt.date(2000, 1, 1)},
        {"born_on": dt.date(2024, 6, 1)},
        {"work_began_on": dt.date(2999, 1, 1)},
    ],
)
def test_what_an_import_would_refuse_or_doubt_is_not_taken_by_hand(
    city: Unit, department: Account, typed: dict[str, Any]
) -> None:
    facts: dict[str, Any] = {"name": "韦青", "number": "N1", "rank": "乡科级正职"} | typed
    with pytest.raises(Invalid):
        actions.add_person(unit=city, by=department, from_on=DAY, **facts)
    assert not Person.objects.exists()


def test_an_old_fault_does_not_stand_in_the_way_of_another_correction(city: Unit, department: Account) -> None:
    person = make_person(city, phone="打不通")
    actions.correct_person(person, by=department, category="事业编制", phone="打不通")
    person.refresh_from_db()
    assert (person.category, person.phone) == ("事业人员", "打不通")
    with pytest.raises(Invalid):
        actions.correct_person(person, by=department, phone="也打不通")


def test_units_are_named_so_that_they_are_found_again(city: Unit, department: Account, run_jobs: Run) -> None:
    """Names that are the code of another, that differ by width only, or whose path is longer than a cell may be."""
    long = make_unit("北" * 110, make_unit("泽" * 100, city))
    units = [
        make_unit("Ａ局", city),
        make_unit("A局", city),
        make_unit("77", city, code="88"),
        make_unit("甲", city, code="77"),
    ]
    twins = [make_unit("办公室", parent) for parent in (long, units[0], units[0])]
    closed = make_unit("旧局", city)
    for n, unit in enumerate((*units, *twins, long, closed)):
        make_person(unit, number=f"N{n}")
    Unit.objects.filter(pk=closed.pk).update(closed_on=DAY)
    assert came_back(city, department, run_jobs) == []


TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cs",)),
        st.sampled_from("３Ａa'‘’`＇=+-@ \u3000\u200b\t张局长科·•（）/_x0041<r>无合计*"),
    ),
    max_size=12,
)
PHONES = st.one_of(st.just(""), st.from_regex(r"(\+86[ -]?)?1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7}", fullmatch=True))
CATEGORIES = st.one_of(st.sampled_from(["公务员", "参公", "事业编制", "行 政"]), TEXT)
DAYS = st.one_of(st.none(), st.dates(dt.date(1890, 1, 1), dt.date(2024, 3, 1)))
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "name": TEXT,
            "number": TEXT,
            "category": CATEGORIES,
            "phone": PHONES,
            "sex": st.sampled_from(["", "m", "f"]),
            "born_on": DAYS,
            "work_began_on": DAYS,
            "department": TEXT,
            "title": TEXT,
            "rank": st.sampled_from(["", *RANKS]),
            "grade": st.sampled_from(["", *GRADES]),
            "id_number": st.sampled_from(["", id_number(1), id_number(2)]),
        }
    ),
    min_size=1,
    max_size=6,
)
CORRECTIONS = st.fixed_dictionaries(
    {}, optional={"name": TEXT, "number": TEXT, "category": CATEGORIES, "phone": PHONES, "born_on": DAYS}
)
POSTS = st.fixed_dictionaries(
    {
        "department": TEXT,
        "title": TEXT,
        "rank": st.sampled_from(["", *RANKS]),
        "grade": st.sampled_from(["", *GRADES]),
        "rank_since": DAYS,
        "grade_since": DAYS,
        "to_on": st.sampled_from([None, dt.date(2025, 9, 1)]),
        "is_principal": st.booleans(),
    }
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    people=PEOPLE, corrections=st.lists(CORRECTIONS, max_size=3), posts=st.lists(POSTS, max_size=3), ends=st.booleans()
)
def test_whoever_the_actions_make_comes_back_as_known(
    city: Unit,
    department: Account,
    run_jobs: Run,
    people: list[dict[str, Any]],
    corrections: list[dict[str, Any]],
    posts: list[dict[str, Any]],
    ends: bool,
) -> None:
    with transaction.atomic():
        made = [actions.add_person(unit=city, by=department, from_on=DAY, name="韦青", number="N0", rank="乡科级正职")]
        for facts in people:
            made += _done(lambda facts=facts: actions.add_person(unit=city, by=department, from_on=DAY, **facts))
        for n, facts in enumerate(corrections):
            person = made[n % len(made)]
            _done(lambda person=person, facts=facts: actions.correct_person(person, by=department, **facts))
        for n, post in enumerate(posts):
            day = DAY + dt.timedelta(days=100 * (n + 1))
            person = made[-1 - n % len(made)]
            _done(
                lambda person=person, post=post, day=day: actions.add_posting(
                    person, city, by=department, from_on=day, **post
                )
            )
        if ends:
            _done(lambda: actions.end_service(made[-1], last_day=dt.date(2025, 10, 1), retired=True, by=department))
        assert came_back(city, department, run_jobs) == []
        transaction.set_rollback(True)


def _done(act: Callable[[], Any]) -> list[Any]:
    """What an action made; nothing when it refused."""
    try:
        return [act()]
    except Invalid:
        return []


def test_words_kept_before_are_folded_by_the_migration(city: Unit, department: Account, run_jobs: Run) -> None:
    fold = importlib.import_module("zhixing.people.migrations.0006_words_as_imported").fold
    make_person(city, name="韦 青", number="Ａ１８", category="事业编制", phone="+86 13900000001", title="３科科长")
    make_person(city, name="陆白", number="Ｂ", title="无")
    make_person(city, name="岑柏", number="B", phone="打不通")
    fold(apps, None)
    folded = Person.objects.get(number="A18")
    assert (folded.name, folded.category, folded.phone, folded.title) == ("韦青", "事业人员", "13900000001", "3科科长")
    assert Posting.objects.get(person=folded).title == "3科科长"
    assert set(Person.objects.exclude(pk=folded.pk).values_list("number", "title", "phone")) == {
        ("Ｂ", "无", ""),
        ("B", "", "打不通"),
    }
    Person.objects.exclude(pk=folded.pk).delete()
    assert came_back(city, department, run_jobs) == []
