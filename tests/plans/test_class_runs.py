"""Class runs and quotas: whom they are for, who may change them, and what their states allow."""

from __future__ import annotations

import datetime as dt
import importlib

import pytest
from django.apps import apps
from django.test import Client

from tests.factories import make_account, make_city, make_class_run, make_department, make_person, make_quota, make_unit
from zhixing.base.models import AuditEntry
from zhixing.base.problems import Conflict, Invalid, NotFound, Refused
from zhixing.people.models import Account, Person, Role, Unit
from zhixing.plans import actions, queries
from zhixing.plans.actions import Seats
from zhixing.plans.forms.class_runs import ClassRunForm
from zhixing.plans.models import ClassRun
from zhixing.plans.signals import class_run_cancelled

pytestmark = pytest.mark.django_db
State = ClassRun.State


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def admin(city: Unit) -> Account:
    return make_department(city)


def facts(**changes: object) -> dict[str, object]:
    given: dict[str, object] = {
        "name": "基层治理专题班",
        "starts_on": dt.date(2026, 9, 7),
        "ends_on": dt.date(2026, 9, 11),
        "tenths": 375,
        "seats_max": 40,
        "ranks": ["乡科级正职"],
    }
    return given | changes


class TestWhomAClassRunIsFor:
    def test_rank_counts_before_grade(self, city: Unit) -> None:
        leader = make_person(city, rank="县处级副职", grade="一级主任科员")
        officer = make_person(city, rank="", grade="一级主任科员")
        class_run = make_class_run(ranks=["一级主任科员"])
        assert set(queries.eligible_people(class_run)) == {officer}
        assert leader.effective_rank == "县处级副职"

    def test_categories_are_kept_in_the_words_of_the_roster(self, city: Unit, admin: Account) -> None:
        managed = make_person(city, category="参公人员")
        typed = ["参公", "参照公务员法管理人员", "国有企业管理人员"]
        class_run = actions.create_class_run(facts(categories=typed), by=admin)
        assert class_run.categories == ["参公人员", "国有企业管理人员"]
        assert list(queries.eligible_people(class_run)) == [managed]
        assert actions.edit_class_run(class_run, {"categories": typed}, by=admin) == []

    def test_the_migration_folds_the_categories_of_what_is_still_to_be_held(self) -> None:
        fold = importlib.import_module("zhixing.plans.migrations.0004_categories_as_on_the_roster").fold
        typed = ["行政编制", "公务员", "参公"]
        runs = {state: make_class_run(categories=typed, state=state) for state in State}
        fold(apps, None)
        left = {State.HELD, State.CANCELLED}
        for state, class_run in runs.items():
            class_run.refresh_from_db()
            assert class_run.categories == (typed if state in left else ["公务员", "参公人员"])

    def test_only_serving_people_are_eligible(self, city: Unit) -> None:
        make_person(city, status=Person.Status.RETIRED)
        serving = make_person(city)
        assert list(queries.eligible_people(make_class_run())) == [serving]

    def test_a_unit_limit_holds_everything_below(self, city: Unit) -> None:
        county = make_unit("青禾县", city)
        town = make_unit("清溪镇", county)
        inside = make_person(town)
        make_person(make_unit("市财政局", city))
        assert list(queries.eligible_people(make_class_run(units=[county.pk]))) == [inside]

    def test_categories_narrow_the_target_group(self, city: Unit) -> None:
        servant = make_person(city, category="公务员")
        make_person(city, category="国有企业管理人员")
        assert list(queries.eligible_people(make_class_run(categories=["公务员"]))) == [servant]

    def test_closed_quotas_leave_no_seat_to_other_units(self, city: Unit) -> None:
        invited, other, refused = (make_unit(name, city) for name in ("甲局", "乙局", "丙局"))
        guest = make_person(invited)
        make_person(other)
        make_person(refused)
        class_run = make_class_run(quotas_close=True)
        make_quota(class_run, invited, 2)
        make_quota(class_run, refused, 0)
        assert list(queries.eligible_people(class_run)) == [guest]

    def test_closed_quotas_without_any_seat_mean_nobody(self, city: Unit) -> None:
        make_person(city)
        assert not queries.eligible_people(make_class_run(quotas_close=True))


