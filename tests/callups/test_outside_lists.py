"""Lists of other authorities: read, compared, applied in one go, undone; and the pages around them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.callups.city import TODAY, City, make_city
from tests.callups.outside import CALLER, DOCUMENT, around, elsewhere
from tests.callups.test_pages import body, signed_in
from zhixing.base.files import path_of
from zhixing.base.models import AuditEntry
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.base.sealed import blind_index, seal
from zhixing.base.tables.write import Column, Table, write_book
from zhixing.callups import actions
from zhixing.callups.models import Callup, OutsideCallup, OutsideList
from zhixing.callups.outside_lists import difference
from zhixing.engine.sheets.identity import check_digit
from zhixing.engine.sheets.outside import Stated
from zhixing.people.models import Person, Role
from zhixing.portal.desks.learning import trainee_desk

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
Day = dt.timedelta(days=1)
HEADINGS = ("姓名", "工号", "单位", "调训单位", "文号", "班次名称", "主题", "开始日期", "结束日期", "返回日期", "地点")
FIRST = TODAY + 40 * Day
State = OutsideList.State


@pytest.fixture
def city() -> City:
    return make_city(people=3)


def row(person: Person, first: dt.date = FIRST, last: dt.date | None = None, **cells: Any) -> list[Any]:
    given = {
        "姓名": person.name,
        "工号": person.number,
        "单位": person.unit.name if person.unit else "",
        "调训单位": CALLER,
        "文号": DOCUMENT,
        "班次名称": "省级专题班",
        "主题": "数字政府",
        "开始日期": first.isoformat(),
        "结束日期": (last or first + 4 * Day).isoformat(),
        "地点": "省委党校",
    } | cells
    return [given.get(heading, "") for heading in HEADINGS]


def sheet(rows: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS) -> bytes:
    content = io.BytesIO()
    write_book(content, [Table("调训名单", [Column(heading) for heading in headings], rows)])
    return content.getvalue()


def received(city: City, *rows: Sequence[Any], stated: Stated | None = None, by: Any = None) -> OutsideList:
    content = sheet(rows)
    return actions.receive_outside_list(content, "省调训.xlsx", stated or Stated(), by or city.department)


def applied(city: City, *rows: Sequence[Any]) -> OutsideList:
    found = received(city, *rows)
    actions.apply_outside_list(found, by=city.department)
    found.refresh_from_db()
    return found


def standing() -> list[tuple[int, dt.date, dt.date]]:
    return list(
        OutsideCallup.objects.standing().order_by("person", "starts_on").values_list("person", "starts_on", "ends_on")
    )


def test_a_list_is_read_shown_and_applied_in_one_go(city: City) -> None:
    one, two, _three = city.people
    found = received(city, row(one), row(two, 返回日期=(FIRST + 6 * Day).isoformat()), row(two, 工号="没有"))
    assert found.state == State.READ
    assert [problem["row"] for problem in found.problems] == [4]
    assert found.problems[0]["column"] == "工号"
    assert found.problems[0]["mend"]
    assert not OutsideCallup.objects.exists()
    shown = difference(found, city.department)
    assert [line.person.pk for line in shown.new] == [one.pk, two.pk]
    actions.apply_outside_list(found, by=city.department)
    fact = OutsideCallup.objects.get(person=two)
    assert (fact.caller, fact.document, fact.theme, fact.place) == (CALLER, DOCUMENT, "数字政府", "省委党校")
    assert (fact.away_from, fact.away_to, fact.brought_by_id) == (FIRST, FIRST + 6 * Day, found.pk)
    assert OutsideList.objects.get().rows == []
    assert [entry.action for entry in AuditEntry.objects.filter(subject_type="callups.outsidelist").order_by("pk")] == [
        "callups.outside_received",
        "callups.outside_applied",
    ]
    with pytest.raises(Refused):
        actions.apply_outside_list(OutsideList.objects.get(), by=city.department)
    with pytest.raises(Conflict):
        actions.apply_outside_list(OutsideList(pk=found.pk, state=State.READ, by_id=1), by=city.department)


def test_the_same_list_twice_holds_nothing_new(city: City) -> None:
    applied(city, row(city.people[0]))
    shown = difference(received(city, row(city.people[0])), city.department)
    assert (shown.lines, shown.same, shown.missing) == ([], 1, [])


def test_a_later_list_puts_days_right_and_names_whom_it_leaves_out(city: City) -> None:
    one, two, three = city.people
    applied(city, row(one), row(two), row(three))
    later = received(city, row(one, FIRST, FIRST + 6 * Day), row(two, FIRST + 7 * Day))
    shown = difference(later, city.department)
    assert [(line.person.pk, line.before.starts_on if line.before else None) for line in shown.changed] == [
        (one.pk, FIRST),
        (two.pk, FIRST),
    ]
    assert [fact.person_id for fact in shown.missing] == [three.pk]
    actions.apply_outside_list(later, by=city.department)
    assert standing() == [
        (one.pk, FIRST, FIRST + 6 * Day),
        (two.pk, FIRST + 7 * Day, FIRST + 11 * Day),
        (three.pk, FIRST, FIRST + 4 * Day),
    ]
    assert OutsideCallup.objects.filter(state=OutsideCallup.State.WITHDRAWN).count() == 2


def test_two_parts_of_one_class_are_two_facts_and_stay_so(city: City) -> None:
    rows = [row(city.people[0]), row(city.people[0], FIRST + 30 * Day)]
    applied(city, *rows)
    assert len(standing()) == 2
    assert difference(received(city, *rows), city.department).same == 2


def test_undoing_withdraws_what_came_and_restores_what_was_put_right(city: City) -> None:
    one, two, _three = city.people
    applied(city, row(one))
    later = applied(city, row(one, FIRST, FIRST + 9 * Day), row(two))
    withdrawn = OutsideCallup.objects.get(person=two)
    actions.withdraw_outside_callup(withdrawn, "不去了", by=city.department)
    assert actions.undo_outside_list(later, by=city.department) == {"undone": 1, "left": 1}
    assert standing() == [(one.pk, FIRST, FIRST + 4 * Day)]
    withdrawn.refresh_from_db()
    assert withdrawn.note == "不去了"
    with pytest.raises(Refused):
        actions.undo_outside_list(later, by=city.department)


def test_a_failure_half_way_leaves_nothing(city: City) -> None:
    """What was entered between the preview and the deed is found by the constraint or by the comparison: never half a list."""
    one, two, _three = city.people
    found = received(city, row(one), row(two))
    found.rows = [*found.rows, {**found.rows[0], "class_name": "另一个班", "ends_on": "2020-01-01"}]
    found.save()
    with pytest.raises(Conflict):
        actions.apply_outside_list(found, by=city.department)
    assert standing() == []
    assert OutsideList.objects.get().state == State.READ


def test_what_the_letter_says_holds_for_a_list_of_names(city: City) -> None:
    person = city.people[0]
    stated = Stated(CALLER, DOCUMENT, "省级专题班", "治水", "", FIRST, FIRST + 2 * Day)
    content = sheet([[person.name, "市水务局"]], ["姓名", "单位"])
    found = actions.receive_outside_list(content, "名单.xlsx", stated, city.department)
    actions.apply_outside_list(found, by=city.department)
    assert standing() == [(person.pk, FIRST, FIRST + 2 * Day)]


def test_an_id_number_finds_its_person_and_is_masked_in_problems(city: City) -> None:
    body_of_id = "99010119850712123"
    number = body_of_id + check_digit(body_of_id)
    content = sheet([["某人", number, *row(city.people[0])[3:]]], ["姓名", "身份证号", *HEADINGS[3:]])
    found = actions.receive_outside_list(content, "名单.xlsx", Stated(), city.department)
    assert found.rows == []
    person = city.person(name="某人", id_index=blind_index(number), id_sealed=seal(number))
    assert [one["person"] for one in received_again(content, city)] == [person.pk]
    assert number not in str(found.problems)
    assert number[-2:] in found.problems[0]["value"]


def received_again(content: bytes, city: City) -> list[dict[str, Any]]:
    return list(actions.receive_outside_list(content, "名单.xlsx", Stated(), city.department).rows)


@pytest.mark.parametrize(
    ("content", "name"), [(b"\x89PNG\r\n\x1a\n" + bytes(64), "x.xlsx"), (b"not a sheet at all", "x.xlsx")]
)
def test_a_file_that_is_no_sheet_is_not_even_stored(city: City, content: bytes, name: str) -> None:
    with pytest.raises(Invalid):
        actions.receive_outside_list(content, name, Stated(), city.department)
    assert not OutsideList.objects.exists()


def test_a_sheet_of_something_else_is_noted_as_refused_and_its_file_destroyed(
    city: City, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        found = actions.receive_outside_list(sheet([["a", "b"]], ["课程", "教师"]), "x.xlsx", Stated(), city.department)
    assert found.state == State.REFUSED
    assert found.refusal
    assert not path_of(found.file).exists()


def test_the_file_lies_sealed_and_is_destroyed_when_applied_or_dropped(
    city: City, django_capture_on_commit_callbacks: Any
) -> None:
    for deed in (actions.apply_outside_list, actions.drop_outside_list):
        found = received(city, row(city.people[0]))
        assert not path_of(found.file).read_bytes().startswith(b"PK")
        with django_capture_on_commit_callbacks(execute=True):
            deed(found, by=city.department)
        assert not path_of(found.file).exists()


def test_clashes_are_shown_before_and_are_open_matters_afterwards(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=3, theme="数字政府")
    run = city.published([class_run], run_jobs)
    one, two, three = (callup.person for callup in run.callups.order_by("person"))
    far = class_run.ends_on + 60 * Day
    first, last = around(class_run, 9, 9)
    found = received(city, row(one, first, last), row(two, far, far), row(three, far + 900 * Day, far + 900 * Day))
    clashes = difference(found, city.department).clashes()
    assert [(clash.callup.person_id, clash.is_days) for clash in clashes] == [(one.pk, True), (two.pk, False)]
    page = signed_in(city.department).get(reverse("callups:outside_list", args=[found.pk])).content.decode()
    assert "此名单与我方 2 项调训冲突" in page
    assert page.count(class_run.name) == 2
    actions.apply_outside_list(found, by=city.department)
    run_jobs()
    asked = Callup.objects.in_question()
    assert {callup.person_id for callup in asked} == {one.pk, two.pk}
    assert {callup.state for callup in asked} == {Callup.State.SENT}
    desk = signed_in(city.department)
    listed = desk.get(f"{reverse('callups:replies')}?face=changed").content.decode()
    assert CALLER in listed
    callup = asked.get(person=one)
    shown = desk.get(reverse("callups:callup", args=[callup.pk])).content.decode()
    assert DOCUMENT in shown
    desk.post(reverse("callups:keep", args=[callup.pk]), {"note": "省里同意调整"})
    assert not Callup.objects.in_question().filter(pk=callup.pk).exists()
    actions.undo_outside_list(found, by=city.department)
    run_jobs()
    assert not Callup.objects.in_question().exists()


# Who may, and within which scope


def test_only_people_in_the_scope_of_whoever_imports_are_known(city: City) -> None:
    county = factories.make_account(Role.DEPARTMENT, city.county, email="county@city.example")
    own = city.person(city.township)
    found = received(city, row(own), row(city.people[0]), by=county)
    assert [one["person"] for one in found.rows] == [own.pk]
    assert [one["row"] for one in found.problems] == [3]
    assert OutsideList.objects.visible_to(city.department).filter(pk=found.pk).exists()
    wide = received(city, row(city.people[0]))
    assert not OutsideList.objects.visible_to(county).filter(pk=wide.pk).exists()
    client = signed_in(county)
    for name in ("outside_list", "outside_problems"):
        assert client.get(reverse(f"callups:{name}", args=[wide.pk])).status_code == 404
    assert client.post(reverse("callups:move_outside_list", args=[wide.pk, "apply"])).status_code == 404


def test_nobody_but_the_department_takes_in_applies_drops_or_undoes(city: City) -> None:
    found = received(city, row(city.people[0]))
    others = (
        city.liaison,
        factories.make_account(Role.AUDITOR, city.root),
        factories.make_account(Role.SCHOOL, city.root),
        city.trainee(city.people[0]),
    )
    for account in others:
        with pytest.raises(Refused):
            received(city, row(city.people[0]), by=account)
        for deed in (actions.apply_outside_list, actions.drop_outside_list, actions.undo_outside_list):
            with pytest.raises(Refused):
                deed(found, by=account)
        client = signed_in(account)
        for url in (reverse("callups:outside_lists"), reverse("callups:enter_outside")):
            assert client.get(url).status_code == 403
        assert client.get(reverse("callups:outside_list", args=[found.pk])).status_code == 403


# Pages


def upload(client: Client, content: bytes, **fields: Any) -> Any:
    data = {"file": SimpleUploadedFile("省调训.xlsx", content), **fields}
    return client.post(reverse("callups:outside_lists"), data, follow=True)


def test_the_whole_way_on_the_pages(city: City, run_jobs: Jobs) -> None:
    desk = signed_in(city.department)
    empty = desk.get(reverse("callups:outside")).content.decode()
    assert "尚无其他部门调训的记录" in empty
    answer = upload(desk, sheet([row(city.people[0]), row(city.people[1], 工号="没有")]))
    found = OutsideList.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("callups:outside_list", args=[found.pk])
    assert "此名单有 1 项新增或更正，与我方调训无冲突" in answer.content.decode()
    problems = desk.get(reverse("callups:outside_problems", args=[found.pk]))
    assert body(problems).startswith(b"PK")
    answer = desk.post(reverse("callups:move_outside_list", args=[found.pk, "apply"]), follow=True)
    assert "此名单带入 1 项调训，更正 0 项" in answer.content.decode()
    brought = desk.get(f"{reverse('callups:outside')}?list={found.pk}").content.decode()
    assert city.people[0].name in brought
    assert body(desk.get(f"{reverse('callups:outside')}?export=outside")).startswith(b"PK")
    assert "省级专题班" not in desk.get(f"{reverse('callups:outside')}?q=没有这个人").content.decode()
    fact = OutsideCallup.objects.get()
    page = desk.get(reverse("callups:outside_callup", args=[fact.pk])).content.decode()
    assert "省调训.xlsx" in page
    answer = desk.post(reverse("callups:move_outside_list", args=[found.pk, "undo"]), follow=True)
    assert "此名单已撤销：撤销 1 项调训" in answer.content.decode()
    assert desk.post(reverse("callups:move_outside_list", args=[found.pk, "burn"])).status_code == 404


def test_a_bad_upload_is_answered_on_the_form(city: City) -> None:
    answer = upload(signed_in(city.department), b"\x89PNG\r\n\x1a\n" + bytes(64))
    assert answer.status_code == 422
    assert not OutsideList.objects.exists()


def test_one_is_entered_and_withdrawn_by_hand_on_the_pages(city: City) -> None:
    desk, person = signed_in(city.department), city.people[0]
    given = {
        "number": person.number,
        "caller": CALLER,
        "class_name": "省级专题班",
        "starts_on": FIRST.isoformat(),
        "ends_on": (FIRST + 4 * Day).isoformat(),
    }
    late = desk.post(reverse("callups:enter_outside"), {**given, "ends_on": TODAY.isoformat()})
    assert late.status_code == 422
    assert desk.post(reverse("callups:enter_outside"), {**given, "number": "没有"}).status_code == 422
    desk.post(reverse("callups:enter_outside"), given)
    fact = OutsideCallup.objects.get()
    assert (fact.person_id, fact.away_from, fact.away_to) == (person.pk, FIRST, FIRST + 4 * Day)
    assert desk.post(reverse("callups:enter_outside"), given).status_code == 422
    withdraw = reverse("callups:withdraw_outside", args=[fact.pk])
    assert desk.post(withdraw, {"note": ""}).status_code == 422
    desk.post(withdraw, {"note": "省里改派他人"})
    fact.refresh_from_db()
    assert (fact.state, fact.note) == (OutsideCallup.State.WITHDRAWN, "省里改派他人")


def test_the_liaison_sees_the_own_people_and_the_person_the_own_call_ups(city: City) -> None:
    own, far = city.people[0], city.person(city.township)
    for person in (own, far):
        elsewhere(city, person, FIRST, FIRST + 2 * Day, class_name=f"班{person.pk}")
    facts = {fact.person_id: fact for fact in OutsideCallup.objects.all()}
    liaison = signed_in(city.liaison)
    listed = liaison.get(reverse("callups:outside")).content.decode()
    assert own.name in listed
    assert far.number not in listed
    assert liaison.get(reverse("callups:outside_callup", args=[facts[own.pk].pk])).status_code == 200
    assert liaison.get(reverse("callups:outside_callup", args=[facts[far.pk].pk])).status_code == 404
    assert liaison.post(reverse("callups:withdraw_outside", args=[facts[own.pk].pk]), {"note": "x"}).status_code == 403
    account = city.trainee(own)
    trainee = signed_in(account)
    mine = trainee.get(reverse("callups:mine")).content.decode()
    assert f"班{own.pk}" in mine
    assert f"班{far.pk}" not in mine
    assert trainee.get(reverse("callups:outside")).status_code == 403
    assert trainee.get(reverse("callups:outside_callup", args=[facts[own.pk].pk])).status_code == 403
    (group,) = [group for group in trainee_desk(account).groups if any(line.note == CALLER for line in group.lines)]
    assert [line.title for line in group.lines] == [f"班{own.pk}"]


def test_a_class_run_says_how_many_of_its_people_others_call_then(city: City) -> None:
    class_run = city.class_run()
    for person in city.people[:2]:
        elsewhere(city, person, *around(class_run, -1, 20))
    elsewhere(city, city.people[2], *around(class_run, -10, 20))
    desk = signed_in(city.department)
    page = desk.get(reverse("plans:class_run", args=[class_run.pk])).content.decode()
    url = f"{reverse('callups:outside')}?class_run={class_run.pk}"
    assert f'<a href="{url}">2</a>' in page
    listed = desk.get(url).content.decode()
    assert [person.number in listed for person in city.people] == [True, True, False]
    page = signed_in(city.liaison).get(reverse("plans:class_run", args=[class_run.pk])).content.decode()
    assert url not in page


def test_what_an_undone_list_brought_does_not_come_back_when_a_later_one_is_undone(city: City) -> None:
    person = city.people[0]
    first = applied(city, row(person))
    later = applied(city, row(person, FIRST, FIRST + 9 * Day))
    assert actions.undo_outside_list(first, by=city.department) == {"undone": 0, "left": 1}
    actions.undo_outside_list(later, by=city.department)
    assert standing() == []


def test_undoing_goes_back_past_a_list_that_is_undone_already(city: City) -> None:
    person = city.people[0]
    _first, second, third = (applied(city, row(person, FIRST, FIRST + days * Day)) for days in (4, 6, 9))
    actions.undo_outside_list(second, by=city.department)
    actions.undo_outside_list(third, by=city.department)
    assert standing() == [(person.pk, FIRST, FIRST + 4 * Day)]


def test_a_list_of_many_documents_is_not_compared_document_by_document(
    city: City, django_assert_max_num_queries: Any
) -> None:
    person = city.people[0]
    applied(city, row(person, FIRST, 文号="号0"), row(city.people[1], 文号="号0"))
    found = received(city, *(row(person, FIRST + 10 * n * Day, 文号=f"号{n}") for n in range(30)))
    with django_assert_max_num_queries(8):
        shown = difference(found, city.department)
    assert (len(shown.new), shown.same, [fact.person_id for fact in shown.missing]) == (29, 1, [city.people[1].pk])
