"""A list adjusted to a change: proposed or published, looked at first, confirmed by a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.callups.city import REPLY_BY, City, make_city
from zhixing.base.models import AuditEntry, Job, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.callups import actions, queries
from zhixing.callups.models import BEYOND, Callup, CallupRun
from zhixing.people import actions as people
from zhixing.people.models import Person, Role
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
Jobs = Callable[[], int]
TODAY = dt.date.today()  # noqa: DTZ011  the actions ask the clock


@pytest.fixture
def city() -> City:
    return make_city(people=4)


def found(run: CallupRun, city: City, run_jobs: Jobs) -> Job:
    """The changes that a search found."""
    actions.start_repair(run, by=city.department)
    run_jobs()
    run.refresh_from_db()
    offered = queries.repair_offered(run)
    assert offered is not None, queries.last_repair(run)
    return offered


def changes(job: Job) -> dict[int, str]:
    return {item["person"]: item["change"] for item in job.result["changes"]}


def retire(person: Person, city: City, run_jobs: Jobs) -> None:
    people.end_service(person, last_day=TODAY - dt.timedelta(days=1), retired=True, by=city.department)
    run_jobs()


def called(run: CallupRun, *states: str) -> set[int]:
    rows = run.callups.filter(state__in=states or Callup.IN_FORCE)
    return set(rows.values_list("person_id", flat=True))


def signed_in(account: object) -> Client:
    client = Client()
    client.force_login(account)  # type: ignore[arg-type]
    return client


def two_of_four(city: City, run_jobs: Jobs) -> CallupRun:
    run = city.published([city.class_run(seats_max=2)], run_jobs)
    run_jobs()
    Notice.objects.all().delete()
    return run


def test_a_proposal_keeps_everyone_who_can_stay_and_nothing_changes_until_it_is_confirmed(
    city: City, run_jobs: Jobs
) -> None:
    run = city.solved([city.class_run(seats_max=2)], run_jobs)
    before = called(run, Callup.State.PROPOSED)
    gone = Person.objects.get(pk=min(before))
    retire(gone, city, run_jobs)
    job = found(run, city, run_jobs)
    assert (job.result["kept"], job.result["displaced"], job.result["fewest"]) == (1, 0, True)
    (came,) = set(changes(job)) - {gone.pk}
    assert changes(job) == {gone.pk: "left", came: "came"}
    assert called(run, Callup.State.PROPOSED) == before
    assert actions.make_changes(run, job, reason="", by=city.department) == (1, 1)
    assert called(run, Callup.State.PROPOSED) == before - {gone.pk} | {came}
    assert run.callups.get(person=came).code == "repaired"
    assert not Notice.objects.filter(kind__startswith="callups.called").exists()
    entry = AuditEntry.objects.get(action="callups.repaired")
    assert (entry.actor_id, entry.details["withdrawn"], entry.details["called"]) == (city.department.pk, 1, 1)
    with pytest.raises(Conflict):
        actions.make_changes(run, job, reason="", by=city.department)


def test_on_a_published_list_who_answered_stays_though_the_class_lost_a_seat(city: City, run_jobs: Jobs) -> None:
    run = two_of_four(city, run_jobs)
    first, second = run.callups.order_by("pk")
    actions.accept_callup(second, by=city.trainee(second.person))
    ClassRun.objects.filter(pk=first.class_run_id).update(seats_max=1)
    job = found(run, city, run_jobs)
    assert changes(job) == {first.person_id: "left"}
    assert job.result["displaced"] == 1
    with pytest.raises(Invalid, match="请说明原因"):
        actions.make_changes(run, job, reason=" ", by=city.department)
    assert called(run) == {first.person_id, second.person_id}
    assert actions.make_changes(run, job, reason="班次减少一个名额", by=city.department) == (1, 0)
    first.refresh_from_db()
    assert (first.state, first.seat, first.note) == (Callup.State.WITHDRAWN, None, "班次减少一个名额")
    assert called(run) == {second.person_id}
    assert Notice.objects.filter(kind="callups.withdrawn").exists()
    run_jobs()
    assert found(run, city, run_jobs).result["changes"] == []


def test_a_seat_that_came_free_is_given_and_told_by_the_confirmation_alone(city: City, run_jobs: Jobs) -> None:
    run = two_of_four(city, run_jobs)
    callup = run.callups.order_by("pk")[0]
    retire(callup.person, city, run_jobs)
    job = found(run, city, run_jobs)
    (came,) = set(changes(job)) - {callup.person_id}
    assert came not in called(run)
    page = signed_in(city.department).get(reverse("callups:repair", args=[run.pk])).content.decode()
    assert callup.person.name in page
    assert "已不在职。" in page
    assert "空出名额：" in page
    assert Person.objects.get(pk=came).name in page
    actions.make_changes(run, job, reason="退休", by=city.department)
    new = run.callups.get(person=came)
    assert (new.state, new.seat, new.code) == (Callup.State.SENT, callup.seat, "repaired")
    assert new.reply_by is not None


def test_whoever_was_excused_or_withdrawn_does_not_come_back(city: City, run_jobs: Jobs) -> None:
    run = city.published([city.class_run(seats_max=4)], run_jobs)
    run_jobs()
    callup = run.callups.order_by("pk")[0]
    actions.withdraw_callup(callup, "专项任务", city.department)
    assert found(run, city, run_jobs).result["changes"] == []


def test_who_was_invited_beyond_the_seats_displaces_nobody_and_gets_the_seat_that_comes_free(
    city: City, run_jobs: Jobs
) -> None:
    run = two_of_four(city, run_jobs)
    callup = run.callups.order_by("pk")[0]
    extra = Person.objects.exclude(pk__in=called(run)).filter(unit=city.organ).order_by("pk")[0]
    sent = {"state": Callup.State.SENT, "code": BEYOND, "unit": city.organ}
    beyond = Callup.objects.create(run=run, person=extra, class_run=callup.class_run, **sent)
    assert found(run, city, run_jobs).result["changes"] == []
    retire(callup.person, city, run_jobs)
    job = found(run, city, run_jobs)
    assert changes(job) == {callup.person_id: "left"}
    actions.make_changes(run, job, reason="退休", by=city.department)
    beyond.refresh_from_db()
    assert beyond.seat == callup.seat


def test_an_answer_after_the_search_is_honoured(city: City, run_jobs: Jobs) -> None:
    run = two_of_four(city, run_jobs)
    ClassRun.objects.filter(callups__run=run).update(seats_max=1)
    job = found(run, city, run_jobs)
    (lost,) = changes(job)
    callup = run.callups.get(person=lost)
    actions.accept_callup(callup, by=city.trainee(callup.person))
    with pytest.raises(Conflict, match="有人已回执"):
        actions.make_changes(run, job, reason="少一个名额", by=city.department)
    assert len(called(run)) == 2


def test_a_rule_broken_since_the_search_stops_everything(city: City, run_jobs: Jobs) -> None:
    run = two_of_four(city, run_jobs)
    callup = run.callups.order_by("pk")[0]
    retire(callup.person, city, run_jobs)
    job = found(run, city, run_jobs)
    (came,) = set(changes(job)) - {callup.person_id}
    retire(Person.objects.get(pk=came), city, run_jobs)
    with pytest.raises(Conflict, match="已不能列入名单"):
        actions.make_changes(run, job, reason="退休", by=city.department)
    callup.refresh_from_db()
    assert callup.state == Callup.State.SENT


def test_a_class_that_moved_displaces_only_whom_its_new_days_hit(city: City, run_jobs: Jobs) -> None:
    one, other = city.class_run(seats_max=4), city.class_run(4, seats_max=4)
    run = city.published([one, other], run_jobs, callups_max=2, second_callup_cost=0)
    run_jobs()
    twice = {pk for pk in called(run) if run.callups.filter(person=pk).count() == 2}
    assert twice
    ClassRun.objects.filter(pk=other.pk).update(starts_on=one.starts_on, ends_on=one.ends_on)
    job = found(run, city, run_jobs)
    assert set(changes(job)) == twice
    assert {item["lost"][0]["code"] for item in job.result["changes"]} == {"shared_day"}
    actions.make_changes(run, job, reason="班次改期", by=city.department)
    assert all(run.callups.filter(person=pk, state=Callup.State.SENT).count() == 1 for pk in twice)


@pytest.mark.parametrize("role", [Role.LIAISON, Role.AUDITOR, Role.SCHOOL])
def test_only_the_department_of_the_run_adjusts_it(city: City, run_jobs: Jobs, role: str) -> None:
    run = two_of_four(city, run_jobs)
    job = found(run, city, run_jobs)
    other = factories.make_account(role, city.root, email="other@city.example")
    with pytest.raises(Refused):
        actions.start_repair(run, by=other)
    with pytest.raises(Refused):
        actions.make_changes(run, job, reason="x", by=other)
    assert signed_in(other).post(reverse("callups:repair_seek", args=[run.pk])).status_code in {403, 404}


def test_a_draft_has_no_list_to_adjust_and_the_job_of_another_run_is_none_of_it(city: City, run_jobs: Jobs) -> None:
    run = two_of_four(city, run_jobs)
    job = found(run, city, run_jobs)
    draft = actions.create_run("草稿", [city.class_run(8)], by=city.department, on=TODAY)
    with pytest.raises(Refused):
        actions.start_repair(draft, by=city.department)
    client = signed_in(city.department)
    assert client.post(reverse("callups:repair_make", args=[draft.pk, job.pk]), {"reason": "x"}).status_code == 404
    answer = client.post(reverse("callups:repair_make", args=[run.pk, job.pk]), {"reason": "x"})
    assert (job.result["changes"], answer.status_code) == ([], 409)
    assert not AuditEntry.objects.filter(action="callups.repaired").exists()
    assert client.get(reverse("callups:repair", args=[draft.pk])).status_code == 200


def test_a_decision_by_hand_since_the_search_goes_before_what_it_found(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    gone = Person.objects.get(pk=min(called(run, Callup.State.PROPOSED)))
    retire(gone, city, run_jobs)
    job = found(run, city, run_jobs)
    (came,) = set(changes(job)) - {gone.pk}
    decided = Person.objects.get(pk=came)
    actions.pin_pair(run, decided, class_run, chosen=False, reason="驻村", by=city.department)
    with pytest.raises(Conflict, match="已有人另作决定"):
        actions.make_changes(run, job, reason="", by=city.department)
    actions.unpin_pair(run, decided, class_run, by=city.department)
    assert actions.make_changes(run, job, reason="", by=city.department) == (1, 1)


def test_whoever_is_put_on_by_hand_since_the_search_is_not_taken_off(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    ClassRun.objects.filter(pk=class_run.pk).update(seats_max=1)
    job = found(run, city, run_jobs)
    (lost,) = changes(job)
    actions.pin_pair(run, Person.objects.get(pk=lost), class_run, chosen=True, reason="牵头", by=city.department)
    with pytest.raises(Conflict, match="已有人另作决定"):
        actions.make_changes(run, job, reason="", by=city.department)
    assert lost in called(run, Callup.State.PROPOSED)


def test_whoever_was_put_on_by_hand_and_retired_leaves_the_list(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    pinned = Person.objects.get(pk=min(called(run, Callup.State.PROPOSED)))
    actions.pin_pair(run, pinned, class_run, chosen=True, reason="牵头", by=city.department)
    retire(pinned, city, run_jobs)
    job = found(run, city, run_jobs)
    assert changes(job)[pinned.pk] == "left"
    assert actions.make_changes(run, job, reason="", by=city.department) == (1, 1)


def test_a_published_list_is_adjusted_though_somebody_put_on_by_hand_was_withdrawn(city: City, run_jobs: Jobs) -> None:
    class_run = city.class_run(seats_max=2)
    run = city.solved([class_run], run_jobs)
    pinned, other = run.callups.order_by("pk")
    actions.pin_pair(run, pinned.person, class_run, chosen=True, reason="牵头", by=city.department)
    actions.publish_run(run, reply_by=REPLY_BY, by=city.department)
    run_jobs()
    pinned.refresh_from_db()
    actions.withdraw_callup(pinned, "专项任务", city.department)
    retire(other.person, city, run_jobs)
    assert changes(found(run, city, run_jobs))[other.person_id] == "left"


def test_when_every_class_has_begun_nothing_is_sought(city: City, run_jobs: Jobs) -> None:
    run = two_of_four(city, run_jobs)
    run.class_runs.update(starts_on=TODAY, ends_on=TODAY + dt.timedelta(days=4))
    answer = signed_in(city.department).post(reverse("callups:repair_seek", args=[run.pk]))
    assert answer.status_code == 409
    assert queries.last_repair(run) is None