class TestWriting:
    def test_codes_count_on_within_the_year(self, admin: Account) -> None:
        made = [actions.create_class_run(facts(name=f"班{n}"), by=admin).code for n in range(3)]
        assert made == ["2026-001", "2026-002", "2026-003"]

    def test_a_code_is_given_once(self, admin: Account) -> None:
        actions.create_class_run(facts(code="A"), by=admin)
        with pytest.raises(Conflict):
            actions.create_class_run(facts(code="A"), by=admin)
        form = ClassRunForm({"code": "A", "name": "又一班"}, user=admin)
        assert form.errors["code"] == ["已有相同编号的班次。"]

    @pytest.mark.parametrize(
        "wrong", [{"ends_on": dt.date(2026, 9, 6)}, {"seats_max": 0}, {"seats_min": 41}, {"ranks": []}]
    )
    def test_what_cannot_be_is_refused(self, admin: Account, wrong: dict[str, object]) -> None:
        with pytest.raises(Invalid):
            actions.create_class_run(facts(**wrong), by=admin)
        assert not ClassRun.objects.exists()

    def test_an_edit_names_what_really_changed(self, admin: Account) -> None:
        made = actions.create_class_run(facts(), by=admin)
        assert actions.edit_class_run(made, {"seats_max": 40, "place": "一号楼"}, by=admin) == ["place"]
        assert AuditEntry.objects.filter(action="plans.class_run_edited").get().details == {"fields": ["place"]}

    def test_the_year_follows_the_start(self, admin: Account) -> None:
        made = actions.create_class_run(facts(), by=admin)
        actions.edit_class_run(made, {"starts_on": dt.date(2027, 1, 4), "ends_on": dt.date(2027, 1, 8)}, by=admin)
        assert ClassRun.objects.get().year == 2027

    def test_a_copy_keeps_length_target_and_quotas(self, admin: Account, city: Unit) -> None:
        made = actions.create_class_run(facts(), by=admin)
        actions.set_quotas(made, {city.pk: Seats(7)}, by=admin)
        copy = actions.copy_class_run(made, starts_on=dt.date(2026, 11, 2), by=admin)
        assert (copy.ends_on, copy.ranks, copy.quotas.get().seats_max) == (dt.date(2026, 11, 6), ["乡科级正职"], 7)
        assert copy.code != made.code


class TestStates:
    def test_the_way_from_draft_to_open_and_back(self, admin: Account) -> None:
        made = actions.create_class_run(facts(), by=admin)
        actions.open_class_run(made, by=admin)
        actions.reopen_as_draft(made, by=admin)
        assert ClassRun.objects.get().state == State.DRAFT

    def test_a_second_opening_is_a_conflict(self, admin: Account) -> None:
        made = actions.create_class_run(facts(), by=admin)
        stale = ClassRun.objects.get()
        actions.open_class_run(made, by=admin)
        with pytest.raises(Conflict):
            actions.open_class_run(stale, by=admin)

    def test_called_class_runs_keep_dates_and_seats(self, admin: Account) -> None:
        called = make_class_run(state=State.CALLED)
        with pytest.raises(Refused):
            actions.edit_class_run(called, {"seats_max": 99}, by=admin)
        assert actions.edit_class_run(called, {"place": "二号楼"}, by=admin) == ["place"]

    def test_a_cancellation_needs_a_reason_and_is_heard(self, admin: Account) -> None:
        made = make_class_run(state=State.CALLED)
        heard: list[int] = []

        def hear(class_run_id: int, **_rest: object) -> None:
            heard.append(class_run_id)

        class_run_cancelled.connect(hear)
        try:
            with pytest.raises(Invalid):
                actions.cancel_class_run(made, reason=" ", by=admin)
            actions.cancel_class_run(made, reason="场地停用", by=admin)
        finally:
            class_run_cancelled.disconnect(hear)
        assert heard == [made.pk]

    def test_what_is_over_cannot_be_cancelled(self, admin: Account) -> None:
        with pytest.raises(Refused):
            actions.cancel_class_run(make_class_run(state=State.HELD), reason="x", by=admin)


class TestQuotas:
    def test_they_are_replaced_as_a_whole(self, admin: Account, city: Unit) -> None:
        unit = make_unit("市财政局", city)
        made = make_class_run()
        actions.set_quotas(made, {city.pk: Seats(9), unit.pk: Seats(3, 1)}, by=admin)
        actions.set_quotas(made, {unit.pk: Seats(2)}, by=admin)
        assert [(q.unit, q.seats_min, q.seats_max) for q in made.quotas.all()] == [(unit, 0, 2)]

    def test_a_unit_that_does_not_exist_changes_nothing(self, admin: Account, city: Unit) -> None:
        made = make_class_run()
        actions.set_quotas(made, {city.pk: Seats(9)}, by=admin)
        with pytest.raises(Invalid):
            actions.set_quotas(made, {city.pk: Seats(1), 999_999: Seats(1)}, by=admin)
        assert made.quotas.get().seats_max == 9

    def test_fewest_above_most_is_refused(self, admin: Account, city: Unit) -> None:
        with pytest.raises(Invalid):
            actions.set_quotas(make_class_run(), {city.pk: Seats(1, 2)}, by=admin)


