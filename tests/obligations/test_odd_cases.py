"""What the ledger answers where clocks, calendars, persons and papers are odd; docs/reference/ledger.md names each of these tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_city, make_department, make_entry, make_person, make_unit
from tests.obligations.test_external import wanted
from tests.obligations.texts import CITY
from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.obligations.actions import (
    Measured,
    NewCredit,
    NewExemption,
    add_exemption,
    appeal_entry,
    approve_external,
    decide_entry_appeal,
    merge_ledgers,
    post_credit,
    record_external,
    refresh_standings,
    refuse_external,
    reverse_entry,
    sign_policy,
)
from zhixing.obligations.actions.appeals import move_appeal
from zhixing.obligations.actions.external import move_external
from zhixing.obligations.models import Channel, Entry, EntryAppeal, ExternalTraining, Standing
from zhixing.obligations.problem import by_reference, in_bulk
from zhixing.obligations.queries.explaining import explain_person
from zhixing.obligations.queries.policies import rules_of
from zhixing.people.actions import add_posting
from zhixing.people.models import Account, Person, Role, Unit

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 1)
ON = dt.date(2026, 6, 30)


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


@pytest.fixture
def person(city: Unit) -> Person:
    return make_person(make_unit(parent=city), number="N001", rank="乡科级正职")


def credit(person: Person, **fields: object) -> NewCredit:
    given = {"earned_on": DAY, "tenths": 300, "channel": Channel.OFFJOB, "title": "进修班", "source": "history"}
    return NewCredit(person_id=person.pk, **{**given, **fields})  # type: ignore[arg-type]


def test_a_clock_that_is_set_back_does_not_set_the_ledger_back(person: Person, department: Account) -> None:
    ahead = timezone.now() + dt.timedelta(hours=5)
    first = make_entry(person, DAY, 300, recorded_at=ahead)
    second = post_credit(credit(person), department)
    third = reverse_entry(first, "登记错人", department)
    assert (second.recorded_at, third.recorded_at) == (ahead, ahead)
    assert second.pk > first.pk


def test_another_time_zone_moves_no_day_of_training_and_only_the_end_of_the_day_asked_about(
    person: Person, department: Account
) -> None:
    sign_policy(CITY, department)
    make_entry(person, DAY, 300, recorded_at=dt.datetime(2026, 3, 1, 17, tzinfo=dt.UTC))
    counted = {}
    for zone in ("Asia/Shanghai", "UTC"):
        with override_settings(TIME_ZONE=zone):
            known = explain_person(person, ON, DAY).duties[0].explanation.standing.counted_tenths
            now = explain_person(person, ON).duties[0]
            counted[zone] = known, now.explanation.standing.counted_tenths, now.counted[0].earned_on
    assert counted == {"Asia/Shanghai": (0, 300, DAY), "UTC": (300, 300, DAY)}  # 17:00 UTC is past midnight in China


def test_a_rank_recorded_later_does_not_show_then_and_is_named_beside_it(
    client: Client, person: Person, department: Account
) -> None:
    sign_policy(CITY, department)
    client.cookies["django_language"] = "en"
    client.force_login(department)
    both, one = {"年度集中培训", "年度网络自学"}, {"年度集中培训"}
    add_posting(person, person.unit, by=department, from_on=dt.date(2026, 2, 1), grade="一级主任科员")
    assert {duty.title for duty in explain_person(person, ON, DAY).duties} == both
    assert {duty.title for duty in explain_person(person, ON).duties} == one
    moment = {"on": ON, "known_on": DAY}
    standing, hindsight = (reverse(f"obligations:{name}", args=[person.pk]) for name in ("standing", "hindsight"))
    then = client.get(standing, moment).content.decode()
    assert "年度网络自学" in then
    assert (
        f"{timezone.localdate()} post ended on 2026-01-31；post entered, from 2026-02-01 一级主任科员" in then
    )  # the slider
    beside = client.get(hindsight, moment).content.decode()
    assert "Posts and service: recorded only after 2026-03-01" in beside
    assert "post entered, from 2026-02-01 一级主任科员" in beside
    assert (
        "recorded only after" not in client.get(hindsight, moment | {"known_on": timezone.localdate()}).content.decode()
    )


def test_whoever_was_entered_later_says_so_on_the_day_before(
    client: Client, person: Person, department: Account
) -> None:
    sign_policy(CITY, department)
    client.cookies["django_language"] = "en"
    client.force_login(department)
    Person.objects.filter(pk=person.pk).update(entered_at=dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC))
    address = reverse("obligations:standing", args=[person.pk])
    said = "Entered on record only on 2026-04-01"
    assert said in client.get(address, {"on": ON, "known_on": DAY}).content.decode()
    assert said not in client.get(address, {"on": ON, "known_on": ON}).content.decode()
    assert explain_person(person, ON, DAY).duties


def test_a_leap_day_counts_as_a_day_of_its_year(person: Person, department: Account) -> None:
    sign_policy(CITY.replace("2026-01-01", "2020-01-01"), department)
    make_entry(person, dt.date(2024, 2, 29), 300)
    standing = explain_person(person, dt.date(2024, 2, 29)).duties[0].explanation
    assert (standing.window_days, standing.elapsed_days, standing.standing.counted_tenths) == (366, 60, 300)


def test_a_posting_without_an_end_holds_until_one_that_began_later(city: Unit, department: Account) -> None:
    sign_policy(CITY, department)
    endless = make_person(make_unit(parent=city), rank="乡科级正职")
    rules = rules_of(explain_person(endless, ON).policy)  # type: ignore[arg-type]
    far = dt.date(2999, 12, 31)
    assert by_reference([endless.pk], rules, far) == in_bulk([endless.pk], rules, far) != []


def test_what_is_dated_in_the_future_is_on_record_and_counts_from_its_day_on(
    person: Person, department: Account
) -> None:
    sign_policy(CITY, department)
    post_credit(credit(person, earned_on=ON + dt.timedelta(days=1)), department)
    days = (ON, ON + dt.timedelta(days=1))
    assert [explain_person(person, day).duties[0].explanation.standing.counted_tenths for day in days] == [0, 300]
    with pytest.raises(Invalid):
        record_external(wanted(person, ended_on=timezone.localdate() + dt.timedelta(days=1)), department)


def test_a_reversal_is_not_reversed_the_hours_are_booked_anew(person: Person, department: Account) -> None:
    entry = post_credit(credit(person, source_key="deed:1"), department)
    reversal = reverse_entry(entry, "登记错人", department)
    with pytest.raises(Refused):
        reverse_entry(reversal, "又对了", department)
    assert (
        post_credit(credit(person, source_key="deed:1"), department) == entry
    )  # the deed itself is booked once for ever
    post_credit(credit(person, source_key="deed:1 again"), department)
    assert sum(one.signed_tenths for one in Entry.objects.all()) == 300


def test_one_certificate_is_booked_once_whatever_the_training_is_called(person: Person, department: Account) -> None:
    waiting = record_external(wanted(person), department)
    approve_external(record_external(wanted(person, title="进修班（补录）"), department), department)
    with pytest.raises(Conflict):
        approve_external(waiting, department)
    with pytest.raises(Invalid):
        record_external(wanted(person, title="第三次"), department)
    reverse_entry(Entry.objects.get(), "作废", department)
    approve_external(waiting, department)
    assert Entry.objects.filter(reverses=None, reversed_by=None).count() == 1


class TestMerging:
    """One human being on record as two persons."""

    @pytest.fixture
    def twin(self, person: Person) -> Person:
        return make_person(person.unit, number="N002", rank="乡科级正职")  # type: ignore[arg-type]

    def test_the_hours_go_over_once_and_both_ledgers_tell_it(
        self, person: Person, twin: Person, department: Account
    ) -> None:
        sign_policy(CITY, department)
        post_credit(credit(person, title="甲班", certificate="证1"), department)
        post_credit(credit(twin, title="甲班（补录）", certificate="证1"), department)
        post_credit(credit(twin, title="乙班"), department)
        reverse_entry(post_credit(credit(twin, title="丙班"), department), "重复", department)
        assert merge_ledgers(twin, person, "同一人", department) == 1
        standing = Entry.objects.filter(reverses=None, reversed_by=None)
        assert set(standing.values_list("person", "title")) == {(person.pk, "甲班"), (person.pk, "乙班")}
        assert set(twin.entries.exclude(reverses=None).values_list("reason", flat=True)) == {"同一人", "重复"}
        assert next(deed.action for deed in audit.trail(person)) == "obligations.ledgers_merged"
        refresh_standings(on=ON)
        rows = Standing.objects.filter(rule="annual").order_by("person_id").values_list("person", "counted_tenths")
        assert list(rows) == [(person.pk, 600), (twin.pk, 0)]
        assert merge_ledgers(twin, person, "同一人", department) == 0

    @pytest.mark.parametrize(
        ("of_target", "of_twin", "together"), [(0, 2, 2), (1, 2, 2), (2, 2, 2), (2, 1, 2), (3, 1, 3)]
    )
    def test_two_half_days_of_one_day_are_two_lines(
        self, of_target: int, of_twin: int, together: int, person: Person, twin: Person, department: Account
    ) -> None:
        for whose, many in ((person, of_target), (twin, of_twin)):
            for _number in range(many):
                post_credit(credit(whose, title="甲班", tenths=30), department)
        assert merge_ledgers(twin, person, "同一人", department) == together - of_target
        assert person.entries.live().count() == together

    def test_all_lines_of_one_certificate_are_one_training(
        self, person: Person, twin: Person, department: Account
    ) -> None:
        post_credit(credit(person, title="跨年班", certificate="证1"), department)
        for day in (DAY, DAY + dt.timedelta(days=1)):
            post_credit(credit(twin, title="跨年班", certificate="证1", earned_on=day), department)
        assert merge_ledgers(twin, person, "同一人", department) == 0

    SPLIT = (("external:7:2025", dt.date(2025, 12, 31), 225), ("external:7", dt.date(2026, 1, 2), 150))
    WHOLE = (("external:8", dt.date(2026, 1, 2), 375),)

    @pytest.mark.parametrize(("of_target", "of_twin"), [(WHOLE, SPLIT), (SPLIT, WHOLE)])
    def test_a_training_that_the_years_split_on_one_record_only_is_one(
        self,
        of_target: tuple[tuple[str, dt.date, int], ...],
        of_twin: tuple[tuple[str, dt.date, int], ...],
        person: Person,
        twin: Person,
        department: Account,
    ) -> None:
        began_on = dt.date(2025, 12, 29)
        for whose, lines in ((person, of_target), (twin, of_twin)):
            for key, day, tenths in lines:
                post_credit(
                    credit(whose, title="跨年班", began_on=began_on, earned_on=day, tenths=tenths, source_key=key),
                    department,
                )
        assert merge_ledgers(twin, person, "同一人", department) == 0
        assert sum(one.signed_tenths for one in person.entries.all()) == 375

    def test_trainings_of_one_name_and_first_day_are_told_apart_by_the_last(
        self, person: Person, twin: Person, department: Account
    ) -> None:
        long, short = DAY + dt.timedelta(days=4), DAY
        for whose, key, day in ((person, "external:9", long), (twin, "external:7", short), (twin, "external:8", long)):
            post_credit(credit(whose, title="甲班", began_on=DAY, earned_on=day, source_key=key), department)
        assert merge_ledgers(twin, person, "同一人", department) == 1
        assert set(person.entries.live().values_list("earned_on", flat=True)) == {short, long}

    def test_an_appeal_about_a_year_of_a_split_training_stays_with_that_year(
        self, person: Person, twin: Person, department: Account
    ) -> None:
        entries = {}
        for whose in (person, twin):
            for year, day in ((2025, dt.date(2025, 12, 31)), (2026, dt.date(2026, 1, 2))):
                given = credit(whose, title="跨年班", certificate="证1", earned_on=day, began_on=dt.date(2025, 12, 29))
                entries[whose, year] = post_credit(given, department)
        appeal = appeal_entry(entries[twin, 2026], 375, text="少记", by=make_account(Role.TRAINEE, None, twin))
        merge_ledgers(twin, person, "同一人", department)
        appeal.refresh_from_db()
        assert appeal.entry == entries[person, 2026]

    def test_a_moved_line_keeps_the_key_of_its_training(
        self, person: Person, twin: Person, department: Account
    ) -> None:
        entry = post_credit(credit(twin, source_key="external:7"), department)
        merge_ledgers(twin, person, "同一人", department)
        assert person.entries.get().source_key == f"merged:{entry.pk}@external:7"

    def test_exemptions_in_force_go_over_once(self, person: Person, twin: Person, department: Account) -> None:
        sign_policy(CITY, department)
        days = {"rule": "annual", "from_on": dt.date(2026, 1, 1), "to_on": dt.date(2026, 3, 31), "reason": "产假"}
        for whose, given in ((person, days), (twin, days), (twin, {**days, "rule": "online"})):
            add_exemption(NewExemption(person=whose, **given), department)  # type: ignore[arg-type]
        merge_ledgers(twin, person, "同一人", department)
        assert not twin.exemptions.filter(withdrawn_at=None).exists()
        assert set(twin.exemptions.values_list("withdrawn_by_id", flat=True)) == {department.pk}
        held = person.exemptions.filter(withdrawn_at=None).values_list("rule", "reason")
        assert sorted(held) == [("annual", "产假"), ("online", "产假")]

    def test_an_open_appeal_is_about_the_line_that_stands_now(
        self, person: Person, twin: Person, department: Account
    ) -> None:
        entry = post_credit(credit(twin, title="甲班"), department)
        appeal = appeal_entry(entry, 375, text="少记了一天", by=make_account(Role.TRAINEE, None, twin))
        merge_ledgers(twin, person, "同一人", department)
        appeal.refresh_from_db()
        assert (appeal.person, appeal.entry, appeal.state) == (person, person.entries.get(), EntryAppeal.State.OPEN)
        assert next(deed.action for deed in audit.trail(appeal)) == "obligations.appeal_moved"
        decide_entry_appeal(appeal, uphold=True, reason="证书属实", by=department)
        assert sum(one.signed_tenths for one in person.entries.all()) == 375

    def test_of_two_appeals_about_what_is_one_line_then_the_second_is_closed(
        self, person: Person, twin: Person, department: Account
    ) -> None:
        appeals = [
            appeal_entry(
                post_credit(credit(whose, title="甲班"), department),
                375,
                text="少记了一天",
                by=make_account(Role.TRAINEE, None, whose),
            )
            for whose in (person, twin)
        ]
        merge_ledgers(twin, person, "同一人", department)
        for appeal in appeals:
            appeal.refresh_from_db()
        assert [appeal.state for appeal in appeals] == [EntryAppeal.State.OPEN, EntryAppeal.State.DISMISSED]
        assert (appeals[1].decision_reason, appeals[1].decided_by_id) == ("同一人", department.pk)

    def test_outside_training_that_waits_goes_over_or_is_refused(
        self, person: Person, twin: Person, department: Account
    ) -> None:
        once, held, twice = (
            record_external(wanted(twin, title=title, certificate=number), department)
            for title, number in (("甲班", ""), ("乙班", "证2"), ("丙班", ""))
        )
        post_credit(credit(person, certificate="证2"), department)
        record_external(wanted(person, title="丙班", certificate=""), department)
        merge_ledgers(twin, person, "同一人", department)
        for training in (once, held, twice):
            training.refresh_from_db()
        state = ExternalTraining.State
        assert [(one.person, one.state, one.decision_reason) for one in (once, held, twice)] == [
            (person, state.ASKED, ""),
            (twin, state.REFUSED, "同一人"),
            (twin, state.REFUSED, "同一人"),
        ]
        approve_external(once, department)
        assert person.entries.filter(title="甲班").exists()

    def test_what_was_decided_meanwhile_is_not_moved(self, person: Person, twin: Person, department: Account) -> None:
        training = record_external(wanted(twin), department)
        line = post_credit(credit(twin, title="甲班"), department)
        appeal = appeal_entry(line, 375, text="少记", by=make_account(Role.TRAINEE, None, twin))
        stands = post_credit(credit(person, title="甲班"), department)
        stale = ExternalTraining.objects.get(), EntryAppeal.objects.get()
        refuse_external(training, "证书不符", department)
        decide_entry_appeal(appeal, uphold=False, reason="不属实", by=department)
        with pytest.raises(Conflict):
            move_external(stale[0], person, "同一人", department)
        for entry in (stands, None):
            with pytest.raises(Conflict):
                move_appeal(stale[1], person, entry, "同一人", department)
        for one, reason in ((training, "证书不符"), (appeal, "不属实")):
            one.refresh_from_db()
            assert (one.person, one.decision_reason) == (twin, reason)

    @pytest.mark.parametrize(("corrected", "corrected_after"), [(False, False), (True, False), (False, True)])
    def test_hours_found_by_the_table_are_found_anew_for_who_stays(
        self, corrected: bool, corrected_after: bool, person: Person, twin: Person, department: Account
    ) -> None:
        table = """
