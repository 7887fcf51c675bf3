"""Teachers: kept by the department and the institutions, each its own; linked to an account; named in sessions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_city, make_class_run, make_department, make_unit
from zhixing.base.audit import trail
from zhixing.base.problems import Conflict, Invalid, NotFound, Refused
from zhixing.base.tables.read import read_sheet
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.resources import actions, queries
from zhixing.resources.models import Teacher
from zhixing.timetables.actions import save_session
from zhixing.timetables.models import Session
from zhixing.timetables.queries import sessions_taught

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def school(city: Unit) -> Unit:
    return make_unit("市委党校", city, Unit.Kind.SCHOOL)


@pytest.fixture
def other(city: Unit) -> Unit:
    return make_unit("云岚干部学院", city, Unit.Kind.SCHOOL)


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


@pytest.fixture
def staff(school: Unit) -> Account:
    return make_account(Role.SCHOOL, school)


def make_teacher(institution: Unit | None = None, name: str = "苏教授", **fields: Any) -> Teacher:
    return Teacher.objects.create(**{"name": name, "group": "school", "institution": institution, **fields})


def facts(institution: Unit | None, account: Account | None = None, **others: Any) -> dict[str, Any]:
    given = {"name": "苏教授", "group": "school", "topics": "基层治理", "contact": "0990-6600110"}
    return {**given, "institution": institution, "account": account, **others}


def session_facts(class_run: ClassRun, teacher: Teacher | None) -> dict[str, Any]:
    times = {"begins_at": dt.time(9), "ends_at": dt.time(12)}
    return {"on": class_run.starts_on, "half": "am", "title": "开班", "tenths": 30, "teacher": teacher, **times}


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


class TestWhoSees:
    def test_an_institution_sees_its_own_teachers_and_the_citys(
        self, school: Unit, other: Unit, staff: Account
    ) -> None:
        own, citys = make_teacher(school), make_teacher(None, "秦主任")
        make_teacher(other, "郝老师")
        assert set(queries.teachers_for(staff)) == {own, citys}

    def test_city_department_and_auditor_see_all_a_county_its_own(self, city: Unit, school: Unit) -> None:
        county = make_unit("青禾县", city)
        here, there, citys = make_teacher(county), make_teacher(school, "郝老师"), make_teacher(None, "秦主任")
        for role in (Role.DEPARTMENT, Role.AUDITOR):
            assert set(queries.teachers_for(make_account(role, city))) == {here, there, citys}
            assert set(queries.teachers_for(make_account(role, county))) == {here, citys}

    def test_a_teacher_sees_the_own_row_only(self, school: Unit) -> None:
        account = make_account(Role.TEACHER)
        make_teacher(None, "秦主任")
        assert list(queries.teachers_for(account)) == []
        own = make_teacher(school, account=account)
        assert list(queries.teachers_for(account)) == [own]

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.TRAINEE])
    def test_others_see_none(self, city: Unit, role: str) -> None:
        from tests.factories import make_person

        make_teacher(None)
        person = make_person(city) if role == Role.TRAINEE else None
        assert not queries.teachers_for(make_account(role, city, person)).exists()


class TestWriting:
    def test_an_institution_keeps_its_own_teachers_with_a_trail(self, school: Unit, staff: Account) -> None:
        made = actions.save_teacher(facts(school), by=staff)
        actions.save_teacher(facts(school, topics="党的创新理论"), by=staff, teacher=made)
        made.refresh_from_db()
        assert made.topics == "党的创新理论"
        assert [entry.action for entry in trail(made)] == ["resources.teacher_saved"] * 2
        assert "苏教授" not in str(list(trail(made).values()))

    def test_nobody_writes_what_another_keeps(self, city: Unit, other: Unit, staff: Account) -> None:
        for institution in (other, None):
            with pytest.raises(Refused):
                actions.save_teacher(facts(institution), by=staff)
            with pytest.raises(Refused):
                actions.retire_teacher(make_teacher(institution), by=staff)
        county = make_department(make_unit("青禾县", city))
        with pytest.raises(Refused):
            actions.save_teacher(facts(None), by=county)

    def test_nobody_takes_a_teacher_from_another_nor_gives_one_away(
        self, school: Unit, other: Unit, staff: Account
    ) -> None:
        with pytest.raises(Refused):
            actions.save_teacher(facts(school), by=staff, teacher=make_teacher(other))
        with pytest.raises(Refused):
            actions.save_teacher(facts(other), by=staff, teacher=make_teacher(school))

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.TEACHER, Role.AUDITOR])
    def test_readers_do_not_write(self, city: Unit, role: str) -> None:
        with pytest.raises(Refused):
            actions.save_teacher(facts(city), by=make_account(role, city))

    def test_a_retired_teacher_comes_back_and_each_happens_once(self, school: Unit, staff: Account) -> None:
        teacher, stale = make_teacher(school), Teacher.objects.get()
        actions.retire_teacher(teacher, by=staff)
        with pytest.raises(Conflict):
            actions.retire_teacher(stale, by=staff)
        teacher.refresh_from_db()
        with pytest.raises(Refused):
            actions.retire_teacher(teacher, by=staff)
        actions.take_teacher_back(teacher, by=staff)
        with pytest.raises(Conflict):
            actions.take_teacher_back(teacher, by=staff)
        teacher.refresh_from_db()
        assert teacher.retired_on is None

    def test_whoever_has_sessions_to_come_is_not_retired(self, school: Unit, staff: Account) -> None:
        teacher = make_teacher(school)
        tomorrow = timezone.localdate() + dt.timedelta(days=1)
        class_run = make_class_run(institution=school, starts_on=tomorrow)
        session = save_session(class_run, session_facts(class_run, teacher), by=staff)
        with pytest.raises(Conflict, match=r"课次|sessions"):
            actions.retire_teacher(teacher, by=staff)
        session.delete()
        actions.retire_teacher(teacher, by=staff)

    def test_a_cancelled_class_run_keeps_nobody_from_retiring(self, school: Unit, staff: Account) -> None:
        teacher = make_teacher(school)
        tomorrow = timezone.localdate() + dt.timedelta(days=1)
        cancelled, held = (make_class_run(institution=school, starts_on=tomorrow) for _ in range(2))
        for class_run in (cancelled, held):
            save_session(class_run, session_facts(class_run, teacher) | {"half": "am"}, by=staff)
            if class_run == cancelled:
                ClassRun.objects.filter(pk=cancelled.pk).update(state=ClassRun.State.CANCELLED)
        with pytest.raises(Conflict):
            actions.retire_teacher(teacher, by=staff)
        held.sessions.all().delete()
        actions.retire_teacher(teacher, by=staff)

    def test_a_form_opened_before_does_not_take_a_retired_teacher_back(self, school: Unit, staff: Account) -> None:
        teacher, stale = make_teacher(school), Teacher.objects.get()
        actions.retire_teacher(teacher, by=staff)
        actions.save_teacher(facts(school, name="苏老师"), by=staff, teacher=stale)
        teacher.refresh_from_db()
        assert (teacher.name, teacher.retired_on) == ("苏老师", timezone.localdate())


class TestTheAccount:
    def test_a_free_teachers_account_is_linked_and_belongs_to_one(self, school: Unit, department: Account) -> None:
        account = make_account(Role.TEACHER)
        made = actions.save_teacher(facts(school, account), by=department)
        assert queries.teacher_of(account) == made
        with pytest.raises(Invalid):
            actions.save_teacher(facts(school, account, name="孟教授"), by=department)
        actions.save_teacher(facts(school, account, name="苏老师"), by=department, teacher=made)
        actions.save_teacher(facts(school, None), by=department, teacher=made)
        assert queries.teacher_of(account) is None

    def test_no_other_account_is_linked(self, city: Unit, school: Unit, department: Account, staff: Account) -> None:
        """Neither another role's, nor one that is switched off, nor one that the writer does not look after."""
        for account in (make_account(Role.AUDITOR, school), make_account(Role.TEACHER, is_active=False)):
            with pytest.raises(Invalid):
                actions.save_teacher(facts(school, account), by=department)
        with pytest.raises(Invalid):
            actions.save_teacher(facts(school, make_account(Role.TEACHER)), by=staff)
        actions.save_teacher(facts(school, make_account(Role.TEACHER, school)), by=staff)

    def test_an_institution_keeps_the_account_that_the_department_linked(
        self, school: Unit, department: Account, staff: Account
    ) -> None:
        account = make_account(Role.TEACHER)
        made = actions.save_teacher(facts(school, account), by=department)
        assert actions.save_teacher(facts(school, account, topics="新"), by=staff, teacher=made).account == account

    def test_the_department_makes_it_from_the_teachers_page_without_a_scope(
        self, school: Unit, department: Account
    ) -> None:
        teacher = make_teacher(school)
        url = reverse("resources:open_account", args=[teacher.pk])
        shown = signed_in(department).get(url)
        assert set(shown.context["form"].fields) == {"username", "email"}
        answer = signed_in(department).post(url, {"username": "su"})
        teacher.refresh_from_db()
        assert teacher.account is not None
        assert (teacher.account.role, teacher.account.name) == (Role.TEACHER, "苏教授")
        assert teacher.account.check_password(answer.context["password"])
        assert signed_in(department).post(url, {"username": "su2"}).status_code == 403

    def test_a_user_name_that_is_taken_makes_nothing(self, school: Unit, department: Account) -> None:
        teacher = make_teacher(school)
        make_account(Role.TEACHER, username="su")
        answer = signed_in(department).post(reverse("resources:open_account", args=[teacher.pk]), {"username": "su"})
        assert answer.status_code == 422
        teacher.refresh_from_db()
        assert teacher.account is None

    def test_an_institution_makes_no_accounts(self, school: Unit, staff: Account) -> None:
        with pytest.raises(Refused):
            actions.open_account(make_teacher(school), username="su", email="", by=staff)

    def test_the_form_of_accounts_gives_a_teacher_no_scope(self, city: Unit, department: Account) -> None:
        url = reverse("people:open_account")
        given = {"username": "su", "name": "苏教授", "role": "teacher"}
        assert signed_in(department).post(url, given | {"scope_unit": city.pk}).status_code == 200
        account = Account.objects.get(username="su")
        assert account.scope_unit is None
        liaison = signed_in(department).post(url, {"username": "li", "name": "李", "role": "liaison"})
        assert liaison.status_code == 422

    def test_a_county_looks_after_the_teachers_accounts_it_made(self, city: Unit) -> None:
        county = make_unit("青禾县", city)
        owner = make_department(county)
        signed_in(owner).post(reverse("people:open_account"), {"username": "su", "name": "苏教授", "role": "teacher"})
        account = Account.objects.get(username="su")
        assert account in Account.objects.visible_to(owner)
        edit = reverse("people:edit_account", args=[account.pk])
        assert signed_in(owner).post(edit, {"name": "苏老师", "role": "teacher"}).status_code == 302
        assert Account.objects.visible_to(owner).get(username="su").name == "苏老师"


