"""Policies: read strictly, signed once, never changed, and weighed before they are signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tests.factories import make_account, make_city, make_department, make_entry, make_person, make_policy, make_unit
from tests.obligations.texts import CITY, FAULTY, STRICTER
from zhixing.base import audit
from zhixing.base.models import AuditEntry, Job
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.engine import policies
from zhixing.obligations.actions import install_policy, install_shipped_policy, refresh_standings, sign_policy
from zhixing.obligations.actions.policies import compare_policy
from zhixing.obligations.models import Policy, Standing
from zhixing.obligations.queries.comparison import weigh
from zhixing.obligations.queries.policies import days_without_policy, policy_in_force, rule_titles, rules_of
from zhixing.obligations.shipped import shipped_policy
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 7, 1)


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


def test_each_signed_text_is_the_next_version_of_its_code(department: Account) -> None:
    first, second = sign_policy(CITY, department), sign_policy(STRICTER, department)
    assert [(p.code, p.version, p.title, p.signed_by_id) for p in (first, second)] == [
        ("city-2026", 1, "云岚市学时要求", department.pk),
        ("city-2026", 2, "云岚市学时要求", department.pk),
    ]
    assert (second.text, rules_of(second).rules[0].tenths) == (STRICTER, 1200)


def test_signing_is_on_record_and_recomputes_everyone(department: Account) -> None:
    policy = sign_policy(CITY, department)
    (deed,) = audit.trail(policy)
    assert (deed.action, deed.details["digest"]) == ("obligations.policy_signed", policy.digest)
    assert Job.objects.get(kind="obligations.refresh").arguments == {"person_ids": None}


def test_the_same_text_is_not_signed_twice(department: Account) -> None:
    sign_policy(CITY, department)
    with pytest.raises(Conflict, match="v1"):
        sign_policy(CITY, department)
    with pytest.raises(Conflict):
        sign_policy("\ufeff" + CITY, department)


def test_a_faulty_text_is_refused_with_every_fault_and_its_line(department: Account) -> None:
    with pytest.raises(Invalid) as refusal:
        sign_policy(FAULTY, department)
    assert [(p.row, p.column) for p in refusal.value.problems] == [(11, "rule[1].window"), (12, "rule[1].hours")]
    assert all(p.reason and p.mend for p in refusal.value.problems)
    assert not Policy.objects.exists()


def test_only_the_department_of_the_whole_city_signs(city: Unit) -> None:
    strangers = [make_account(role, city) for role in (Role.LIAISON, Role.AUDITOR, Role.SCHOOL, Role.TEACHER)]
    for account in [*strangers, make_account(Role.DEPARTMENT, make_unit(parent=city)), make_account(Role.DEPARTMENT)]:
        with pytest.raises(Refused):
            sign_policy(CITY, account)
        with pytest.raises(Refused):
            compare_policy(CITY, account, ON)


@pytest.mark.parametrize("statement", ["UPDATE obligations_policy SET text = ''", "DELETE FROM obligations_policy"])
def test_the_database_itself_refuses_to_change_a_policy(statement: str) -> None:
    make_policy(CITY)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_shipped_policy_is_installed_once_and_a_citys_own_version_stays(department: Account) -> None:
    first = install_shipped_policy()
    assert (install_shipped_policy(), first.code, first.signed_by_id) == (first, "national-2023", None)
    changed = sign_policy(shipped_policy().replace("hours = 50\n", "hours = 60\n"), department)
    assert install_shipped_policy() == changed
    assert Policy.objects.count() == 2


def test_a_citys_own_policy_is_installed_as_the_next_version_with_its_audit() -> None:
    first, second = (install_policy(shipped_policy().replace("hours = 50\n", f"hours = {n}\n")) for n in (50, 60))
    assert [(one.version, one.signed_by_id) for one in (first, second)] == [(1, None), (2, None)]
    assert AuditEntry.objects.filter(action="obligations.policy_installed").count() == 2
    with pytest.raises(Invalid):
        install_policy("[policy]\n")


def test_the_shipped_policy_holds_the_statutory_quotas_each_with_its_basis() -> None:
    rules = rules_of(install_shipped_policy()).rules
    by_code = {(rule.code, "县处级正职" in rule.ranks): rule for rule in rules}
    assert by_code["county-five-years", True].tenths == 5500
    assert by_code["section-annual", False].tenths == 900
    assert by_code["online-annual", True].tenths == 500
    assert {window for (code, _), rule in by_code.items() if code == "after-promotion" for window in [rule.window]} == {
        "after_promotion"
    }
    assert all(rule.basis for rule in rules)


def test_the_latest_to_begin_holds_then_the_last_signed() -> None:
    old = make_policy(CITY.replace("2026-01-01", "2020-01-01"))
    first, second = make_policy(CITY), make_policy(STRICTER.replace("city-2026", "another"))
    assert policy_in_force(dt.date(2019, 12, 31)) is None
    assert policy_in_force(dt.date(2025, 12, 31)) == old
    assert policy_in_force(dt.date(2026, 1, 1)) == second
    assert first.version == 2
    assert rule_titles(first) == {"annual": "年度集中培训", "online": "年度网络自学"}
    assert rule_titles(None) == {}


def test_rules_of_one_code_go_by_what_their_titles_share() -> None:
    text = CITY.replace('code = "online"', 'code = "annual"').replace("年度网络自学", "年度网络培训")
    text = text.replace('ranks = ["乡科级正职"]', 'ranks = ["县处级正职"]')
    assert rule_titles(make_policy(text)) == {"annual": "年度"}
    assert rule_titles(install_shipped_policy())["after-promotion"] == "晋升后一年内补训"


def test_a_new_text_is_weighed_without_storing_anything(city: Unit) -> None:
    make_policy(CITY)
    for tenths in (900, 1300):
        make_entry(make_person(city, rank="", grade="一级主任科员"), dt.date(2026, 3, 6), tenths)
    make_person(city, rank="四级主任科员")
    refresh_standings(on=ON)
    before = list(Standing.objects.values_list("person", "rule", "state"))
    text = STRICTER.replace('"一级主任科员"', '"一级主任科员", "四级主任科员"', 1)
    held, known_at = policy_in_force(ON), timezone.now()
    assert held is not None
    assert weigh(text, ON, known_at).summary == {
        "on": "2026-07-01",
        "changes": [
            {"rule": "annual", "before": "", "after": "short", "people": 1},
            {"rule": "annual", "before": "met", "after": "on_track", "people": 1},
        ],
        "required": {"before": 1800, "after": 3600},
        "effects": 2,
        "digest": policies.parse(text).digest,
        "held": held.digest,
        "known_at": known_at.isoformat(),
    }
    assert list(Standing.objects.values_list("person", "rule", "state")) == before


def test_weighing_runs_as_a_job_and_a_faulty_text_is_refused_at_once(
    department: Account, run_jobs: Callable[[], int]
) -> None:
    with pytest.raises(Invalid):
        compare_policy(FAULTY, department, ON)
    make_person(department.scope_unit)
    job = compare_policy(CITY, department, timezone.localdate())
    run_jobs()
    job.refresh_from_db()
    assert job.result["changes"] == [
        {"rule": "annual", "before": "", "after": "short", "people": 1},
        {"rule": "online", "before": "", "after": "short", "people": 1},
    ]


ENDS = CITY.replace('basis = "试行办法"', "in_force_to = 2026-12-31")


def next_city(begins: str, ends: str = "") -> str:
    """Next year's policy, under a code of its own, as places write it."""
    text = CITY.replace("city-2026", "city-2027").replace("2026-01-01", begins)
    return text.replace('basis = "试行办法"', f"in_force_to = {ends}") if ends else text