[[recognition]]
code = "micro"
title = "微课"
channel = "online"
by = "minutes"
steps = [[1, 0.25]]
most_a_year = 0.75
"""
        sign_policy(CITY + table, department)
        micro = {"measured": Measured("micro", Fraction(10)), "tenths": 0, "certificate": ""}
        first = record_external(wanted(person, title="微课一", **micro), department)
        booked, second, third = (
            record_external(wanted(twin, title=title, **micro), department) for title in ("微课二", "微课三", "微课四")
        )
        line = approve_external(booked, department)
        if corrected:
            appeal = appeal_entry(line, 3, text="多了一分钟", by=make_account(Role.TRAINEE, None, twin))
            decide_entry_appeal(appeal, uphold=True, reason="属实", by=department)
        merge_ledgers(twin, person, "同一人", department)
        if corrected_after:
            line = person.entries.live().get()
            appeal = appeal_entry(line, 4, text="多了两分钟", by=make_account(Role.TRAINEE, None, person))
            decide_entry_appeal(appeal, uphold=True, reason="属实", by=department)
            new = wanted(person, title="微课五", **micro)
            with pytest.raises(Invalid):
                record_external(new, department)
        for training in (second, third):
            training.refresh_from_db()
        assert (first.tenths, booked.tenths) == (2, 2)
        assert (second.person, second.tenths) == (person, 3)
        assert (third.person, third.state) == (twin, ExternalTraining.State.REFUSED)

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.SCHOOL, Role.TEACHER, Role.AUDITOR])
    def test_only_the_department_of_both_merges(self, role: str, person: Person, twin: Person, city: Unit) -> None:
        elsewhere = make_person(make_unit(parent=city))
        county = make_account(Role.DEPARTMENT, person.unit)
        for source, target, by in (
            (twin, person, make_account(role, city)),
            (elsewhere, person, county),
            (twin, elsewhere, county),
        ):
            with pytest.raises(Refused):
                merge_ledgers(source, target, "同一人", by)

    def test_it_needs_another_person_and_a_reason(self, person: Person, twin: Person, department: Account) -> None:
        for target, reason in ((twin, "同一人"), (person, " ")):
            with pytest.raises(Invalid):
                merge_ledgers(twin, target, reason, department)

    def test_the_page_leads_to_the_ledger_of_who_stays(
        self, person: Person, twin: Person, department: Account, client: Client
    ) -> None:
        post_credit(credit(twin), department)
        client.force_login(department)
        url = reverse("obligations:merge_ledgers", args=(twin.pk,))
        assert url in client.get(reverse("obligations:ledger", args=(twin.pk,))).content.decode()
        assert client.get(url).status_code == 200
        assert client.post(url, {"number": "N404", "reason": "同一人"}).status_code == 422
        response = client.post(url, {"number": person.number, "reason": "同一人"})
        assert response["Location"] == reverse("obligations:ledger", args=(person.pk,))
        assert person.entries.count() == 1

    def test_who_may_not_does_not_see_the_way(self, twin: Person, city: Unit, client: Client) -> None:
        client.force_login(make_account(Role.AUDITOR, city))
        assert client.get(reverse("obligations:merge_ledgers", args=(twin.pk,))).status_code == 403


def test_refreshing_who_was_touched_equals_refreshing_everyone(
    city: Unit, department: Account, run_jobs: Callable[[], int]
) -> None:
    sign_policy(CITY, department)
    people = [make_person(make_unit(parent=city), rank="乡科级正职") for _ in range(6)]
    entries = [make_entry(one, DAY, 100 * number) for number, one in enumerate(people)]
    refresh_standings(on=ON)
    post_credit(credit(people[1]), department)
    reverse_entry(entries[3], "登记错人", department)
    refresh_standings([people[1].pk, people[3].pk], on=ON)
    columns = [field.name for field in Standing._meta.fields if field.name != "id"]
    touched = list(Standing.objects.order_by("person_id", "rule").values_list(*columns))
    refresh_standings(on=ON)
    assert list(Standing.objects.order_by("person_id", "rule").values_list(*columns)) == touched
