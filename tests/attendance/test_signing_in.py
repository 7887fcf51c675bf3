"""The own scan: accepted once, refused with its reason, and the register unchanged by every refusal."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.attendance.school import MONDAY, School, add_trainee, at, make_callup, make_school
from zhixing.attendance import actions, tokens
from zhixing.attendance.models import Evidence, Mark, Register, Status
from zhixing.base.problems import NotFound, Refused
from zhixing.callups.models import Callup
from zhixing.people.models import Account, Role

pytestmark = pytest.mark.django_db
BEGIN = at(MONDAY, 9)


@pytest.fixture
def school() -> School:
    made = make_school()
    made.open()
    return made


def scan(school: School, user: Account, now: dt.datetime, made_at: dt.datetime | None = None) -> actions.SignedIn:
    return actions.sign_in(tokens.make(school.register().pk, made_at or now), by=user, now=now)


def refused(school: School, user: Account, now: dt.datetime, made_at: dt.datetime | None = None) -> str:
    """The reason of the refusal; the register must be as it was."""
    before = list(Mark.objects.values()), list(Evidence.objects.values())
    with pytest.raises(Refused) as caught:
        scan(school, user, now, made_at)
    assert (list(Mark.objects.values()), list(Evidence.objects.values())) == before
    return str(caught.value.message)


def test_a_trainee_signs_in_with_one_scan(school: School) -> None:
    done = scan(school, school.trainees[0], BEGIN)
    assert (done.status, done.again) == (Status.PRESENT, False)
    seen = Evidence.objects.get()
    assert (seen.source, seen.callup, seen.by_id) == ("qr", school.callups[0], school.trainees[0].pk)


def test_a_second_scan_says_so_and_changes_nothing(school: School) -> None:
    scan(school, school.trainees[0], BEGIN)
    done = scan(school, school.trainees[0], BEGIN + dt.timedelta(minutes=30))
    assert (done.status, done.again) == (Status.PRESENT, True)
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(("minute", "status"), [(15, "present"), (16, "late")])
def test_a_scan_long_after_the_beginning_is_late(school: School, minute: int, status: str) -> None:
    assert scan(school, school.trainees[0], at(MONDAY, 9, minute)).status == status


def test_a_replayed_code_is_refused(school: School) -> None:
    assert "expired" in refused(school, school.trainees[0], BEGIN, made_at=BEGIN - dt.timedelta(seconds=40))


def test_a_code_of_the_morning_does_not_sign_in_the_afternoon(school: School) -> None:
    assert "expired" in refused(school, school.trainees[0], at(MONDAY, 14, 30), made_at=BEGIN)


def test_a_trainee_of_another_class_run_is_refused(school: School) -> None:
    other = make_school(people=1)
    assert "not on the list" in refused(school, other.trainees[0], BEGIN)


def test_whoever_is_no_trainee_is_refused(school: School) -> None:
    assert "not on the list" in refused(school, school.head, BEGIN)


@pytest.mark.parametrize("state", [Callup.State.ASKED, Callup.State.EXCUSED, Callup.State.WITHDRAWN])
def test_a_trainee_whose_call_up_is_not_in_force_is_refused_with_its_state(school: School, state: str) -> None:
    callup = add_trainee(school, state)
    Callup.objects.filter(pk=callup.pk).update(seat=None)
    assert str(callup.get_state_display()) in refused(school, school.trainees[-1], BEGIN)


def test_a_trainee_who_is_only_proposed_is_not_told_of_it(school: School) -> None:
    add_trainee(school, Callup.State.PROPOSED)
    assert "not on the list" in refused(school, school.trainees[-1], BEGIN)


def test_a_person_called_again_after_an_excuse_signs_in_by_the_call_up_in_force(school: School) -> None:
    person = factories.make_person(school.organ)
    make_callup(school.class_run, person, Callup.State.EXCUSED, None)
    now_called = make_callup(school.class_run, person, Callup.State.ACCEPTED, 90)
    scan(school, factories.make_account(Role.TRAINEE, None, person), BEGIN)
    assert Mark.objects.get().callup == now_called


def test_before_the_register_opens_a_scan_is_refused_with_the_time(school: School) -> None:
    assert "08:30" in refused(school, school.trainees[0], at(MONDAY, 8, 29, 59))
    assert scan(school, school.trainees[0], at(MONDAY, 8, 30)).status == Status.PRESENT


def test_after_the_session_a_scan_is_refused(school: School) -> None:
    assert "over" in refused(school, school.trainees[0], at(MONDAY, 12, 0, 1))


def test_when_the_register_is_closed_a_scan_is_refused(school: School) -> None:
    school.close(0)
    assert "closed" in refused(school, school.trainees[0], at(MONDAY, 11))


def test_a_scan_after_staff_marked_absent_is_kept_but_staff_hold(school: School) -> None:
    school.mark(0, 0, Status.ABSENT)
    done = scan(school, school.trainees[0], at(MONDAY, 9, 10))
    assert (done.status, done.again) == (Status.ABSENT, False)
    assert [row.source for row in Evidence.objects.all()] == ["roll_call", "qr"]


class TestPage:
    """The page a phone's camera opens; the clock stands still at the beginning of the session."""

    @pytest.fixture(autouse=True)
    def _clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = BEGIN
        monkeypatch.setattr("zhixing.attendance.views.signing_in.timezone.now", lambda: self.now)

    def url(self, school: School, made_at: dt.datetime = BEGIN) -> str:
        return reverse("attendance:sign_in", args=[tokens.make(school.register().pk, made_at)])

    def test_one_tap_after_the_scan_signs_in(self, school: School, client: Client) -> None:
        client.force_login(school.trainees[0])
        assert client.get(self.url(school)).status_code == 200
        assert not Mark.objects.exists()
        assert client.post(self.url(school)).status_code == 200
        assert Mark.objects.get().status == Status.PRESENT

    def test_the_code_is_shown_to_those_who_may_take_the_register_only(self, school: School, client: Client) -> None:
        """An auditor sees the register, but gets no live code to pass on."""
        page = reverse("attendance:code", args=[school.register().pk])
        for account, shown in ((school.head, True), (factories.make_account(Role.AUDITOR, school.city), False)):
            client.force_login(account)
            answer = client.get(page)
            assert (answer.status_code, "<svg" in answer.content.decode()) == (200, shown)

    def test_reading_the_page_may_take_longer_than_the_code_lives(self, school: School, client: Client) -> None:
        client.force_login(school.trainees[0])
        client.get(self.url(school))
        self.now = BEGIN + dt.timedelta(minutes=4)
        assert client.post(self.url(school)).status_code == 200

    def test_a_scan_that_lies_too_long_behind_is_refused(self, school: School, client: Client) -> None:
        client.force_login(school.trainees[0])
        client.get(self.url(school))
        self.now = BEGIN + dt.timedelta(minutes=5, seconds=1)
        assert client.post(self.url(school)).status_code == 403
        assert not Mark.objects.exists()

    def test_opening_the_page_again_does_not_lengthen_the_scan(self, school: School, client: Client) -> None:
        client.force_login(school.trainees[0])
        for minutes in (0, 2, 4):
            self.now = BEGIN + dt.timedelta(minutes=minutes)
            assert client.get(self.url(school)).status_code == 200
        self.now = BEGIN + dt.timedelta(minutes=6)
        assert client.get(self.url(school)).status_code == 403

    def test_a_stranger_signs_in_first_and_comes_back_with_the_scan_still_good(
        self, school: School, client: Client
    ) -> None:
        answer = client.get(self.url(school))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))
        self.now = BEGIN + dt.timedelta(minutes=2)
        door = client.post(answer["Location"], {"login": school.trainees[0].username, "password": factories.PASSWORD})
        assert door.status_code == 302
        assert door["Location"] == self.url(school)
        assert client.post(door["Location"]).status_code == 200
        assert Mark.objects.get().callup == school.callups[0]

    def test_a_stranger_with_an_expired_code_is_not_sent_to_the_door(self, school: School, client: Client) -> None:
        assert client.get(self.url(school, BEGIN - dt.timedelta(minutes=1))).status_code == 403

    def test_a_link_passed_on_is_of_no_use_later(self, school: School, client: Client) -> None:
        """The scan is kept in the browser that made it, not in the link."""
        client.force_login(school.trainees[0])
        client.get(self.url(school))
        friend = Client()
        friend.force_login(school.trainees[1])
        self.now = BEGIN + dt.timedelta(minutes=1)
        assert friend.post(self.url(school)).status_code == 403

    def test_the_page_offers_the_equal_ways_and_asks_for_no_place_and_no_photo(
        self, school: School, client: Client
    ) -> None:
        client.force_login(school.trainees[0])
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        page = client.get(self.url(school)).content.decode()
        assert "never a duty" in page
        assert "geolocation" not in page
        assert 'type="file"' not in page

    def test_the_projector_shows_a_code_and_a_count_but_no_names(self, school: School, client: Client) -> None:
        school.mark(0, 0, Status.PRESENT)
        client.force_login(school.head)
        for name in ("projector", "code"):
            page = client.get(reverse(f"attendance:{name}", args=[school.register().pk])).content.decode()
            assert "<svg" in page
            assert "style=" not in page
            assert not any(callup.person.name in page for callup in school.callups)

    def test_the_projector_of_a_closed_register_shows_no_code(self, school: School, client: Client) -> None:
        school.close(0)
        client.force_login(school.head)
        page = client.get(reverse("attendance:code", args=[school.register().pk])).content.decode()
        assert '<svg class="at-qr' not in page
        assert "hx-trigger" not in page

    def test_a_code_is_not_cached(self, school: School, client: Client) -> None:
        client.force_login(school.head)
        answer = client.get(reverse("attendance:code", args=[school.register().pk]))
        assert "no-store" in answer["Cache-Control"]

    def test_a_trainee_does_not_see_the_projector(self, school: School, client: Client) -> None:
        client.force_login(school.trainees[0])
        assert client.get(reverse("attendance:projector", args=[school.register().pk])).status_code == 404


def test_a_code_names_a_register_that_must_exist(school: School) -> None:
    gone = tokens.make(school.register().pk + 1000, BEGIN)
    with pytest.raises(NotFound):
        actions.sign_in(gone, by=school.trainees[0], now=BEGIN)
    assert Register.objects.count() == 10
