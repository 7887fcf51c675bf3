"""Who may not do what, and when it is too late: every refusal with its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import factories
from tests.callups.city import REPLY_BY, City, make_city, terms_of
from zhixing.base import proofs
from zhixing.base.problems import Conflict, Invalid, NotFound, Refused
from zhixing.callups import actions, permissions, queries
from zhixing.callups.models import Callup, CallupRun, MakeUp, Paper, Reply
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]


@pytest.fixture
def city() -> City:
    return make_city(people=4)


@pytest.fixture
def sent(city: City, run_jobs: Jobs) -> Callup:
    run = city.published([city.class_run(seats_max=3)], run_jobs)
    found = run.callups.select_related("person", "class_run", "unit", "run").first()
    assert found is not None
    return found


def test_an_answer_after_the_deadline_is_refused_with_the_day(city: City, sent: Callup) -> None:
    Callup.objects.filter(pk=sent.pk).update(reply_by=timezone.localdate() - dt.timedelta(days=1))
    sent.refresh_from_db()
    with pytest.raises(Refused, match=sent.reply_by.isoformat() if sent.reply_by else ""):
        actions.accept_callup(sent, by=city.liaison)
    with pytest.raises(Refused):
        actions.ask_leave(sent, reason=Reply.Reason.HEALTH, by=city.liaison)
    with pytest.raises(Refused):
        actions.propose_substitute(sent, city.people[-1], by=city.liaison)
    sent.refresh_from_db()
    assert sent.state == Callup.State.SENT
    assert not Reply.objects.exists()


def test_an_answer_on_the_last_day_counts(city: City, sent: Callup) -> None:
    Callup.objects.filter(pk=sent.pk).update(reply_by=timezone.localdate())
    sent.refresh_from_db()
    assert actions.accept_callup(sent, by=city.liaison).kind == Reply.Kind.ACCEPT


def test_a_second_answer_is_refused(city: City, sent: Callup) -> None:
    stale = Callup.objects.select_related("class_run", "unit", "run").get(pk=sent.pk)
    actions.accept_callup(sent, by=city.liaison)
    with pytest.raises(Refused):
        actions.accept_callup(sent, by=city.trainee(sent.person))
    with pytest.raises(Conflict):
        actions.accept_callup(stale, by=city.liaison)
    assert Reply.objects.count() == 1


def test_who_accepted_may_still_ask_leave_but_only_once(city: City, sent: Callup) -> None:
    actions.accept_callup(sent, by=city.liaison)
    actions.ask_leave(sent, reason=Reply.Reason.MEETING, by=city.liaison)
    with pytest.raises(Refused):
        actions.ask_leave(sent, reason=Reply.Reason.MEETING, by=city.liaison)
    assert sent.state == Callup.State.ASKED


def wrong_people(city: City, sent: Callup) -> list[Account]:
    colleague = next(p for p in city.people if p.pk != sent.person_id)
    return [
        city.department,
        city.trainee(colleague),
        factories.make_account(Role.LIAISON, city.county),
        factories.make_account(Role.SCHOOL, city.root),
        factories.make_account(Role.AUDITOR, city.root),
    ]


def test_the_wrong_person_cannot_answer(city: City, sent: Callup) -> None:
    for account in wrong_people(city, sent):
        for deed in (
            lambda by: actions.accept_callup(sent, by=by),
            lambda by: actions.ask_leave(sent, reason=Reply.Reason.HEALTH, by=by),
            lambda by: actions.propose_substitute(sent, city.people[-1], by=by),
        ):
            with pytest.raises(Refused):
                deed(account)


def test_an_excused_call_up_is_closed_to_answers(city: City, sent: Callup) -> None:
    reply = actions.ask_leave(sent, reason=Reply.Reason.HEALTH, by=city.liaison)
    actions.decide_reply(reply, approved=True, by=city.department)
    sent.refresh_from_db()
    with pytest.raises(Refused):
        actions.accept_callup(sent, by=city.liaison)


def test_leave_needs_a_known_reason_and_other_an_explanation(city: City, sent: Callup) -> None:
    with pytest.raises(Invalid):
        actions.ask_leave(sent, reason="holiday", by=city.liaison)
    with pytest.raises(Invalid):
        actions.ask_leave(sent, reason=Reply.Reason.OTHER, by=city.liaison)


def test_a_refused_leave_leaves_time_to_answer_anew(city: City, sent: Callup) -> None:
    reply = actions.ask_leave(sent, reason=Reply.Reason.DUTY, by=city.liaison)
    Callup.objects.filter(pk=sent.pk).update(reply_by=timezone.localdate() - dt.timedelta(days=9))
    reply = Reply.objects.select_related("callup__class_run", "callup__run").get(pk=reply.pk)
    with pytest.raises(Invalid):
        actions.decide_reply(reply, approved=False, by=city.department)
    assert actions.decide_reply(reply, approved=False, note="工作可以调整", by=city.department) == []
    sent.refresh_from_db()
    assert sent.state == Callup.State.SENT
    assert sent.reply_by == timezone.localdate() + dt.timedelta(days=3)
    actions.accept_callup(sent, by=city.liaison)


def test_only_the_department_decides_and_only_once(city: City, sent: Callup) -> None:
    reply = actions.ask_leave(sent, reason=Reply.Reason.HEALTH, by=city.liaison)
    for account in [city.liaison, *wrong_people(city, sent)[1:]]:
        with pytest.raises(Refused):
            actions.decide_reply(reply, approved=True, by=account)
    stale = Reply.objects.select_related("callup__class_run", "callup__run").get(pk=reply.pk)
    actions.decide_reply(reply, approved=True, by=city.department)
    with pytest.raises(Conflict):
        actions.decide_reply(stale, approved=False, note="不同意", by=city.department)


def test_nobody_decides_on_the_own_request(city: City, sent: Callup) -> None:
    reply = actions.ask_leave(sent, reason=Reply.Reason.HEALTH, by=city.liaison)
    own = factories.make_account(Role.DEPARTMENT, city.root, person=sent.person)
    with pytest.raises(Refused):
        actions.decide_reply(reply, approved=True, by=own)


def test_a_substitute_comes_from_the_unit_and_the_target_group(city: City, sent: Callup) -> None:
    called = set(Callup.objects.values_list("person_id", flat=True))
    elsewhere = city.person(city.county)
    other_rank = city.person(rank="县处级正职")
    for person in (elsewhere, other_rank, sent.person, *(p for p in city.people if p.pk in called)):
        with pytest.raises(Invalid):
            actions.propose_substitute(sent, person, by=city.liaison)


def test_an_approved_substitute_takes_the_seat_and_the_link_is_kept(city: City, sent: Callup) -> None:
    free = next(p for p in city.people if not Callup.objects.filter(person=p).exists())
    reply = actions.propose_substitute(sent, free, by=city.liaison)
    (made,) = actions.decide_reply(reply, approved=True, by=city.department)
    seat = sent.seat
    sent.refresh_from_db()
    assert (sent.state, sent.seat) == (Callup.State.SUBSTITUTED, None)
    assert (made.person_id, made.seat, made.instead_of_id) == (free.pk, seat, sent.pk)
    assert not MakeUp.objects.exists()


def test_a_substitute_called_elsewhere_meanwhile_is_refused_at_the_decision(
    city: City, sent: Callup, run_jobs: Jobs
) -> None:
    free = next(p for p in city.people if not Callup.objects.filter(person=p).exists())
    reply = actions.propose_substitute(sent, free, by=city.liaison)
    rival = city.class_run(seats_max=1)
    assert [c.person_id for c in city.published([rival], run_jobs).callups.all()] == [free.pk]
    with pytest.raises(Conflict, match=rival.name):
        actions.decide_reply(reply, approved=True, by=city.department)
    reply.refresh_from_db()
    assert reply.decision == Reply.Decision.PENDING


def test_a_run_is_published_once(city: City, run_jobs: Jobs) -> None:
    run = city.solved([city.class_run(seats_max=2)], run_jobs)
    stale = CallupRun.objects.get(pk=run.pk)
    actions.publish_run(run, reply_by=REPLY_BY, by=city.department)
    with pytest.raises(Conflict):
        actions.publish_run(stale, reply_by=REPLY_BY, by=city.department)
    with pytest.raises(Refused):
        actions.publish_run(run, reply_by=REPLY_BY, by=city.department)


def test_only_the_department_plans(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    person = city.people[0]
    for account in (city.liaison, factories.make_account(Role.AUDITOR, city.root)):
        deeds: list[Callable[[], Any]] = [
            lambda by=account: actions.create_run("x", [class_run], by=by),
            lambda by=account: actions.start_run(run, by=by),
            lambda by=account: actions.drop_run(run, by=by),
            lambda by=account: actions.pin_pair(run, person, class_run, chosen=True, reason="x", by=by),
            lambda by=account: actions.publish_run(run, reply_by=REPLY_BY, by=by),
            lambda by=account: actions.make_papers(run, by=by),
        ]
        for deed in deeds:
            with pytest.raises(Refused):
                deed()
    run.refresh_from_db()
    assert run.state == CallupRun.State.PROPOSED


def test_a_run_is_about_open_class_runs_of_one_year(city: City) -> None:
    draft = city.class_run(state=ClassRun.State.DRAFT)
    next_year = city.class_run(weeks=60)
    begun = factories.make_class_run(starts_on=timezone.localdate() - dt.timedelta(days=1))
    good = city.class_run()
    for chosen in ([], [draft], [begun], [good, next_year]):
        with pytest.raises(Invalid):
            actions.create_run("试算", chosen, by=city.department)
    with pytest.raises(Invalid):
        actions.create_run(" ", [good], by=city.department)
    with pytest.raises(Invalid):
        actions.create_run("试算", [good], seconds=0, by=city.department)


def test_terms_out_of_range_are_refused() -> None:
    for wrong in (
        {"callups_max": 0},
        {"away_percent": 101},
        {"preset": "rank"},
        {"weights": {"age": 3}},
        {"weights": {"met": -1}},
        {"seats": 3},
        {"callups_max": True},
    ):
        with pytest.raises(Invalid):
            terms_of(**wrong)


def test_a_pin_needs_a_reason_and_somebody_of_the_target_group(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    with pytest.raises(Invalid):
        actions.pin_pair(run, city.people[0], class_run, chosen=True, reason=" ", by=city.department)
    outsider = city.person(rank="县处级正职")
    with pytest.raises(Invalid):
        actions.pin_pair(run, outsider, class_run, chosen=True, reason="x", by=city.department)
    with pytest.raises(Invalid):
        actions.pin_pair(run, city.people[0], city.class_run(), chosen=True, reason="x", by=city.department)


def test_a_pin_against_a_full_class_waits_for_the_next_search(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    left_out = next(p for p in city.people if not run.callups.filter(person=p).exists())
    found = actions.pin_pair(run, left_out, class_run, chosen=True, reason="x", by=city.department)
    assert found is not None
    assert found.rule == "class_full"
    assert not run.callups.filter(person=left_out).exists()


def test_pins_that_cannot_hold_name_each_other(city: City, run_jobs: Jobs) -> None:
    first, second = city.class_run(seats_max=2), city.class_run(seats_max=2)
    run = actions.create_run("试算", [first, second], by=city.department, seconds=5)
    for class_run in (first, second):
        actions.pin_pair(run, city.people[0], class_run, chosen=True, reason="x", by=city.department)
    actions.start_run(run, by=city.department)
    run_jobs()
    run.refresh_from_db()
    assert run.state == CallupRun.State.INFEASIBLE
    assert {item["rule"] for item in run.result["conflict"]} == {"shared_day", "pinned_in"}
    assert run.callups.count() == 0


def test_a_run_without_anyone_eligible_goes_back_to_draft(city: City, run_jobs: Jobs) -> None:
    run = city.solved([city.class_run(ranks=["省部级正职"])], run_jobs)
    assert run.state == CallupRun.State.DRAFT
    assert run.job is not None
    assert run.job.state == "failed"
    assert run.job.error


def test_a_waiver_is_the_departments_and_needs_a_reason(city: City, sent: Callup) -> None:
    reply = actions.ask_leave(sent, reason=Reply.Reason.HEALTH, by=city.liaison)
    actions.decide_reply(reply, approved=True, by=city.department)
    duty = MakeUp.objects.get()
    with pytest.raises(Refused):
        actions.waive_make_up(duty, "孕期", city.liaison)
    with pytest.raises(Invalid):
        actions.waive_make_up(duty, " ", city.department)
    actions.waive_make_up(duty, "孕期", city.department)
    assert (duty.state, duty.note) == (MakeUp.State.WAIVED, "孕期")
    with pytest.raises(Refused):
        actions.waive_make_up(duty, "孕期", city.department)


def test_withdrawing_needs_the_department_and_a_reason(city: City, sent: Callup) -> None:
    with pytest.raises(Refused):
        actions.withdraw_callup(sent, "x", city.liaison)
    with pytest.raises(Invalid):
        actions.withdraw_callup(sent, "", city.department)
    (next_called,) = actions.withdraw_callup(sent, "工作调动", city.department)
    assert next_called.seat is not None
    assert sent.state == Callup.State.WITHDRAWN
    with pytest.raises(Refused):
        actions.withdraw_callup(sent, "工作调动", city.department)


def test_who_holds_the_class_says_how_a_call_up_ended_and_nobody_else(city: City, sent: Callup) -> None:
    school = factories.make_unit("云岚市委党校", city.root, kind=Unit.Kind.SCHOOL)
    ClassRun.objects.filter(pk=sent.class_run_id).update(institution=school)
    sent = Callup.objects.select_related("class_run__institution", "unit").get(pk=sent.pk)
    holder = factories.make_account(Role.SCHOOL, school)
    stranger = factories.make_account(Role.SCHOOL, city.county)
    for account in (stranger, city.liaison, city.trainee(sent.person)):
        with pytest.raises(Refused):
            actions.finish_callup(sent, completed=True, by=account)
        with pytest.raises(Refused):
            actions.open_make_up(sent, 300, MakeUp.Cause.ATTENDANCE, account)
    actions.finish_callup(sent, completed=False, by=holder)
    assert sent.state == Callup.State.NOT_COMPLETED


def test_a_proof_is_known_by_its_bytes(city: City) -> None:
    for content in (b"MZ program", b"<html>", b""):
        with pytest.raises(Invalid):
            proofs.keep(SimpleUploadedFile("proof.pdf", content), by=city.liaison)
    kept = proofs.keep(SimpleUploadedFile("../../病历.exe", b"%PDF-1.7 x"), by=city.liaison)
    assert kept.name == "proof.pdf"


def test_proposals_are_seen_by_planners_only(city: City, run_jobs: Jobs) -> None:
    run = city.solved([city.class_run(seats_max=4)], run_jobs)
    callup = run.callups.first()
    assert callup is not None
    for account in (city.liaison, city.trainee(callup.person)):
        assert not Callup.objects.visible_to(account).exists()
        with pytest.raises(NotFound):
            queries.callup_for(account, callup.pk)
        with pytest.raises(NotFound):
            queries.run_for(account, run.pk)


def test_call_ups_replies_and_make_ups_end_at_the_scope(city: City, sent: Callup) -> None:
    elsewhere = factories.make_account(Role.LIAISON, city.county)
    reply = actions.ask_leave(sent, reason=Reply.Reason.HEALTH, by=city.liaison)
    assert queries.reply_for(city.liaison, reply.pk) == reply
    with pytest.raises(NotFound):
        queries.reply_for(elsewhere, reply.pk)
    with pytest.raises(NotFound):
        queries.callup_for(elsewhere, sent.pk)
    actions.decide_reply(reply, approved=True, by=city.department)
    duty = MakeUp.objects.get()
    with pytest.raises(NotFound):
        queries.make_up_for(elsewhere, duty.pk)
    assert list(queries.make_ups_of(city.liaison)) == [duty]


def test_whoever_holds_the_class_does_not_read_why_someone_asks_leave(city: City, sent: Callup) -> None:
    school = factories.make_unit("云岚市委党校", city.root, kind=Unit.Kind.SCHOOL)
    ClassRun.objects.filter(pk=sent.class_run_id).update(institution=school)
    holder = factories.make_account(Role.SCHOOL, school)
    reply = actions.ask_leave(sent, reason=Reply.Reason.HEALTH, by=city.liaison)
    assert queries.callup_for(holder, sent.pk) == sent
    with pytest.raises(NotFound):
        queries.reply_for(holder, reply.pk)


def test_reasons_are_read_by_planners_the_own_liaison_and_the_person(city: City, sent: Callup) -> None:
    path, person = sent.unit.path, sent.person_id
    colleague = next(p for p in city.people if p.pk != person)
    allowed = (city.department, city.liaison, city.trainee(sent.person))
    refused = (city.trainee(colleague), factories.make_account(Role.LIAISON, city.county))
    assert all(permissions.may_read_reasons_of(account, path, person) for account in allowed)
    assert not any(permissions.may_read_reasons_of(account, path, person) for account in refused)


def test_papers_are_seen_by_the_department_the_unit_and_the_holder(city: City, sent: Callup, run_jobs: Jobs) -> None:
    run_jobs()
    school = factories.make_unit("云岚市委党校", city.root, kind=Unit.Kind.SCHOOL)
    ClassRun.objects.filter(pk=sent.class_run_id).update(institution=school)
    seen = {
        role: set(Paper.objects.visible_to(account).values_list("class_run_id", "unit_id"))
        for role, account in {
            "department": city.department,
            "liaison": city.liaison,
            "elsewhere": factories.make_account(Role.LIAISON, city.county),
            "holder": factories.make_account(Role.SCHOOL, school),
            "trainee": city.trainee(sent.person),
        }.items()
    }
    of_class, of_unit = (sent.class_run_id, None), (None, city.organ.pk)
    assert seen == {
        "department": {of_class, of_unit},
        "liaison": {of_unit},
        "elsewhere": set(),
        "holder": {of_class},
        "trainee": set(),
    }
