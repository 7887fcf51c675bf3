"""Study groups of a class: drawn, changed by hand, printed and shown; only by those who run the class."""

from __future__ import annotations

import io
import zipfile
from collections import Counter

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from tests.attendance.school import School, make_school
from tests.factories import make_account, make_unit
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups.models import Callup
from zhixing.classwork import queries
from zhixing.classwork.actions import Place, arrange, draw_groups
from zhixing.classwork.models import Member
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    made = make_school(people=7)
    made.class_run.refresh_from_db()
    return made


def client_of(account: Account) -> Client:
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(account)
    return client


def url(school: School, name: str = "groups", **more: str) -> str:
    return reverse(f"classwork:{name}", kwargs={"pk": school.class_run.pk, **more})


def words_of(pdf: bytes) -> str:
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return "".join(said.split())


def test_a_draw_puts_everybody_into_groups_of_one_size_and_keeps_the_committee(school: School) -> None:
    first = school.callups[0]
    arrange(school.class_run, {first.pk: Place(office="monitor")}, by=school.head)
    assert draw_groups(school.class_run, 3, by=school.head) == 7
    sizes = Counter(Member.objects.values_list("group", flat=True))
    assert sorted(sizes.values()) == [2, 2, 3]
    assert Member.objects.get(office="monitor").callup == first


def test_who_lost_the_seat_stands_in_no_group_and_makes_room_for_another_leader(school: School) -> None:
    one, other = school.callups[:2]
    arrange(school.class_run, {one.pk: Place(1, leads=True)}, by=school.head)
    Callup.objects.filter(pk=one.pk).update(state=Callup.State.EXCUSED, seat=None)
    assert queries.members_of(school.class_run) == {}
    arrange(school.class_run, {other.pk: Place(1, leads=True)}, by=school.head)
    assert queries.members_of(school.class_run).keys() == {other.pk}
    with pytest.raises(Conflict):
        arrange(school.class_run, {one.pk: Place(1)}, by=school.head)


@pytest.mark.parametrize(
    "places",
    [
        (Place(1, leads=True), Place(1, leads=True)),
        (Place(leads=True), Place()),
        (Place(office="monitor"), Place(office="monitor")),
        (Place(31), Place()),
    ],
)
def test_what_cannot_stand_together_is_refused_and_nothing_changes(school: School, places: tuple[Place, Place]) -> None:
    with pytest.raises(Invalid):
        arrange(school.class_run, {c.pk: p for c, p in zip(school.callups, places, strict=False)}, by=school.head)
    assert not Member.objects.exists()


def test_the_database_holds_one_leader_to_a_group(school: School) -> None:
    rows = [Member(callup=callup, class_run=school.class_run, group=1, leads=True) for callup in school.callups[:2]]
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.bulk_create(rows)


@pytest.mark.parametrize("groups", [0, 8])
def test_no_more_groups_than_people(school: School, groups: int) -> None:
    with pytest.raises(Invalid):
        draw_groups(school.class_run, groups, by=school.head)


def test_only_those_who_run_the_class_organise_it_and_only_until_it_is_over(school: School) -> None:
    other = make_account(Role.SCHOOL, make_unit("县委党校", school.city, kind=Unit.Kind.SCHOOL))
    bound = make_account(Role.SCHOOL, school.institution, own_class_runs_only=True)
    for account in (other, bound, school.trainees[0], make_account(Role.LIAISON, school.organ)):
        with pytest.raises(Refused):
            draw_groups(school.class_run, 2, by=account)
        with pytest.raises(Refused):
            arrange(school.class_run, {}, by=account)
        for name, more in (("groups", {}), ("class_list", {"form": "pdf"})):
            assert client_of(account).get(url(school, name, **more)).status_code == 404
        assert client_of(account).post(url(school, "draw"), {"groups": "2"}).status_code == 404
    ClassRun.objects.update(state=ClassRun.State.HELD)
    school.class_run.refresh_from_db()
    with pytest.raises(Refused):
        draw_groups(school.class_run, 2, by=school.head)


def test_the_page_draws_changes_by_hand_and_says_what_is_wrong(school: School) -> None:
    client = client_of(school.head)
    assert client.post(url(school, "draw"), {"groups": "2"}).status_code == 302
    page = client.get(url(school)).content.decode()
    assert "第 1 组" in page
    one, other = school.callups[:2]
    given = {f"group-{c.pk}": "2" for c in school.callups}
    given |= {f"leads-{one.pk}": "on", f"office-{one.pk}": "study"}
    assert client.post(url(school), given).status_code == 302
    member = Member.objects.get(callup=one)
    assert (member.group, member.leads, member.office) == (2, True, "study")
    assert client.post(url(school), given | {f"leads-{other.pk}": "on"}).status_code == 422
    assert client.post(url(school), {f"group-{one.pk}": "x"}).status_code == 422
    assert client.post(url(school, "draw"), {"groups": "x"}).status_code == 422


def test_the_class_list_and_the_sign_in_sheet_are_printed_with_the_groups(school: School) -> None:
    client = client_of(school.head)
    one = school.callups[0]
    arrange(school.class_run, {one.pk: Place(2, leads=True, office="life")}, by=school.head)
    pdf = client.get(url(school, "class_list", form="pdf"))
    said = words_of(pdf.content)
    assert "第2组" in said
    assert "组长、生活委员" in said
    word = client.get(url(school, "class_list", form="docx"))
    with zipfile.ZipFile(io.BytesIO(word.content)) as archive:
        text = archive.read("word/document.xml").decode()
    assert "第2组" in text
    assert all(callup.person.name in text for callup in school.callups)
    assert client.get(url(school, "class_list", form="odt")).status_code == 404
    school.open()
    on = school.sessions[0].on.isoformat()
    sheet = client.get(reverse("attendance:sheet_pdf", args=[school.class_run.pk, on]))
    assert "序号组工号" in words_of(sheet.content)
    Member.objects.all().delete()
    sheet = client.get(reverse("attendance:sheet_pdf", args=[school.class_run.pk, on]))
    assert "序号工号" in words_of(sheet.content)


def test_a_trainee_reads_the_own_group_and_its_leader(school: School) -> None:
    one, other = school.callups[:2]
    places = {one.pk: Place(1, leads=True), other.pk: Place(1, office="study")}
    arrange(school.class_run, places, by=school.head)
    shown = client_of(school.trainees[1]).get(reverse("attendance:mine")).content.decode()
    assert "第 1 学习小组" in shown
    assert f"组长 {one.person.name}" in shown
    assert "学习委员" in shown
    assert "组长" in client_of(school.trainees[0]).get(reverse("attendance:mine")).content.decode()


def test_members_are_seen_by_those_who_run_the_class_and_by_the_class(school: School) -> None:
    draw_groups(school.class_run, 2, by=school.head)
    assert Member.objects.visible_to(school.head).count() == 7
    assert Member.objects.visible_to(school.trainees[0]).count() == 7
    assert not Member.objects.visible_to(make_account(Role.TEACHER, school.city)).exists()
