"""Answering by a link: once, in time, and every refusal leaves the answers as they were."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.evaluations.polled import CLOSES, LATER, NOW, Poll, make_poll
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, NotFound, Refused
from zhixing.evaluations import actions, tokens
from zhixing.evaluations.models import Remark, Sheet, Survey, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll() -> Poll:
    return make_poll()


def answers() -> list[Any]:
    return [
        list(Sheet.objects.values("answers", "score")),
        list(Remark.objects.values("text")),
        list(Survey.objects.values_list("answered")),
        list(Ticket.objects.order_by("pk").values_list("burnt")),
    ]


def refused(poll: Poll, token: str, kind: type[Exception], now: dt.datetime = NOW) -> str:
    """The reason of the refusal; the answers must be as they were."""
    before = answers()
    with pytest.raises(kind) as caught:
        actions.hand_in(token, poll.given(), now=now)
    assert answers() == before
    return str(caught.value.message)  # type: ignore[attr-defined]


def test_only_those_who_were_there_are_asked_and_told(poll: Poll) -> None:
    assert poll.survey.invited == 5
    absent = poll.school.trainees[-1]
    assert not Ticket.objects.filter(person=absent.person_id).exists()
    assert Notice.objects.filter(kind="evaluations.asked").count() == 5
    assert not Notice.objects.filter(recipient_id=absent.pk, kind="evaluations.asked").exists()


def test_a_sheet_is_handed_in_once(poll: Poll) -> None:
    poll.hand_in(0, mark=4, overall="3", remarks="都好")
    sheet = Sheet.objects.get()
    assert sheet.answers["overall"] == 3
    assert len(sheet.answers) == 21
    assert "remarks" not in sheet.answers
    assert Remark.objects.get().text == "都好"
    assert Survey.objects.get().answered == 1
    assert "has been used" in refused(poll, poll.token(0), Conflict)


def test_the_score_counts_the_grades_by_the_rules(poll: Poll) -> None:
    poll.hand_in(0, mark=3)
    assert Sheet.objects.get().score == 8000


def test_a_link_before_and_after_its_time_is_refused(poll: Poll) -> None:
    token = poll.token()
    assert "opens on" in refused(poll, token, Refused, NOW - dt.timedelta(seconds=1))
    assert "closed on" in refused(poll, token, Refused, CLOSES)


def test_a_closed_survey_knows_no_tickets_and_says_so(poll: Poll) -> None:
    token = poll.token()
    poll.hand_in(1)
    poll.close()
    assert not Ticket.objects.exists()
    assert "closed on" in refused(poll, token, Refused)


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: "1" + t, lambda t: "", lambda t: t.split(".")[0], lambda t: "²"]
)
def test_a_forged_link_is_refused(poll: Poll, spoil: Any) -> None:
    assert "not a link of this system" in refused(poll, spoil(poll.token()), Refused)


def test_a_signature_made_for_something_else_is_no_ticket(poll: Poll) -> None:
    refused(poll, tokens.opened(poll.survey.pk, NOW), Refused)


def test_a_signed_link_of_a_ticket_that_never_was_is_refused(poll: Poll) -> None:
    refused(poll, tokens.make(Ticket(survey=poll.survey)), NotFound)
    refused(poll, tokens.make(Ticket(survey_id=10**12)), NotFound)


def test_the_rest_on_paper_takes_no_more_links(poll: Poll) -> None:
    Survey.objects.update(on_paper=True)
    assert "on paper" in refused(poll, poll.token(), Refused)


def test_a_sheet_with_a_gap_is_not_taken(poll: Poll) -> None:
    before = answers()
    given = poll.given()
    del given["overall"]
    with pytest.raises(Invalid):
        actions.hand_in(poll.token(), given, now=NOW)
    with pytest.raises(Invalid):
        actions.hand_in(poll.token(), {}, now=NOW)
    assert answers() == before


def test_handing_in_leaves_no_audit_entry(poll: Poll) -> None:
    before = AuditEntry.objects.count()
    poll.hand_in(0)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(("seconds", "band"), [(3, 0), (15, 15), (44, 30), (59, 45), (5000, 600), (90_000, None)])
def test_answer_times_are_kept_in_bands(poll: Poll, seconds: int, band: int | None) -> None:
    opened = NOW - dt.timedelta(seconds=seconds)
    Survey.objects.update(opens_at=opened - dt.timedelta(days=2))
    actions.hand_in(poll.token(), poll.given(), note=tokens.opened(poll.survey.pk, opened), now=NOW)
    assert Sheet.objects.get().seconds == band


@pytest.mark.parametrize("note", ["", "x", "1~2.x"])
def test_a_forged_answer_time_is_left_out(poll: Poll, note: str) -> None:
    actions.hand_in(poll.token(), poll.given(), note=note, now=NOW)
    assert Sheet.objects.get().seconds is None


# The page


def live(poll: Poll) -> str:
    """The address of a link that is good at this very moment."""
    now = dt.datetime.now(dt.UTC)
    Survey.objects.update(opens_at=now - dt.timedelta(hours=1), closes_at=now + dt.timedelta(hours=1))
    return reverse("evaluations:answer", args=[poll.token()])


def test_a_stranger_with_the_link_answers_without_signing_in(poll: Poll, client: Client) -> None:
    address = live(poll)
    page = client.get(address)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "22 题" in page.content.decode()
    sent = client.post(address, {**poll.given(), "remarks": "<b>好</b>"})
    assert (sent.status_code, sent["Location"]) == (302, reverse("evaluations:thanks"))
    assert client.get(sent["Location"]).status_code == 200
    assert Sheet.objects.count() == 1
    assert "sessionid" not in client.cookies


def test_a_gap_is_shown_and_everything_else_kept(poll: Poll, client: Client) -> None:
    address = live(poll)
    given = poll.given(mark=3)
    del given["overall"]
    page = client.post(address, {**given, "remarks": "写了一半"})
    text = page.content.decode()
    assert page.status_code == 422
    assert text.count("checked") == 20
    assert "写了一半" in text
    assert 'href="#f-21"' in text
    assert not Sheet.objects.exists()
    opened = text.split('name="opened" value="')[1].split('"')[0]
    again = client.post(address, {**given, "opened": opened})
    assert f'name="opened" value="{opened}"' in again.content.decode()


def test_a_second_press_gets_a_clear_page_and_no_second_sheet(poll: Poll, client: Client) -> None:
    address = live(poll)
    client.post(address, poll.given())
    for again in (client.post(address, poll.given(1)), client.get(address)):
        assert again.status_code == 409
        assert "此链接已经用过" in again.content.decode()
    assert Sheet.objects.get().answers["overall"] == 4


def test_a_forged_link_gets_a_clear_page(poll: Poll, client: Client) -> None:
    page = client.get(reverse("evaluations:answer", args=[poll.token() + "x"]))
    assert page.status_code == 403
    assert "这不是本系统的链接" in page.content.decode()


def test_the_own_list_holds_the_own_links_only(poll: Poll, client: Client) -> None:
    live(poll)
    client.force_login(poll.school.trainees[0])
    page = client.get(reverse("evaluations:mine")).content.decode()
    assert reverse("evaluations:answer", args=[poll.token(0)]) in page
    assert poll.token(1) not in page
    client.post(reverse("evaluations:answer", args=[poll.token(0)]), poll.given())
    assert poll.token(0) not in client.get(reverse("evaluations:mine")).content.decode()


@pytest.mark.parametrize("who", ["department", "head"])
def test_nobody_else_gets_a_link_by_office(poll: Poll, client: Client, who: str) -> None:
    live(poll)
    client.force_login(getattr(poll.school, who))
    assert "answer/" not in client.get(reverse("evaluations:mine")).content.decode()


def test_no_table_of_notices_holds_a_link(poll: Poll) -> None:
    nonces = set(Ticket.objects.values_list("nonce", flat=True))
    written = " ".join(f"{n.title} {n.text} {n.link}" for n in Notice.objects.all())
    assert not any(nonce in written for nonce in nonces)
    assert all(n.link == reverse("evaluations:mine") for n in Notice.objects.filter(kind="evaluations.asked"))


def test_time_over_is_refused_even_before_the_closing_ran(poll: Poll) -> None:
    refused(poll, poll.token(), Refused, LATER)
