"""Every page, for every role that may open it and some that may not."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tests.callups.city import REPLY_BY, City, make_city
from zhixing.callups import actions
from zhixing.callups.models import Callup, CallupRun, MakeUp, Pin, Reply
from zhixing.people.models import Account, Role
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def body(answer: Any) -> bytes:
    """What a file response sends."""
    if not answer.streaming:
        return bytes(answer.content)
    with answer.file_to_stream:
        return b"".join(answer)


@dataclass
class Scene:
    city: City
    run: CallupRun
    class_run: ClassRun
    desk: Client

    def url(self, name: str) -> str:
        return reverse(f"callups:{name}", args=[self.run.pk, self.class_run.pk])


@pytest.fixture
def planned(run_jobs: Jobs) -> Scene:
    city = make_city(people=6)
    class_run = city.class_run(seats_max=4, name="水利专题培训班")
    run = city.solved([class_run], run_jobs)
    return Scene(city, run, class_run, signed_in(city.department))


@pytest.fixture
def published(planned: Scene, run_jobs: Jobs) -> Scene:
    actions.publish_run(planned.run, reply_by=REPLY_BY, by=planned.city.department)
    run_jobs()
    planned.run.refresh_from_db()
    return planned


def first_callup(scene: Scene) -> Callup:
    found = scene.run.callups.select_related("person", "class_run", "unit", "run").order_by("pk").first()
    assert found is not None
    return found


def test_the_planners_pages_answer(planned: Scene) -> None:
    keys = [planned.run.pk]
    person = first_callup(planned).person_id
    paths = [
        reverse("callups:runs"),
        reverse("callups:create"),
        reverse("callups:templates"),
        reverse("callups:make_ups"),
        reverse("callups:replies"),
        *(
            reverse(f"callups:{name}", args=keys)
            for name in ("run", "change", "publish", "board", "people", "pins", "papers")
        ),
        *(planned.url(name) for name in ("class_list", "left_out", "waiting")),
        reverse("callups:unit", args=[*keys, planned.city.organ.pk]),
        reverse("callups:cell", args=[*keys, planned.city.organ.pk, planned.class_run.pk]),
        reverse("callups:why", args=[*keys, person, planned.class_run.pk]),
    ]
    for path in paths:
        assert planned.desk.get(path).status_code == 200, path


def test_the_first_line_of_a_run_is_the_answer(planned: Scene) -> None:
    page = planned.desk.get(reverse("callups:run", args=[planned.run.pk])).content.decode()
    assert "1 个班次，4 个名额，已拟调训 4 人次（4 人）；与上界差距 0%" in page


def test_a_run_is_made_solved_pinned_and_published_on_pages(run_jobs: Jobs) -> None:
    city = make_city(people=3)
    class_run = city.class_run(seats_max=2)
    desk = signed_in(city.department)
    terms = {
        "name": "春季调训",
        "preset": "owing",
        "callups_max": 2,
        "away_percent": 100,
        "seconds": 5,
        "seed": 1,
        "second_callup_cost": 60,
        "short_seat_cost": 300,
    }
    answer = desk.post(reverse("callups:create"), {**terms, "selected": [class_run.pk]})
    run = CallupRun.objects.get()
    assert answer.headers["Location"] == reverse("callups:run", args=[run.pk])
    run_jobs()
    on_list = run.callups.values_list("person_id", flat=True)
    left_out = next(p for p in city.people if p.pk not in set(on_list))
    pin_url = reverse("callups:pin", args=[run.pk, class_run.pk])
    desk.post(pin_url, {"person": on_list[0], "reason": "驻村"})
    desk.post(pin_url, {"person": left_out.pk, "chosen": "on", "reason": "新任职"})
    assert Pin.objects.count() == 2
    assert left_out.pk in set(run.callups.values_list("person_id", flat=True))
    assert desk.post(reverse("callups:publish", args=[run.pk]), {"reply_by": REPLY_BY.isoformat()}).status_code == 302
    run.refresh_from_db()
    assert run.state == CallupRun.State.PUBLISHED


def test_a_form_without_a_class_run_is_refused_with_the_reason(run_jobs: Jobs) -> None:
    city = make_city()
    city.class_run()
    desk = signed_in(city.department)
    assert desk.post(reverse("callups:create"), {"name": ""}).status_code == 422
    assert not CallupRun.objects.exists()


def test_planning_is_closed_to_everyone_else(planned: Scene) -> None:
    city = planned.city
    person = first_callup(planned).person
    for account in (city.liaison, city.trainee(person), factories.make_account(Role.TEACHER, city.root)):
        client = signed_in(account)
        assert client.get(reverse("callups:run", args=[planned.run.pk])).status_code == 404
        assert client.get(planned.url("class_list")).status_code == 404
        assert client.get(planned.url("find_people")).status_code == 404
        assert client.post(planned.url("pin"), {"person": person.pk, "reason": "x"}).status_code == 404
        assert client.get(reverse("callups:create")).status_code == 403
        assert client.get(reverse("callups:templates")).status_code == 403
        assert client.get(reverse("callups:papers", args=[planned.run.pk])).status_code == 404
        why = reverse("callups:why", args=[planned.run.pk, person.pk, planned.class_run.pk])
        assert client.get(why).status_code == 404


def test_the_auditor_looks_but_does_not_touch(planned: Scene) -> None:
    client = signed_in(factories.make_account(Role.AUDITOR, planned.city.root))
    assert client.get(reverse("callups:run", args=[planned.run.pk])).status_code == 200
    assert client.post(reverse("callups:move", args=[planned.run.pk, "drop"])).status_code == 403
    assert client.get(reverse("callups:publish", args=[planned.run.pk])).status_code == 403


def test_the_drawer_explains_one_person_with_what_was_weighed_and_change(planned: Scene) -> None:
    left_out = next(p for p in planned.city.people if not planned.run.callups.filter(person=p).exists())
    path = reverse("callups:why", args=[planned.run.pk, left_out.pk, planned.class_run.pk])
    part = planned.desk.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "班次名额（4 个）已全部占用。占用名额的人员按本方案的优先条件" in part
    assert "考虑因素" in part
    whole = planned.desk.get(path).content.decode()
    assert whole.count("班次名额（4 个）已全部占用。") == 1, "the first line of the page says it"
    assert "增加 1 个班次名额" in part


def test_left_out_is_searched_filtered_and_exported(planned: Scene) -> None:
    left_out = [p for p in planned.city.people if not planned.run.callups.filter(person=p).exists()]
    path = planned.url("left_out")
    first, second = (person.number for person in left_out)
    found = planned.desk.get(path, {"q": first}).content.decode()
    assert first in found
    assert second not in found
    assert second in planned.desk.get(path, {"code": "class_full"}).content.decode()
    sheet = planned.desk.get(path, {"export": "left-out"})
    assert sheet.headers["Content-Type"].startswith("application/vnd.openxmlformats")


def test_lists_cost_the_same_number_of_queries_whatever_their_length(run_jobs: Jobs) -> None:
    counts = []
    for people in (4, 24):
        city = make_city(people=people)
        class_run = city.class_run(seats_max=people // 2)
        run = city.solved([class_run], run_jobs)
        desk = signed_in(city.department)
        for name in ("class_list", "left_out", "waiting"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                desk.get(reverse(f"callups:{name}", args=[run.pk, class_run.pk]))
            counts.append(len(queries))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 25


def test_a_trainee_accepts_on_the_phone_page(published: Scene) -> None:
    callup = first_callup(published)
    client = signed_in(published.city.trainee(callup.person))
    page = client.get(reverse("callups:mine")).content.decode()
    assert "确认参训" in page
    answer = client.post(reverse("callups:accept", args=[callup.pk]), {"from": "mine"})
    assert answer.headers["Location"] == reverse("callups:mine")
    callup.refresh_from_db()
    assert callup.state == Callup.State.ACCEPTED
    assert client.get(reverse("callups:callup", args=[callup.pk])).status_code == 200
    assert client.get(reverse("callups:not_called")).status_code == 200


def test_leave_with_proof_is_asked_read_and_approved_on_pages(published: Scene) -> None:
    callup = first_callup(published)
    trainee = signed_in(published.city.trainee(callup.person))
    scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.7 x")
    answer = trainee.post(
        reverse("callups:leave", args=[callup.pk]), {"reason": "health", "text": "住院", "proof": scan}
    )
    assert answer.status_code == 302
    reply = Reply.objects.get()
    proof = reverse("callups:proof", args=[reply.pk])
    assert body(published.desk.get(proof)).startswith(b"%PDF")
    stranger = next(p for p in published.city.people if p.pk != callup.person_id)
    for account in (published.city.trainee(stranger), factories.make_account(Role.LIAISON, published.city.county)):
        assert signed_in(account).get(proof).status_code == 404
    assert "住院" in published.desk.get(reverse("callups:callup", args=[callup.pk])).content.decode()
    published.desk.post(reverse("callups:decide", args=[reply.pk]), {"decision": "approve"})
    callup.refresh_from_db()
    assert callup.state == Callup.State.EXCUSED
    assert "待补训" in trainee.get(reverse("callups:mine")).content.decode()


def test_a_substitute_is_found_and_proposed_on_pages(published: Scene) -> None:
    callup = first_callup(published)
    free = next(p for p in published.city.people if not published.run.callups.filter(person=p).exists())
    client = signed_in(published.city.liaison)
    found = json.loads(client.get(reverse("callups:colleagues", args=[callup.pk]), {"q": free.name}).content)
    assert [row["value"] for row in found] == [str(free.pk)]
    answer = client.post(reverse("callups:substitute", args=[callup.pk]), {"substitute": free.pk})
    assert answer.status_code == 302
    assert Reply.objects.get().substitute == free


def test_a_liaison_accepts_for_many_and_sees_the_own_people_only(published: Scene) -> None:
    client = signed_in(published.city.liaison)
    keys = list(published.run.callups.values_list("pk", flat=True))
    assert client.get(reverse("callups:replies")).status_code == 200
    client.post(reverse("callups:accept_selected"), {"selected": keys[:3]})
    assert published.run.callups.filter(state=Callup.State.ACCEPTED).count() == 3
    assert client.get(reverse("callups:replies"), {"face": "all"}).status_code == 200
    ours = client.get(reverse("callups:ours", args=[published.run.pk])).content.decode()
    left_out = [p for p in published.city.people if not published.run.callups.filter(person=p).exists()]
    assert all(p.number in ours for p in left_out)
    elsewhere = signed_in(factories.make_account(Role.LIAISON, published.city.county))
    assert all(
        p.number not in elsewhere.get(reverse("callups:ours", args=[published.run.pk])).content.decode()
        for p in left_out
    )
    assert elsewhere.get(reverse("callups:callup", args=[keys[0]])).status_code == 404


def test_answers_of_strangers_are_refused_on_pages(published: Scene) -> None:
    callup = first_callup(published)
    assert published.desk.post(reverse("callups:accept", args=[callup.pk])).status_code == 403
    stranger = next(p for p in published.city.people if p.pk != callup.person_id)
    client = signed_in(published.city.trainee(stranger))
    for name in ("accept", "leave", "substitute", "withdraw"):
        assert client.post(reverse(f"callups:{name}", args=[callup.pk])).status_code == 404


def test_papers_are_downloaded_one_by_one_and_packed(published: Scene) -> None:
    paper = published.run.papers.get(unit=published.city.organ)
    word = published.desk.get(reverse("callups:paper", args=[paper.pk, "docx"]))
    assert body(word).startswith(b"PK")
    pdf = published.desk.get(reverse("callups:paper", args=[paper.pk, "pdf"]))
    assert body(pdf).startswith(b"%PDF")
    packed = body(published.desk.get(reverse("callups:papers_zip", args=[published.run.pk])))
    assert len(zipfile.ZipFile(io.BytesIO(packed)).namelist()) == 4
    liaison = signed_in(published.city.liaison)
    own = body(liaison.get(reverse("callups:papers_zip", args=[published.run.pk])))
    assert len(zipfile.ZipFile(io.BytesIO(own)).namelist()) == 2
    of_class = published.run.papers.get(class_run=published.class_run)
    assert liaison.get(reverse("callups:paper", args=[of_class.pk, "docx"])).status_code == 404


def test_a_receipt_is_printed(published: Scene) -> None:
    callup = first_callup(published)
    client = signed_in(published.city.trainee(callup.person))
    assert body(client.get(reverse("callups:receipt", args=[callup.pk]))).startswith(b"%PDF")


def test_a_duty_is_waived_on_a_page(published: Scene) -> None:
    callup = first_callup(published)
    reply = actions.ask_leave(callup, reason=Reply.Reason.HEALTH, by=published.city.liaison)
    actions.decide_reply(reply, approved=True, by=published.city.department)
    duty = MakeUp.objects.get()
    url = reverse("callups:waive", args=[duty.pk])
    assert signed_in(published.city.liaison).get(url).status_code == 403
    assert published.desk.get(url).status_code == 200
    published.desk.post(url, {"note": "即将退休"})
    duty.refresh_from_db()
    assert duty.state == MakeUp.State.WAIVED
    assert "即将退休" in published.desk.get(reverse("callups:make_ups")).content.decode()


def test_free_seats_are_filled_on_a_page(published: Scene) -> None:
    callup = first_callup(published)
    Callup.objects.filter(pk=callup.pk).update(state=Callup.State.WITHDRAWN, seat=None)
    answer = published.desk.post(published.url("fill"))
    assert answer.status_code == 302
    assert published.run.callups.filter(from_waiting=True).count() == 1


def test_the_other_faces_of_a_run_answer_in_excel_too(planned: Scene) -> None:
    for path, name in (
        (reverse("callups:run", args=[planned.run.pk]), "board"),
        (reverse("callups:board", args=[planned.run.pk]), "board"),
        (reverse("callups:people", args=[planned.run.pk]), "people-list"),
        (planned.url("class_list"), "class-list"),
        (planned.url("waiting"), "waiting-list"),
        (reverse("callups:make_ups"), "make-ups"),
        (reverse("callups:runs"), "callup-runs"),
    ):
        answer = planned.desk.get(path, {"export": name})
        assert answer.headers["Content-Type"].startswith("application/vnd.openxmlformats"), path


def test_the_board_is_filtered_by_free_seats(planned: Scene) -> None:
    path = reverse("callups:run", args=[planned.run.pk])
    assert planned.class_run.name in planned.desk.get(path, {"seats": "full"}).content.decode()
    assert planned.class_run.code not in planned.desk.get(path, {"seats": "free"}).content.decode()


def test_a_run_is_changed_solved_stopped_and_dropped_on_pages(planned: Scene, run_jobs: Jobs) -> None:
    key = planned.run.pk
    form = planned.desk.get(reverse("callups:change", args=[key])).content.decode()
    assert "试算" in form
    answer = planned.desk.post(
        reverse("callups:change", args=[key]),
        {
            "name": "改名",
            "preset": "rotation",
            "callups_max": 1,
            "away_percent": 50,
            "seconds": 5,
            "seed": 3,
            "second_callup_cost": 0,
            "short_seat_cost": 100,
            "weight_overdue": 500,
            "selected": [planned.class_run.pk],
        },
    )
    assert answer.status_code == 302
    planned.run.refresh_from_db()
    assert planned.run.settings["weights"] == {"overdue": 500}
    assert planned.run.settings["preset"] == "rotation"

    def move(deed: str) -> int:
        return planned.desk.post(reverse("callups:move", args=[key, deed])).status_code

    assert move("solve") == 302
    assert move("stop") == 302
    assert move("solve") == 302
    run_jobs()
    assert move("elsewhere") == 404
    assert move("papers") == 403
    assert move("drop") == 302
    planned.run.refresh_from_db()
    assert planned.run.state == CallupRun.State.DROPPED


def test_class_runs_to_choose_from_are_narrowed(planned: Scene) -> None:
    other = planned.city.class_run(weeks=2, name="党性教育班", channel="concentrated")
    path = reverse("callups:create")
    assert other.name in planned.desk.get(path, {"channel": "concentrated"}).content.decode()
    assert planned.class_run.name not in planned.desk.get(path, {"q": "党性"}).content.decode()


def test_a_decision_by_hand_is_listed_and_taken_back(planned: Scene) -> None:
    person = first_callup(planned).person
    planned.desk.post(planned.url("pin"), {"person": person.pk, "reason": "驻村"})
    assert "驻村" in planned.desk.get(reverse("callups:pins", args=[planned.run.pk])).content.decode()
    for _twice in range(2):
        answer = planned.desk.post(planned.url("unpin"), {"person": person.pk, "back": "/callups/runs/"})
        assert answer.headers["Location"] == "/callups/runs/"
    assert not Pin.objects.exists()
    for wrong in ({"person": 99}, {}):
        assert planned.desk.post(planned.url("unpin"), wrong).status_code == 404


def test_a_pin_that_a_rule_forbids_is_noted_with_the_rule(planned: Scene) -> None:
    left_out = next(p for p in planned.city.people if not planned.run.callups.filter(person=p).exists())
    answer = planned.desk.post(planned.url("pin"), {"person": left_out.pk, "chosen": "on", "reason": "x"}, follow=True)
    assert "暂未列入" in answer.content.decode()
    assert planned.desk.post(planned.url("pin"), {"person": left_out.pk}).status_code == 422
    assert planned.desk.post(planned.url("pin"), {"person": 0, "reason": "x"}).status_code == 404
    found = json.loads(planned.desk.get(planned.url("find_people"), {"q": left_out.number}).content)
    assert [row["value"] for row in found] == [str(left_out.pk)]
    assert json.loads(planned.desk.get(planned.url("find_people")).content) == []


def test_a_template_is_replaced_and_restored_on_a_page(planned: Scene) -> None:
    from zhixing.callups import papers
    from zhixing.callups.papers import Kind

    path = reverse("callups:templates")
    own = SimpleUploadedFile("自拟.docx", papers.built_in(Kind.UNIT))
    assert planned.desk.post(path, {"kind": "unit", "file": own}).status_code == 302
    assert "自拟.docx" in planned.desk.get(path).content.decode()
    assert body(planned.desk.get(reverse("callups:template", args=["unit"]))) == papers.built_in(Kind.UNIT)
    bad = SimpleUploadedFile("bad.docx", b"no word")
    assert planned.desk.post(path, {"kind": "unit", "file": bad}).status_code == 422
    assert planned.desk.post(path, {"kind": "unit"}).status_code == 422
    assert planned.desk.post(path, {"restore": "unit"}).status_code == 302
    assert planned.desk.post(path, {"restore": "salary"}).status_code == 404
    assert body(planned.desk.get(reverse("callups:template", args=["class_run"]))).startswith(b"PK")


def test_a_refusal_and_a_withdrawal_are_made_on_pages(published: Scene) -> None:
    callup = first_callup(published)
    reply = actions.ask_leave(callup, reason=Reply.Reason.DUTY, by=published.city.liaison)
    decide = reverse("callups:decide", args=[reply.pk])
    assert published.desk.post(decide, {"decision": "refuse"}).status_code == 422
    answer = published.desk.post(decide, {"decision": "refuse", "note": "可以调整"}, follow=True)
    assert "可以调整" in answer.content.decode()
    withdraw = reverse("callups:withdraw", args=[callup.pk])
    assert published.desk.post(withdraw, {"note": ""}).status_code == 422
    answer = published.desk.post(withdraw, {"note": "工作调动"}, follow=True)
    assert "已由候补递补" in answer.content.decode()
    assert published.desk.get(planned_callup_url(published)).status_code == 200


def planned_callup_url(scene: Scene) -> str:
    last = scene.run.callups.order_by("-pk").first()
    assert last is not None
    return reverse("callups:callup", args=[last.pk])


def test_forms_show_what_is_wrong(published: Scene) -> None:
    callup = first_callup(published)
    client = signed_in(published.city.liaison)
    for name in ("leave", "substitute"):
        path = reverse(f"callups:{name}", args=[callup.pk])
        assert client.get(path).status_code == 200
        assert client.post(path, {"text": "x"}).status_code == 422
    assert published.desk.get(reverse("callups:publish", args=[published.run.pk])).status_code == 403


def test_a_proposed_substitute_who_cannot_come_is_shown_to_the_decider(published: Scene, run_jobs: Jobs) -> None:
    callup = first_callup(published)
    free = next(p for p in published.city.people if not published.run.callups.filter(person=p).exists())
    actions.propose_substitute(callup, free, by=published.city.liaison)
    published.city.published([published.city.class_run(seats_max=2)], run_jobs)
    page = published.desk.get(reverse("callups:callup", args=[callup.pk])).content.decode()
    assert "替换人选不能使用该名额" in page


def test_replies_of_a_trainee_lead_to_the_own_page(published: Scene) -> None:
    client = signed_in(published.city.trainee(first_callup(published).person))
    assert client.get(reverse("callups:replies")).headers["Location"] == reverse("callups:mine")
    assert client.get(reverse("callups:make_ups")).status_code == 403
    assert signed_in(published.city.department).get(reverse("callups:mine")).status_code == 200


def test_an_answer_twice_in_bulk_says_why(published: Scene) -> None:
    client = signed_in(published.city.liaison)
    keys = list(published.run.callups.values_list("pk", flat=True))
    client.post(reverse("callups:accept_selected"), {"selected": keys})
    answer = client.post(reverse("callups:accept_selected"), {"selected": keys}, follow=True)
    assert "此前已确认参训" in answer.content.decode()


def test_the_whole_desk_speaks_english_too(published: Scene) -> None:
    published.desk.cookies["django_language"] = "en"
    page = published.desk.get(reverse("callups:run", args=[published.run.pk])).content.decode()
    assert "1 class runs: 4 call-ups of 4 people in force" in page
