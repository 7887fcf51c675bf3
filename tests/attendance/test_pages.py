"""Every page: who sees it, what its first line answers, and what its buttons do."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.attendance.school import MONDAY, School, at, make_school
from zhixing.attendance import actions, papers, queries
from zhixing.attendance.models import Appeal, Leave, Mark, Register, Withdrawal
from zhixing.callups.models import Callup
from zhixing.people.models import Account, Role, Unit
from zhixing.resources.models import Teacher

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> School:
    """It is the noon of the first day: the morning is over, its register still open."""
    made = make_school(people=3)
    made.open()
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(MONDAY, 12, 30))
    return made


def browser(user: Account, language: str = "en") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def text_of(answer: Any) -> str:
    """The page as read: tags away, white space single."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def first_line(answer: Any) -> str:
    heading = re.search(r'<h1 class="zx-answer">(.*?)</h1>', answer.content.decode(), re.DOTALL)
    assert heading is not None
    return " ".join(re.sub(r"<[^>]+>", "", heading[1]).split())


def pages_of(school: School) -> dict[str, str]:
    """Name → address of every page that staff open."""
    register, run = school.register(), school.class_run
    return {
        "registers": reverse("attendance:registers"),
        "register": reverse("attendance:register", args=[register.pk]),
        "projector": reverse("attendance:projector", args=[register.pk]),
        "class_run": reverse("attendance:class_run", args=[run.pk]),
        "sheet": reverse("attendance:sheet", args=[run.pk, "2026-09-07"]),
        "sheet_file": reverse("attendance:sheet_file", args=[run.pk, "2026-09-07"]),
        "sheet_pdf": reverse("attendance:sheet_pdf", args=[run.pk, "2026-09-07"]),
        "bring_back": reverse("attendance:bring_back", args=[run.pk, "2026-09-07"]),
        "leaves": reverse("attendance:leaves"),
        "withdrawals": reverse("attendance:withdrawals"),
        "appeals": reverse("attendance:appeals"),
        "ask_leave": reverse("attendance:ask_leave", args=[school.callups[0].pk]),
        "report": reverse("attendance:report"),
        "mine": reverse("attendance:mine"),
    }


class TestWhoSeesWhat:
    def test_staff_see_every_page_and_no_page_has_inline_style(self, school: School) -> None:
        client = browser(school.head)
        for name, url in pages_of(school).items():
            answer = client.get(url)
            assert answer.status_code == 200, name
            if "html" in answer["Content-Type"]:
                assert ' style="' not in answer.content.decode(), name

    @pytest.mark.parametrize(
        ("role", "seen"),
        [
            (Role.AUDITOR, {"registers", "register", "class_run", "sheet", "sheet_file", "sheet_pdf", "bring_back"}),
            (Role.LIAISON, set()),
            (Role.TEACHER, set()),
            (Role.SCHOOL, set()),
        ],
    )
    def test_others_see_what_lies_in_their_scope(self, school: School, role: str, seen: set[str]) -> None:
        units = {
            Role.SCHOOL: factories.make_unit("别校", school.city, kind=Unit.Kind.SCHOOL),
            Role.LIAISON: factories.make_unit("别单位", school.city),
        }
        client = browser(factories.make_account(role, units.get(role, school.city)))
        of_one_class = {"register", "projector", "class_run", "sheet", "sheet_file", "sheet_pdf", "bring_back"}
        pages = pages_of(school)
        got = {name for name in of_one_class if client.get(pages[name]).status_code == 200}
        assert got == seen & of_one_class
        for name in of_one_class - seen:
            assert client.get(pages[name]).status_code in {403, 404}

    def test_a_trainee_sees_the_own_page_and_no_register(self, school: School) -> None:
        client = browser(school.trainees[0])
        pages = pages_of(school)
        assert client.get(pages["mine"]).status_code == 200
        assert client.get(pages["ask_leave"]).status_code == 200
        for name in ("register", "projector", "class_run", "sheet", "report"):
            assert client.get(pages[name]).status_code in {403, 404}, name
        others = reverse("attendance:ask_leave", args=[school.callups[1].pk])
        assert client.get(others).status_code == 404

    def test_a_mark_of_someone_else_does_not_exist_for_a_trainee(self, school: School) -> None:
        school.close(0)
        own, other = (Mark.objects.get(callup=school.callups[n]) for n in (0, 1))
        client = browser(school.trainees[0])
        page = client.get(reverse("attendance:mark_detail", args=[own.pk]))
        assert page.status_code == 200
        assert reverse("attendance:register", args=[own.register_id]) not in page.content.decode()
        staff = browser(school.head).get(reverse("attendance:mark_detail", args=[own.pk])).content.decode()
        assert reverse("attendance:register", args=[own.register_id]) in staff
        assert client.get(reverse("attendance:mark_detail", args=[other.pk])).status_code == 404
        assert client.get(reverse("attendance:make_appeal", args=[other.pk])).status_code == 404

    def test_strangers_are_sent_to_the_door(self, school: School) -> None:
        for name, url in pages_of(school).items():
            assert Client().get(url).status_code == 302, name

    @pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "2026-09-30"])
    def test_a_day_without_registers_is_no_page(self, school: School, day: str) -> None:
        url = reverse("attendance:sheet", args=[school.class_run.pk, day])
        assert browser(school.head).get(url).status_code == 404


