"""Promotion checks: who is meant, what the duties say together, by when to catch up, what is contested, who may ask, and what is kept."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.attendance.school import make_callup, make_session
from tests.factories import (
    make_account,
    make_city,
    make_class_run,
    make_department,
    make_entry,
    make_person,
    make_policy,
    make_unit,
)
from zhixing.archive.actions.checks import PEOPLE_MAX, NewCheck, ask_check
from zhixing.archive.models import PromotionCheck
from zhixing.archive.queries.checks import Answer, CheckedPerson, Outcome, answer_for
from zhixing.attendance.models import Appeal, Mark, Register, Status
from zhixing.base.models import AuditEntry, StoredFile
from zhixing.base.problems import Invalid, Refused
from zhixing.callups.models import Callup
from zhixing.engine.sheets.mentions import read_lines
from zhixing.obligations.actions import reverse_entry
from zhixing.obligations.models import EntryAppeal, Exemption, ExternalTraining
from zhixing.people.actions.persons import seal_id_number
from zhixing.people.models import Account, Person, RecordReading, Role, Unit

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 6, 30)
ID = "110101199003078515"
POLICY = """[policy]
code = "city"
in_force_from = 2026-01-01
[[rule]]
code = "annual"
title = "年度集中培训"
ranks = ["乡科级正职", "乡科级副职"]
window = "year"
hours = 90
channels = ["offjob"]
basis = "条例一"
[[rule]]
code = "after-promotion"
title = "晋升后补训"
ranks = ["乡科级正职"]
window = "after_promotion"
hours = 30
channels = ["concentrated"]
basis = "条例二：任职后1年内完成"
"""


@pytest.fixture
def city() -> Unit:
    make_policy(POLICY)
    return make_city()


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


@pytest.fixture
def person(city: Unit) -> Person:
    return make_person(make_unit("市财政局", city), "顾清和", number="P1")


def asked(text: str, by: Account, **fields: Any) -> PromotionCheck:
    given = {"on": ON, "known_on": ON, **fields}
    return ask_check(NewCheck(mentions=read_lines(text).people, **given), by)


def answer(text: str, by: Account, **fields: Any) -> Answer:
    return answer_for(asked(text, by, **fields), by)


def one(person: Person, by: Account, **fields: Any) -> CheckedPerson:
    return answer(person.number, by, **fields).people[0]


def texts(checked: CheckedPerson) -> str:
    return "\n".join(contest.text for contest in checked.contests)


class TestWhoIsMeant:
    def test_names_numbers_and_id_numbers_find_people_in_the_order_of_the_list(
        self, city: Unit, department: Account, person: Person
    ) -> None:
        other = make_person(city, "吴静", number="P2")
        seal_id_number(other, ID)
        other.save()
        third = make_person(city, "郑和", number="P3")
        check = asked(f"姓名 工号\n郑和 P3\n吴静 {ID}\n1 顾清和\n", department)
        assert check.people == [third.pk, other.pk, person.pk]
        (doubt,) = check.problems
        assert (doubt["row"], doubt["reason"]) == (4, "仅凭姓名找到。")
        assert ID not in str(check.problems)

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("赵无 P1", "姓名和号码不是同一人。"),
            ("P1 P2", "姓名和号码不是同一人。"),
            ("P9", "管辖范围内没有此号码的人员。"),
            (f"顾清和 {ID}", "管辖范围内没有此号码的人员。"),
            ("赵无", "管辖范围内没有此姓名的人员。"),
            ("吴静", "管辖范围内有 2 人同名。"),
        ],
    )
    def test_who_is_not_certain_is_a_problem(
        self, city: Unit, department: Account, person: Person, line: str, reason: str
    ) -> None:
        for number in ("P2", "P3"):
            make_person(city, "吴静", number=number)
        check = asked(line, department)
        assert check.people == []
        assert [(p["row"], p["reason"]) for p in check.problems] == [(1, reason)]
        assert ID not in str(check.problems), "an ID number is kept masked"

    def test_said_twice_is_checked_once(self, department: Account, person: Person) -> None:
        check = asked("P1\n顾清和 P1", department)
        assert check.people == [person.pk]
        assert check.problems[0]["reason"] == "此人在名单中已出现。"

    def test_outside_the_scope_nobody_exists(self, city: Unit, person: Person) -> None:
        county = make_account(Role.DEPARTMENT, make_unit("河东县", city))
        check = asked("顾清和 P1", county)
        assert check.people == []
        assert check.problems[0]["reason"] == "管辖范围内没有此号码的人员。"

    def test_whoever_moved_out_of_the_scope_is_no_longer_shown(self, city: Unit, person: Person) -> None:
        county = make_unit("河东县", city)
        Person.objects.filter(pk=person.pk).update(unit=county)
        admin = make_account(Role.DEPARTMENT, county)
        check = asked("P1", admin)
        Person.objects.filter(pk=person.pk).update(unit=city)
        assert (answer_for(check, admin).people, answer_for(check, admin).missing) == ([], 1)

    def test_an_empty_or_endless_list_is_refused(self, department: Account) -> None:
        for text in ("", "姓名\n", "\n".join(f"P{n}" for n in range(PEOPLE_MAX + 1))):
            with pytest.raises(Invalid):
                asked(text, department)


class TestWhatTheDutiesSay:
    def test_met_when_every_rule_is_met(self, department: Account, person: Person) -> None:
        make_entry(person, dt.date(2026, 3, 1), 900)
        found = one(person, department)
        assert (found.outcome, found.due_on, found.contests) == (Outcome.MET, None, [])
        assert [duty.explanation.rule.basis for duty in found.explained.duties] == ["条例一"]

    def test_on_pace_when_the_window_is_open(self, department: Account, person: Person) -> None:
        make_entry(person, dt.date(2026, 3, 1), 600)
        assert one(person, department).outcome == Outcome.ON_PACE

    def test_not_met_says_by_when_to_catch_up_if_appointed_and_the_clause(
        self, department: Account, person: Person
    ) -> None:
        make_entry(person, dt.date(2026, 3, 1), 100)
        found = one(person, department)
        assert (found.outcome, found.due_on, found.if_appointed) == (Outcome.NOT_MET, dt.date(2027, 6, 29), True)
        assert found.basis == "条例二：任职后1年内完成"

    def test_a_grace_in_days_is_the_policys_own(self, department: Account, person: Person) -> None:
        longer = POLICY.replace('"after_promotion"', '"after_promotion"\nwindow_days = 730')
        make_policy(longer.replace("2026-01-01", "2026-02-01"))
        assert one(person, department).due_on == dt.date(2028, 6, 28)
        promoted = make_person(department.scope_unit, promoted=True, from_on=dt.date(2025, 2, 1))
        make_entry(promoted, dt.date(2026, 3, 1), 900)
        found = one(promoted, department)
        assert (found.outcome, found.due_on) == (Outcome.CATCH_UP, dt.date(2027, 1, 31)), "the second year still runs"

    def test_no_term_is_invented_where_the_policy_asks_no_catch_up(self, city: Unit, department: Account) -> None:
        deputy = make_person(city, rank="乡科级副职")
        found = one(deputy, department)
        assert (found.outcome, found.due_on) == (Outcome.NOT_MET, None)

    def test_a_catch_up_under_way_says_its_own_day(self, city: Unit, department: Account) -> None:
        promoted = make_person(city, promoted=True, from_on=dt.date(2026, 2, 1))
        make_entry(promoted, dt.date(2026, 3, 1), 900)
        found = one(promoted, department)
        assert (found.outcome, found.due_on, found.if_appointed) == (Outcome.CATCH_UP, dt.date(2027, 1, 31), False)
        late = one(promoted, department, on=dt.date(2027, 2, 1), known_on=dt.date(2027, 2, 1))
        assert late.outcome == Outcome.NOT_MET, "its year is over"

    def test_without_a_rule_nothing_is_said(self, city: Unit, department: Account) -> None:
        clerk = make_person(city, rank="", grade="试用期")
        assert one(clerk, department).outcome == Outcome.NO_RULE

    def test_many_are_explained_in_as_many_queries_as_one(
        self, city: Unit, department: Account, person: Person, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(20):
            make_entry(make_person(city, number=f"Q{number:02}"), dt.date(2026, 3, 1), 900)
        check = asked("\n".join(f"Q{n:02}" for n in range(20)), department)
        with django_assert_max_num_queries(24):
            assert len(answer_for(check, department).people) == 20


class TestWhatIsContested:
    def test_what_was_recorded_or_cancelled_later_does_not_count_and_is_shown(
        self, department: Account, person: Person
    ) -> None:
        wrong = make_entry(person, dt.date(2026, 3, 1), 900, title="误记班")
        make_entry(person, dt.date(2026, 4, 1), 200, title="补记班", recorded_on=dt.date(2026, 9, 1))
        check = asked("P1", department)
        reverse_entry(wrong, reason="记错人", by=department)
        (found,) = answer_for(check, department).people
        assert found.outcome == Outcome.MET, "the answer of that day stays"
        assert "补记班" in texts(found)
        assert "误记班" in texts(found)
        assert "记错人" in texts(found)
        (now,) = answer("P1", department, known_on=timezone.localdate()).people
        assert (now.outcome, now.contests) == (Outcome.NOT_MET, [])

    def test_open_appeals_and_hours_that_wait_are_shown_until_they_are_decided(
        self, department: Account, person: Person
    ) -> None:
        run = make_class_run("青干班", starts_on=dt.date(2026, 5, 11))
        callup = make_callup(run, person, Callup.State.ACCEPTED, 1)
        register = Register.objects.create(session=make_session(run, dt.date(2026, 5, 11), "am"))
        mark = Mark.objects.create(register=register, callup=callup, status=Status.ABSENT)
        appeal = Appeal.objects.create(mark=mark, claims=Status.PRESENT, text="在场", by_id=1)
        waiting = ExternalTraining.objects.create(
            person=person, title="省里的班", began_on=ON, ended_on=ON, tenths=80, channel="offjob", organiser="省", asked_by_id=1
        )  # fmt: skip
        entry = make_entry(person, dt.date(2026, 3, 1), 225, title="少记的班")
        disputed = EntryAppeal.objects.create(person=person, entry=entry, claims_tenths=300, text="少记一天", by_id=1)
        found = one(person, department)
        for words in ("青干班", "省里的班", "少记的班", "22.5", "30"):
            assert words in texts(found)
        assert [contest.url for contest in found.contests] == [
            reverse("attendance:appeal", args=[appeal.pk]),
            reverse("obligations:entry_appeal", args=[disputed.pk]),
            reverse("obligations:external_training", args=[waiting.pk]),
        ]
        Appeal.objects.update(state=Appeal.State.DISMISSED)
        EntryAppeal.objects.update(state=EntryAppeal.State.DISMISSED, decision_reason="核对无误", decided_by_id=1)
        ExternalTraining.objects.update(state=ExternalTraining.State.REFUSED)
        assert one(person, department).contests == []

    def test_exemptions_that_came_or_went_later_are_shown(self, department: Account, person: Person) -> None:
        days = {"person": person, "rule": "annual", "from_on": dt.date(2026, 1, 1), "to_on": ON}
        moments = [timezone.make_aware(dt.datetime.combine(dt.date(2026, month, 1), dt.time())) for month in (1, 8)]
        Exemption.objects.create(**days, reason="来得晚", recorded_at=moments[1])
        Exemption.objects.create(**days, reason="后来撤", recorded_at=moments[0], withdrawn_at=moments[1])
        Exemption.objects.create(**days, reason="早就有", recorded_at=moments[0])
        said = texts(one(person, department))
        assert "来得晚" in said
        assert "后来撤" in said
        assert "早就有" not in said


class TestPages:
    @pytest.fixture
    def client(self, department: Account) -> Client:
        client = Client()
        client.force_login(department)
        return client

    def given(self, **fields: Any) -> dict[str, Any]:
        return {"people": "", "on": "2026-06-30", "known_on": "2026-06-30", "title": "第三批", **fields}

    def test_the_answer_opens_to_the_explanation_and_says_what_it_is(self, client: Client, person: Person) -> None:
        make_entry(person, dt.date(2026, 3, 1), 100)
        page = client.post(reverse("archive:checks"), self.given(people="顾清和 P1\n赵无 P9"), follow=True)
        text = page.content.decode()
        link = f"{reverse('obligations:standing', args=[person.pk])}?on=2026-06-30&amp;known_on=2026-06-30"
        for words in (link, "不推荐人选，不排名", "条例一", "2027-06-29", "赵无", "未达到要求"):
            assert words in text
        assert client.get(link.replace("&amp;", "&")).status_code == 200
        reading = RecordReading.objects.filter(page="promotion_check", person=person)
        assert reading.count() == 1
        assert AuditEntry.objects.filter(action="archive.check_asked").count() == 1

    def test_a_spreadsheet_is_read_and_not_kept(self, client: Client, person: Person) -> None:
        book = openpyxl.Workbook()
        for row in (["拟提拔人员名单"], ["序号", "姓名", "工号"], [1, "顾清和", "P1"]):
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        upload = SimpleUploadedFile("名单.xlsx", content.getvalue())
        answer = client.post(reverse("archive:checks"), self.given(file=upload))
        assert answer.status_code == 302
        assert PromotionCheck.objects.get().people == [person.pk]
        assert not StoredFile.objects.exists()

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"people": "P1", "file": SimpleUploadedFile("a.csv", "姓名,工号\n顾清和,P1\n".encode())},
            {"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04 broken")},
            {"file": SimpleUploadedFile("a.csv", "单位,职务,日期,备注,其他\n甲,乙,丙,丁,戊\n".encode())},
            {"people": "P1", "on": "2026-13-01"},
            {"people": "P1", "on": "9999-12-31"},
            {"people": "姓名"},
        ],
    )
    def test_bad_input_is_shown_on_the_form(self, client: Client, person: Person, fields: dict[str, Any]) -> None:
        for file in fields.values():
            if isinstance(file, SimpleUploadedFile):
                file.seek(0)
        assert client.post(reverse("archive:checks"), self.given(**fields)).status_code == 422
        assert not PromotionCheck.objects.exists()

    def test_people_ticked_in_the_list_come_into_the_form(self, client: Client, city: Unit, person: Person) -> None:
        assert reverse("archive:check_selected") in client.get(reverse("people:persons")).content.decode()
        page = client.post(reverse("archive:check_selected"), {"selected": [str(person.pk), "x", "999999"]})
        assert "顾清和 P1" in page.content.decode()

    def test_the_pack_for_the_file_holds_figures_entries_and_contests(self, client: Client, person: Person) -> None:
        make_entry(person, dt.date(2026, 3, 1), 105, title="春季班")
        make_entry(person, dt.date(2026, 4, 1), 200, title="=补记班", recorded_on=dt.date(2026, 9, 1))
        check = asked("顾清和 P1\n赵无", Account.objects.get(role=Role.DEPARTMENT), title="第三批")
        answer = client.get(reverse("archive:check_pdf", args=[check.pk]))
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages).replace(
            " ", ""
        )
        for words in (
            "提拔任职资格（培训）核查",
            "第三批",
            "顾清和",
            "10.5",
            "春季班",
            "补记班",
            "条例一",
            "2027-06-29",
            "不排名",
            "赵无",
            "复核人",
            "该日之后签发",
        ):
            assert words in text
        assert client.get(reverse("archive:check_pdf", args=[check.pk])).content == answer.content
        book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("archive:check_book", args=[check.pk])).content))
        assert book.sheetnames == ["核查结果", "计入的记录", "有争议或未办结", "未找到或存疑", "核查说明"]
        assert [cell.value for cell in book["计入的记录"][2]][:2] == ["P1", "顾清和"]
        assert {cell.data_type for cell in book["有争议或未办结"][2]} <= {"s", "n"}
        assert RecordReading.objects.filter(person=person).count() == 3

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.SCHOOL, Role.TEACHER, Role.AUDITOR])
    def test_nobody_else_may(self, city: Unit, department: Account, person: Person, role: str) -> None:
        check = asked("P1", department)
        account = make_account(role, city)
        with pytest.raises(Refused):
            asked("P1", account)
        client = Client()
        client.force_login(account)
        for name in ("check", "check_pdf", "check_book"):
            assert client.get(reverse(f"archive:{name}", args=[check.pk])).status_code == 403
        assert client.get(reverse("archive:checks")).status_code == 403
        assert client.post(reverse("archive:check_selected"), {"selected": [person.pk]}).status_code == 403
        assert client.get(reverse("people:persons")).content.decode().count("check/selected") == 0
        assert not RecordReading.objects.filter(page__startswith="promotion").exists()

    def test_another_department_finds_none(self, city: Unit, department: Account, person: Person) -> None:
        check = asked("P1", department)
        client = Client()
        client.force_login(make_account(Role.DEPARTMENT, make_unit("河东县", city)))
        for name in ("check", "check_pdf", "check_book"):
            assert client.get(reverse(f"archive:{name}", args=[check.pk])).status_code == 404