class TestSessions:
    def test_the_form_offers_the_active_teachers_in_scope(self, school: Unit, other: Unit, staff: Account) -> None:
        own, citys = make_teacher(school), make_teacher(None, "秦主任")
        make_teacher(other, "郝老师")
        make_teacher(school, "孟教授", retired_on=timezone.localdate())
        class_run = make_class_run(institution=school)
        form = signed_in(staff).get(reverse("timetables:create", args=[class_run.pk])).context["form"]
        assert set(form.fields["teacher"].queryset) == {own, citys}

    def test_a_session_names_a_teacher_by_the_form(self, school: Unit, staff: Account) -> None:
        teacher, class_run = make_teacher(school), make_class_run(institution=school)
        given = {"on": class_run.starts_on, "half": "am", "begins_at": "09:00", "ends_at": "12:00"}
        given |= {"title": "开班", "method": "lecture", "hours": "3", "teacher": teacher.pk}
        answer = signed_in(staff).post(reverse("timetables:create", args=[class_run.pk]), given)
        assert answer.status_code == 302, answer.context["form"].errors
        assert Session.objects.get().teacher == teacher

    def test_who_is_retired_or_elsewhere_is_not_named_but_stays_where_named(
        self, school: Unit, other: Unit, staff: Account
    ) -> None:
        class_run = make_class_run(institution=school)
        retired = make_teacher(school, "孟教授", retired_on=timezone.localdate())
        for teacher in (retired, make_teacher(other)):
            with pytest.raises(Invalid):
                save_session(class_run, session_facts(class_run, teacher), by=staff)
        session = save_session(class_run, session_facts(class_run, None), by=staff)
        Session.objects.update(teacher=retired)
        session.refresh_from_db()
        assert save_session(class_run, session_facts(class_run, retired), by=staff, session=session).teacher == retired

    def test_a_teacher_reads_the_own_sessions_and_nobody_elses(self, school: Unit) -> None:
        account = make_account(Role.TEACHER)
        own, colleague = make_teacher(school, account=account), make_teacher(school, "郝老师")
        for number, (teacher, state) in enumerate(
            [(own, "open"), (colleague, "open"), (own, "cancelled"), (own, "draft")]
        ):
            run = make_class_run(institution=school, state=state)
            Session.objects.create(class_run=run, **session_facts(run, teacher) | {"title": f"课{number}"})
        page = signed_in(account).get(reverse("timetables:mine"))
        assert [session.title for session in page.context["listing"].shown] == ["课0"]
        with pytest.raises(NotFound):
            queries.teacher_for(account, colleague.pk)
        assert signed_in(account).get(reverse("timetables:teacher", args=[colleague.pk])).status_code == 404
        assert [s.title for s in sessions_taught(account, own)] == ["课0"]

    def test_an_account_that_is_nobodys_is_told_so(self) -> None:
        page = signed_in(make_account(Role.TEACHER)).get(reverse("timetables:mine"))
        assert "尚未关联" in page.content.decode()