class TestRegisters:
    def test_the_first_line_says_what_today_needs(self, school: School) -> None:
        answer = browser(school.head).get(reverse("attendance:registers"))
        assert first_line(answer) == "Today has 2 sessions; 2 registers are still open"

    def test_today_comes_first_then_what_lies_behind_then_what_is_to_come(
        self, school: School, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: at(MONDAY + dt.timedelta(days=2), 8))
        rows = queries.todays_first(queries.with_session(Register.objects.visible_to(school.head)))
        days = [row.session.on.day for row in rows]
        assert days == [9, 9, 8, 8, 7, 7, 10, 10, 11, 11]

    def test_a_class_run_without_registers_is_offered_with_a_button(self, school: School) -> None:
        other = make_school(people=1)
        client = browser(school.department)
        page = client.get(reverse("attendance:registers"))
        open_url = reverse("attendance:open", args=[other.class_run.pk])
        assert open_url in page.content.decode()
        client.post(open_url)
        assert Register.objects.filter(session__class_run=other.class_run).count() == 10

    def test_the_list_answers_as_excel(self, school: School) -> None:
        answer = browser(school.head).get(reverse("attendance:registers"), {"export": "registers"})
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
        assert len(rows) == 11

    def test_one_tap_marks_and_gives_back_the_line_and_the_counts(self, school: School) -> None:
        url = reverse("attendance:mark", args=[school.register().pk, school.callups[0].pk])
        answer = browser(school.head).post(url, {"status": "late", "version": "0"}, headers={"HX-Request": "true"})
        page = answer.content.decode()
        assert f'id="line-{school.callups[0].pk}"' in page
        assert 'hx-swap-oob="true"' in page
        assert "1 of 3 there" in text_of(answer)
        assert school.callups[1].person.name not in page

    def test_the_second_tab_is_shown_the_conflict(self, school: School) -> None:
        url = reverse("attendance:mark", args=[school.register().pk, school.callups[0].pk])
        client = browser(school.head)
        client.post(url, {"status": "late", "version": "0"}, headers={"HX-Request": "true"})
        answer = client.post(url, {"status": "present", "version": "0"}, headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Retarget"]) == (409, "#messages")
        assert school.callups[0].person.name in answer.content.decode()

    def test_it_works_without_javascript(self, school: School) -> None:
        url = reverse("attendance:mark", args=[school.register().pk, school.callups[0].pk])
        answer = browser(school.head).post(url, {"status": "late", "version": "0"})
        assert answer["Location"].endswith(f"#line-{school.callups[0].pk}")

    @pytest.mark.parametrize("data", [{}, {"status": "asleep", "version": "0"}, {"status": "late", "version": "x"}])
    def test_a_broken_request_is_refused(self, school: School, data: dict[str, str]) -> None:
        url = reverse("attendance:mark", args=[school.register().pk, school.callups[0].pk])
        assert browser(school.head).post(url, data).status_code == 422

    def test_everybody_else_and_closing(self, school: School) -> None:
        client, pk = browser(school.head), school.register().pk
        client.post(reverse("attendance:rest", args=[pk]))
        page = client.post(reverse("attendance:close", args=[pk]), follow=True)
        assert "Closed: 3 there, 0 on leave, 0 absent" in text_of(page)
        assert 'name="status"' not in page.content.decode()

    def test_sources_that_disagree_are_shown_with_the_rule(self, school: School) -> None:
        from zhixing.attendance import tokens

        moment = at(MONDAY, 9)
        actions.sign_in(tokens.make(school.register().pk, moment), by=school.trainees[0], now=moment)
        school.mark(0, 0, "absent")
        page = text_of(browser(school.head).get(reverse("attendance:register", args=[school.register().pk])))
        assert "sources disagree" in page
        assert "stands over the own scan" in page

    def test_the_lists_count_who_was_there_and_with_whom_a_register_was_closed(self, school: School) -> None:
        school.mark(0, 0, "absent")
        school.close(0)
        Callup.objects.filter(pk=school.callups[0].pk).update(state=Callup.State.WITHDRAWN, seat=None)
        rows = queries.with_counts(Register.objects.filter(session__on=MONDAY)).order_by("session__begins_at")
        counts = [(row.present, row.on_leave, row.absent, row.listed) for row in rows]
        assert counts == [(2, 0, 1, 3), (0, 0, 0, 2)]

    @pytest.mark.parametrize("people", [3, 60])
    def test_a_register_costs_the_same_queries_for_a_few_and_for_many(
        self, people: int, django_assert_max_num_queries: Any
    ) -> None:
        school = make_school(people=people, days=1)
        school.open()
        client = browser(school.head)
        url = reverse("attendance:register", args=[school.register().pk])
        client.get(url)
        with django_assert_max_num_queries(12):
            client.get(url)


class TestSheet:
    def test_the_sheet_is_brought_back_through_the_page(self, school: School) -> None:
        registers = queries.registers_of_day(school.head, school.class_run, MONDAY)
        book = openpyxl.load_workbook(io.BytesIO(papers.sheet_book(school.class_run, registers)))
        book.active.cell(3, 5).value = "√"
        content = io.BytesIO()
        book.save(content)
        url = reverse("attendance:bring_back", args=[school.class_run.pk, "2026-09-07"])
        page = browser(school.head).post(url, {"sheet": SimpleUploadedFile("x.xlsx", content.getvalue())}, follow=True)
        assert "1 marks entered, 0 already said so" in text_of(page)

    def test_rows_to_mend_are_listed(self, school: School) -> None:
        number = school.callups[0].person.number
        upload = SimpleUploadedFile("x.csv", f"工号,姓名,上午\n{number},某,也许\n".encode())
        url = reverse("attendance:bring_back", args=[school.class_run.pk, "2026-09-07"])
        answer = browser(school.head).post(url, {"sheet": upload})
        assert answer.status_code == 422
        assert "也许" in text_of(answer)

    def test_without_a_file_the_form_comes_back(self, school: School) -> None:
        url = reverse("attendance:bring_back", args=[school.class_run.pk, "2026-09-07"])
        assert browser(school.head).post(url).status_code == 422


class TestLeave:
    def ask(self, school: School, numbers: list[int], **fields: Any) -> Any:
        url = reverse("attendance:ask_leave", args=[school.callups[0].pk])
        data = {"sessions": [school.sessions[n].pk for n in numbers], "reason": "duty", **fields}
        return browser(school.trainees[0]).post(url, data, follow=True)

    def test_a_trainee_asks_and_three_people_agree(self, school: School) -> None:
        assert "asks leave from 3 half days" in first_line(self.ask(school, [1, 2, 3]))
        leave = Leave.objects.get()
        for user in school.staff:
            inbox = browser(user).get(reverse("attendance:leaves"), {"show": "waiting"})
            assert school.callups[0].person.name in inbox.content.decode()
            browser(user).post(reverse("attendance:move_leave", args=[leave.pk, "agree"]), {"note": "同意"})
        leave.refresh_from_db()
        assert leave.state == Leave.State.APPROVED
        page = browser(school.head).get(reverse("attendance:leave", args=[leave.pk]))
        assert "Over the cap: withdrawal is proposed, a person decides." in text_of(page)

    def test_the_decider_sees_beforehand_that_the_cap_would_be_passed(self, school: School) -> None:
        self.ask(school, [1, 2])
        page = browser(school.head).get(reverse("attendance:leave", args=[Leave.objects.get().pk]))
        assert "the cap would be passed" in text_of(page)

    def test_the_form_says_what_is_wrong(self, school: School) -> None:
        answer = self.ask(school, [])
        assert answer.status_code == 422
        assert "Please mend" in text_of(answer)

    def test_half_days_in_another_leave_are_not_offered(self, school: School) -> None:
        self.ask(school, [1])
        page = browser(school.trainees[0]).get(reverse("attendance:ask_leave", args=[school.callups[0].pk]))
        assert f'value="{school.sessions[1].pk}"' not in page.content.decode()

    @pytest.mark.parametrize("deed", ["cancel", "back"])
    def test_cancelling_and_reporting_back(self, school: School, deed: str) -> None:
        self.ask(school, [2])
        leave = Leave.objects.get()
        if deed == "back":
            actions.decide_leave(leave, agree=True, by=school.head)
        browser(school.trainees[0]).post(reverse("attendance:move_leave", args=[leave.pk, deed]))
        leave.refresh_from_db()
        assert leave.state == {"cancel": "cancelled", "back": "ended"}[deed]

    def test_an_unknown_deed_is_no_page(self, school: School) -> None:
        self.ask(school, [2])
        url = reverse("attendance:move_leave", args=[Leave.objects.get().pk, "forget"])
        assert browser(school.head).post(url).status_code == 404

    def test_a_leave_outside_the_scope_does_not_exist(self, school: School) -> None:
        self.ask(school, [2])
        pk = Leave.objects.get().pk
        for user in (school.trainees[1], factories.make_account(Role.TEACHER)):
            assert browser(user).get(reverse("attendance:leave", args=[pk])).status_code == 404
            assert browser(user).post(reverse("attendance:move_leave", args=[pk, "agree"])).status_code == 404

    def test_a_proof_is_handed_to_those_concerned_only(self, school: School) -> None:
        self.ask(school, [2], proof=SimpleUploadedFile("会议通知.pdf", b"%PDF-1.7 x"))
        url = reverse("attendance:proof", args=["leave", Leave.objects.get().pk])
        assert browser(school.head).get(url).content == b"%PDF-1.7 x"
        assert browser(school.trainees[1]).get(url).status_code == 404
        assert browser(school.head).get(reverse("attendance:proof", args=["secret", 1])).status_code == 404


class TestDecisions:
    @pytest.fixture
    def missed(self, school: School) -> School:
        """The first person missed two half days: a withdrawal is proposed."""
        for number in (0, 1):
            school.mark(number, 0, "absent")
            school.close(number)
        return school

    def test_a_withdrawal_is_decided_on_its_page(self, missed: School) -> None:
        pk = Withdrawal.objects.get().pk
        client = browser(missed.department)
        assert first_line(client.get(reverse("attendance:withdrawals"))).startswith("1 proposed withdrawal")
        url = reverse("attendance:withdrawal", args=[pk])
        assert "missed 6 hours; the cap is 4.2" in first_line(client.get(url))
        client.post(url, {"decision": "confirm", "note": "超过七分之一"})
        assert Withdrawal.objects.get().state == Withdrawal.State.CONFIRMED
        assert "超过七分之一" in text_of(client.get(url))

    def test_staff_of_the_school_see_it_but_have_no_button(self, missed: School) -> None:
        url = reverse("attendance:withdrawal", args=[Withdrawal.objects.get().pk])
        client = browser(missed.head)
        assert 'value="confirm"' not in client.get(url).content.decode()
        assert client.post(url, {"decision": "confirm", "note": "退学"}).status_code == 403

    def test_a_trainee_appeals_and_the_department_upholds(self, missed: School) -> None:
        mark = Mark.objects.get(callup=missed.callups[0], register=missed.register(0))
        trainee = browser(missed.trainees[0])
        url = reverse("attendance:make_appeal", args=[mark.pk])
        assert trainee.get(url).status_code == 200
        assert trainee.post(url, {"claims": "present", "text": ""}).status_code == 422
        trainee.post(url, {"claims": "present", "text": "我在第三排"})
        decide = reverse("attendance:appeal", args=[Appeal.objects.get().pk])
        client = browser(missed.department)
        assert "says Present" in first_line(client.get(decide))
        assert first_line(client.get(reverse("attendance:appeals"))).startswith("1 appeal waits")
        client.post(decide, {"decision": "uphold", "note": "核实属实"})
        mark.refresh_from_db()
        assert mark.status == "present"
        assert "核实属实" in text_of(trainee.get(decide))

    def test_a_mark_shows_its_trail_its_hours_and_is_corrected_there(self, missed: School) -> None:
        mark = Mark.objects.get(callup=missed.callups[0], register=missed.register(0))
        url = reverse("attendance:mark_detail", args=[mark.pk])
        client = browser(missed.head)
        assert client.post(url, {"status": "present", "version": "1"}).status_code == 422
        client.post(url, {"status": "present", "version": "1", "reason": "误点"})
        page = text_of(client.get(url))
        assert "误点" in page
        assert "Hours in the ledger" in page

    def test_the_class_run_is_ended_on_its_page(self, missed: School) -> None:
        client = browser(missed.department)
        url = reverse("attendance:class_run", args=[missed.class_run.pk])
        assert first_line(client.get(url)) == "2 of 10 registers are closed"
        assert client.post(reverse("attendance:complete", args=[missed.class_run.pk])).status_code == 409
        actions.decide_withdrawal(Withdrawal.objects.get(), confirm=False, note="留", by=missed.department)
        for number in range(2, 10):
            missed.close(number)
        page = client.post(reverse("attendance:complete", args=[missed.class_run.pk]), follow=True)
        assert "3 completed it, 0 did not" in text_of(page)
        assert all(callup.person.name in page.content.decode() for callup in missed.callups)


class TestMineAndReport:
    def test_a_trainee_sees_marks_hours_leave_budget_and_buttons(self, school: School) -> None:
        school.mark(0, 0, "absent")
        school.close(0)
        answer = browser(school.trainees[0]).get(reverse("attendance:mine"))
        assert first_line(answer) == "Missed 3 of at most 4.2 hours"
        page = answer.content.decode()
        mark = Mark.objects.get(callup=school.callups[0])
        assert reverse("attendance:make_appeal", args=[mark.pk]) in page
        assert reverse("attendance:ask_leave", args=[school.callups[0].pk]) in page
        assert '<progress class="zx-progress' in page

    def test_the_budget_bar_speaks_chinese(self, school: School) -> None:
        school.mark(0, 0, "absent")
        school.close(0)
        answer = browser(school.trainees[0], "zh-hans").get(reverse("attendance:mine"))
        assert first_line(answer) == "请假缺课已用 3 / 上限 4.2 学时"

    def test_someone_who_was_never_called_is_told_so(self, school: School) -> None:
        user = factories.make_account(Role.TRAINEE, None, factories.make_person(school.organ))
        assert first_line(browser(user).get(reverse("attendance:mine"))) == "You have not been to a class run yet"

    def test_a_proposed_call_up_is_not_shown_to_the_person(self, school: School) -> None:
        Callup.objects.filter(pk=school.callups[0].pk).update(state=Callup.State.PROPOSED, seat=None)
        answer = browser(school.trainees[0]).get(reverse("attendance:mine"))
        assert school.class_run.name not in answer.content.decode()

    def test_the_report_compares_class_runs_and_names_no_person(self, school: School) -> None:
        school.mark(0, 0, "absent")
        school.mark(0, 1, "late")
        school.close(0)
        answer = browser(school.department).get(reverse("attendance:report"))
        assert first_line(answer) == "66.7 % of all marks say “there”"
        page = answer.content.decode()
        assert school.class_run.name in page
        assert not any(callup.person.name in page for callup in school.callups)

    def test_the_report_of_a_school_holds_its_own_class_runs_only(self, school: School) -> None:
        school.close(0)
        other = make_school(people=1)
        other.open()
        other.close(0)
        rows = queries.attendance_by_class_run(other.head)
        assert [run.pk for run in rows] == [other.class_run.pk]
        assert queries.attendance_in_all(other.head)["marked"] == 1

    def test_the_report_answers_as_excel_with_numbers(self, school: School) -> None:
        school.close(0)
        answer = browser(school.head).get(reverse("attendance:report"), {"export": "attendance"})
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
        assert rows[1][3:6] == (10, 1, 3)
        assert rows[1][-1] == 100


class TestPeopleOfAClassRun:
    def test_the_list_is_narrowed_to_those_who_do_not_complete_and_answers_as_excel(self, school: School) -> None:
        for number in (0, 1):
            school.mark(number, 0, "absent")
            school.close(number)
        client = browser(school.head)
        url = reverse("attendance:class_run", args=[school.class_run.pk])
        for narrowed in ({"outcome": "fails"}, {"cap": "passed"}):
            page = client.get(url, narrowed).content.decode()
            assert school.callups[0].person.name in page
            assert school.callups[1].person.name not in page
        answer = client.get(url, {"export": "people"})
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
        assert [row[3:7] for row in rows[1:]] == [(0, 6, 6, 4.2), (6, 6, 0, 4.2), (6, 6, 0, 4.2)]

    def test_it_cannot_be_sorted_by_hours(self, school: School) -> None:
        page = browser(school.head).get(reverse("attendance:class_run", args=[school.class_run.pk])).content.decode()
        assert "sort=person__name" in page
        assert not any(f"sort={key}" in page for key in ("attended", "missed", "outcome"))

    def test_a_teacher_sees_the_own_registers_but_no_hours_of_persons(self, school: School) -> None:
        account = factories.make_account(Role.TEACHER)
        teacher = Teacher.objects.create(name="李老师", group="school", account=account)
        school.class_run.sessions.filter(pk=school.sessions[0].pk).update(teacher=teacher)
        answer = browser(account).get(reverse("attendance:class_run", args=[school.class_run.pk]))
        assert answer.status_code == 200
        assert school.callups[0].person.name not in answer.content.decode()