class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.SCHOOL, Role.LIAISON, Role.TEACHER, Role.AUDITOR])
    def test_only_the_department_plans(self, city: Unit, role: str) -> None:
        with pytest.raises(Refused):
            actions.create_class_run(facts(), by=make_account(role, city))

    def test_the_institution_completes_its_own_class_runs_only(self, city: Unit) -> None:
        school, other = (make_unit(name, city, Unit.Kind.SCHOOL) for name in ("党校", "学院"))
        staff = make_account(Role.SCHOOL, school)
        own, foreign = make_class_run(institution=school), make_class_run(institution=other)
        assert actions.edit_class_run(own, {"contact": "秦老师"}, by=staff) == ["contact"]
        with pytest.raises(Refused):
            actions.edit_class_run(own, {"seats_max": 5}, by=staff)
        with pytest.raises(Refused):
            actions.edit_class_run(foreign, {"contact": "秦老师"}, by=staff)

    def test_drafts_are_seen_by_those_who_plan_only(self, city: Unit, admin: Account) -> None:
        draft = make_class_run(state=State.DRAFT)
        liaison = make_account(Role.LIAISON, city)
        assert queries.class_run_for(admin, draft.pk) == draft
        with pytest.raises(NotFound):
            queries.class_run_for(liaison, draft.pk)

    def test_an_institution_sees_its_own_drafts(self, city: Unit) -> None:
        school = make_unit("党校", city, Unit.Kind.SCHOOL)
        staff = make_account(Role.SCHOOL, school)
        own = make_class_run(state=State.DRAFT, institution=school)
        make_class_run(state=State.DRAFT)
        assert list(ClassRun.objects.visible_to(staff)) == [own]


def test_the_list_of_the_year_counts_units_with_seats(city: Unit, admin: Account) -> None:
    class_run = make_class_run("基层治理专题班", starts_on=dt.date(2026, 9, 7))
    for seats in (3, 0):
        make_quota(class_run, make_unit("", city), seats)
    client = Client()
    client.force_login(admin, "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/classes/?year=2026&sort=-quota_count")
    assert page.status_code == 200
    (row,) = page.context["listing"].shown
    assert row.quota_count == 1


class TestTheQuotaPage:
    @pytest.fixture
    def client(self, admin: Account) -> Client:
        client = Client()
        client.force_login(admin, "allauth.account.auth_backends.AuthenticationBackend")
        return client

    def test_fewest_and_most_are_typed_and_shown(self, client: Client, city: Unit) -> None:
        unit, made = make_unit("市财政局", city), make_class_run()
        url = f"/classes/{made.pk}/quotas/"
        assert client.post(url, {f"least-{unit.pk}": "2", f"unit-{unit.pk}": "4"}).status_code == 302
        assert [(q.unit, q.seats_min, q.seats_max) for q in made.quotas.all()] == [(unit, 2, 4)]
        assert 'value="2"' in client.get(url).content.decode()

    @pytest.mark.parametrize(("least", "most"), [("5", "4"), ("2", "")])
    def test_a_fewest_without_a_most_that_holds_it_is_refused(
        self, client: Client, city: Unit, least: str, most: str
    ) -> None:
        unit, made = make_unit("市财政局", city), make_class_run()
        answer = client.post(f"/classes/{made.pk}/quotas/", {f"least-{unit.pk}": least, f"unit-{unit.pk}": most})
        assert answer.status_code == 422
        assert not made.quotas.exists()

    def test_a_unit_at_any_depth_is_found_by_its_name_and_the_others_keep_theirs(
        self, client: Client, city: Unit
    ) -> None:
        near, made = make_unit("市财政局", city), make_class_run()
        deep = city
        for name in ("青石县", "白沙镇", "白沙镇水利站", "白沙镇水利站灌溉组"):
            deep = make_unit(name, deep)
        make_quota(made, near, 3, 1)
        url = f"/classes/{made.pk}/quotas/"
        assert "灌溉组" not in client.get(url).content.decode()
        assert "灌溉组" in client.get(f"{url}?q=灌溉").content.decode()
        client.post(f"{url}?q=灌溉", {f"least-{near.pk}": "1", f"unit-{near.pk}": "3", f"unit-{deep.pk}": "2"})
        assert {(q.unit, q.seats_min, q.seats_max) for q in made.quotas.all()} == {(near, 1, 3), (deep, 0, 2)}

    def test_a_unit_outside_the_scope_is_neither_found_nor_given_seats(self, city: Unit) -> None:
        county, other = make_unit("青石县", city), make_unit("望川区", city)
        made = make_class_run(organised_by=county, units=[county.pk])
        client = Client()
        client.force_login(make_account(Role.DEPARTMENT, county), "allauth.account.auth_backends.AuthenticationBackend")
        url = f"/classes/{made.pk}/quotas/?q=望川"
        assert f"unit-{other.pk}" not in client.get(url).content.decode()
        client.post(url, {f"unit-{other.pk}": "2"})
        assert not made.quotas.exists()