def test_an_end_without_a_successor_is_not_signed_unless_it_is_meant(department: Account) -> None:
    with pytest.raises(Invalid) as refused:
        sign_policy(ENDS, department)
    assert [(p.row, p.column, p.value) for p in refused.value.problems] == [(6, "policy.in_force_to", "2026-12-31")]
    assert not Policy.objects.exists()
    (deed,) = audit.trail(sign_policy(ENDS, department, accepts_gap=True))
    assert deed.details["gaps"] == ["policy.in_force_to: 2026-12-31"]


def test_after_an_end_nothing_holds_until_the_next_begins_whatever_its_code(department: Account) -> None:
    sign_policy(CITY.replace("city-2026", "city-2020").replace("2026-01-01", "2020-01-01"), department)
    sign_policy(ENDS, department, accepts_gap=True)
    assert policy_in_force(dt.date(2026, 12, 31)) is not None
    assert policy_in_force(dt.date(2027, 1, 5)) is None, "an earlier policy does not come back"
    (bare,) = days_without_policy(ON)
    assert (bare.from_on, bare.to_on) == (dt.date(2027, 1, 1), None)
    with pytest.raises(Invalid) as refused:
        sign_policy(next_city("2027-02-01"), department)
    (problem,) = refused.value.problems
    assert (problem.column, problem.value) == ("policy.in_force_from", "2027-02-01")
    sign_policy(next_city("2027-01-01"), department)
    assert days_without_policy(ON) == []


def test_a_version_between_two_may_not_end_before_the_later_one(department: Account) -> None:
    sign_policy(CITY, department)
    sign_policy(next_city("2028-01-01"), department)
    with pytest.raises(Invalid):
        sign_policy(next_city("2027-01-01", "2027-06-30"), department)
    sign_policy(next_city("2027-01-01", "2027-12-31"), department)


def test_an_old_gap_is_not_held_against_a_later_version(department: Account) -> None:
    sign_policy(ENDS, department, accepts_gap=True)
    sign_policy(next_city("2027-02-01"), department, accepts_gap=True)
    (deed,) = audit.trail(sign_policy(next_city("2028-01-01"), department))
    assert deed.details["gaps"] == []
    assert len(days_without_policy(ON)) == 1
    assert days_without_policy(dt.date(2027, 2, 1)) == []


def test_a_rank_that_two_rules_of_one_code_name_is_not_signed(department: Account) -> None:
    twice = CITY.replace('code = "online"', 'code = "annual"').replace('["乡科级正职"]', '["乡科级正职", "二级科员"]')
    with pytest.raises(Invalid):
        sign_policy(twice, department)