class TestPages:
    def test_the_list_is_searched_filtered_and_exported(self, school: Unit, department: Account) -> None:
        make_teacher(school, topics="基层治理")
        make_teacher(None, "秦主任", group="leader", retired_on=timezone.localdate())
        client, url = signed_in(department), reverse("resources:teachers")

        def names(query: str) -> list[str]:
            return [teacher.name for teacher in client.get(f"{url}?{query}").context["listing"].shown]

        assert names("q=治理") == ["苏教授"]
        assert names("q=党校") == ["苏教授"]
        assert names("group=leader") == ["秦主任"]
        assert names("state=active") == ["苏教授"]
        book = read_sheet(client.get(f"{url}?export=teachers").content, "teachers.xlsx")
        assert "苏教授" in str(book)

    def test_the_pages_offer_only_what_may_be_done(self, school: Unit, staff: Account, city: Unit) -> None:
        teacher = make_teacher(school)
        page = reverse("resources:teacher", args=[teacher.pk])
        edit = reverse("resources:edit_teacher", args=[teacher.pk])
        assert edit in signed_in(staff).get(page).content.decode()
        auditor = signed_in(make_account(Role.AUDITOR, city))
        assert edit not in auditor.get(page).content.decode()
        assert auditor.get(edit).status_code == 403
        assert reverse("resources:add_teacher") not in auditor.get(reverse("resources:teachers")).content.decode()

    def test_the_register_is_no_page_of_those_who_read_no_bank(self, city: Unit) -> None:
        assert signed_in(make_account(Role.LIAISON, city)).get(reverse("resources:teachers")).status_code == 404

    def test_the_form_keeps_retires_and_takes_back(self, school: Unit, staff: Account) -> None:
        client = signed_in(staff)
        given = {"name": "苏教授", "group": "school", "institution": school.pk, "contact": "0990-6600110"}
        assert client.post(reverse("resources:add_teacher"), given | {"institution": ""}).status_code == 422
        assert client.post(reverse("resources:add_teacher"), given).status_code == 302
        teacher = Teacher.objects.get()
        client.post(reverse("resources:retire_teacher", args=[teacher.pk]))
        teacher.refresh_from_db()
        assert teacher.retired_on == timezone.localdate()
        client.post(reverse("resources:take_teacher_back", args=[teacher.pk]))
        teacher.refresh_from_db()
        assert teacher.retired_on is None
