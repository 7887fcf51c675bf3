"""Needs surveys: who is asked, what a sheet leaves behind, and what nobody can see."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from tests import factories
from tests.needs.asked import City, answer, answer_all
from zhixing.base.models import AuditEntry, Notice
from zhixing.base.problems import Conflict, Invalid, NotFound, Refused
from zhixing.needs import tokens
from zhixing.needs.actions import surveys as actions
from zhixing.needs.actions.answering import hand_in, ticket_behind
from zhixing.needs.models import NeedsSheet, NeedsSurvey, NeedsText, NeedsTicket, Stratum
from zhixing.people.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return City()


def test_everybody_whose_post_requires_something_may_be_asked(city: City) -> None:
    survey = city.launch()
    assert (survey.state, survey.invited) == ("open", 12)
    strata = Stratum.objects.values_list("unit__name", "rank_group", "people", "asked")
    assert set(strata) == {(u.name, g, 3, 3) for u in city.units for g in ("township", "staff")}
    ticket = survey.tickets.filter(stratum__rank_group="township").first()
    assert ticket is not None
    assert ticket.levels == {str(city.competency("A1").pk): 4, str(city.competency("A2").pk): 3}


def test_a_sample_is_shared_out_and_drawn_again_the_same(city: City) -> None:
    first = set(city.launch(sample=6).tickets.values_list("person", flat=True))
    second = set(city.launch(sample=6).tickets.values_list("person", flat=True))
    third = set(city.launch(sample=6, seed=2).tickets.values_list("person", flat=True))
    assert len(first) == 6
    assert first == second != third


def test_superiors_speak_of_those_below_and_units_of_their_largest_group(city: City) -> None:
    of_superiors = city.launch(who="superior")
    assert set(of_superiors.strata.values_list("rank_group", "asked")) == {("staff", 3)}
    assert set(of_superiors.tickets.values_list("person__rank", flat=True)) == {"乡科级正职"}
    of_units = city.launch(who="unit")
    assert set(of_units.tickets.values_list("unit", "person")) == {(unit.pk, None) for unit in city.units}
    liaison = factories.make_account(Role.LIAISON, city.units[0])
    assert [one.unit_id for one in NeedsTicket.objects.visible_to(liaison)] == [city.units[0].pk]


def test_whoever_has_an_account_is_told_and_the_link_is_in_no_message(city: City) -> None:
    account = factories.make_account(Role.TRAINEE, None, city.people[0])
    survey = city.launch()
    notice = Notice.objects.get(recipient_id=account.pk)
    assert survey.tickets.get(person=city.people[0]).nonce not in notice.link + notice.text


def test_a_sheet_is_kept_without_anything_that_tells_whose_it_is(city: City) -> None:
    survey = city.launch()
    ticket = survey.tickets.filter(stratum__rank_group="township").first()
    assert ticket is not None
    before = AuditEntry.objects.count()
    answer(ticket, 2, topic=[str(city.competency().pk)], method=["case", "case", "x"], text=["征地补偿难"])
    sheet = NeedsSheet.objects.get()
    assert sheet.answers == {key: [4, 2, level] for key, level in ticket.levels.items()}
    assert sheet.wants == {"topics": [city.competency().pk], "methods": ["case"]}
    assert (sheet.items, sheet.asked) == (2, 2)
    assert NeedsText.objects.get().text == "征地补偿难"
    assert {field.name for field in NeedsSheet._meta.fields} == {
        *("id", "survey", "stratum", "answers", "wants", "items", "asked")
    }
    assert AuditEntry.objects.count() == before


def test_earlier_sheets_of_the_stratum_get_new_keys(city: City) -> None:
    survey = city.launch()
    first, second = survey.tickets.filter(stratum__rank_group="staff", stratum__unit=city.units[0])[:2]
    answer(first, 1)
    key = NeedsSheet.objects.get().pk
    answer(second, 5)
    assert key not in set(NeedsSheet.objects.values_list("pk", flat=True))
    assert NeedsSheet.objects.count() == 2


def test_half_a_sheet_is_kept_as_half(city: City) -> None:
    survey = city.launch()
    ticket = survey.tickets.filter(stratum__rank_group="township").first()
    assert ticket is not None
    first, second = ticket.levels
    gaps = hand_in(tokens.make(ticket), {f"i-{first}": ["5"], f"p-{first}": ["1"], f"i-{second}": ["5"]})
    assert NeedsSheet.objects.get().items == 1
    assert [gap.required - gap.present for gap in gaps] == [ticket.levels[first] - 1]
    stratum = Stratum.objects.get(pk=ticket.stratum_id)
    assert (stratum.answered, stratum.half) == (1, 1)


def test_a_sheet_twice_empty_or_forged_is_refused(city: City) -> None:
    survey = city.launch()
    ticket, other = survey.tickets.all()[:2]
    key = next(iter(ticket.levels))
    with pytest.raises(Invalid, match="Nothing"):
        hand_in(tokens.make(ticket), {f"i-{key}": ["5"]})
    for mark in ("6", "0", "²", "x"):
        with pytest.raises(Invalid):
            hand_in(tokens.make(ticket), {f"i-{key}": [mark], f"p-{key}": ["1"]})
    answer(ticket)
    with pytest.raises(Conflict):
        answer(ticket)
    with pytest.raises(Conflict):
        ticket_behind(tokens.make(ticket), timezone.now())
    with pytest.raises(Refused):
        ticket_behind(tokens.make(other) + "x", timezone.now())
    other.nonce = "unknown"
    with pytest.raises(NotFound):
        ticket_behind(tokens.make(other), timezone.now())
    assert NeedsSheet.objects.count() == 1


def test_early_and_late_sheets_are_refused_and_the_survey_closes_by_itself(city: City) -> None:
    survey = city.launch()
    ticket = survey.tickets.first()
    assert ticket is not None
    for moment in (survey.opens_at - dt.timedelta(minutes=1), survey.closes_at):
        with pytest.raises(Refused):
            hand_in(tokens.make(ticket), {}, now=moment)
    assert actions.settle_surveys(survey.closes_at - dt.timedelta(minutes=1)) == 0
    assert actions.settle_surveys(survey.closes_at) == 1
    assert not NeedsTicket.objects.exists()
    with pytest.raises(Refused, match="closed"):
        ticket_behind(tokens.make(ticket), timezone.now())


def test_whoever_comes_after_an_early_end_hears_when_it_was(city: City) -> None:
    survey = city.launch()
    ticket = survey.tickets.first()
    assert ticket is not None
    actions.close_survey(survey, by=city.department)
    with pytest.raises(Refused, match=f"closed on {timezone.localdate().isoformat()}"):
        ticket_behind(tokens.make(ticket), timezone.now())


def test_what_a_survey_needs_before_it_is_launched(city: City) -> None:
    now = timezone.now()
    for facts in ({"closes_at": now - dt.timedelta(days=1)}, {"sample": 0}, {"title": " "}, {"closes_at": now + dt.timedelta(days=99)}):  # fmt: skip
        with pytest.raises(Invalid):
            city.prepare(**facts)
    with pytest.raises(Invalid, match="before the first"):
        city.prepare(closes_at=now - dt.timedelta(days=1))
    survey = city.launch()
    with pytest.raises(Refused, match="already"):
        actions.launch_survey(survey, by=city.department)
    with pytest.raises(Refused):
        actions.drop_survey(survey, by=city.department)
    actions.close_survey(survey, by=city.department)
    with pytest.raises(Refused):
        actions.close_survey(NeedsSurvey.objects.get(), by=city.department)


def test_nobody_but_the_department_launches_or_closes(city: City) -> None:
    draft = city.prepare()
    for role in (Role.AUDITOR, Role.SCHOOL, Role.LIAISON):
        account = factories.make_account(role, city.root)
        for deed in (actions.launch_survey, actions.drop_survey, actions.close_survey):
            with pytest.raises(Refused):
                deed(draft, by=account)
    county = factories.make_department(city.units[0])
    with pytest.raises(Refused):
        actions.launch_survey(draft, by=county)


def test_a_liaison_sees_launched_surveys_of_own_people_only(city: City) -> None:
    draft = city.prepare()
    liaison = factories.make_account(Role.LIAISON, city.units[0])
    elsewhere = factories.make_account(Role.LIAISON, factories.make_unit("空局", city.root))
    assert not NeedsSurvey.objects.visible_to(liaison).exists()
    actions.launch_survey(draft, by=city.department)
    assert NeedsSurvey.objects.visible_to(liaison).exists()
    assert not NeedsSurvey.objects.visible_to(elsewhere).exists()


def test_neyman_asks_more_where_answers_differed(city: City) -> None:
    first = city.launch()
    for place, ticket in enumerate(first.tickets.select_related("stratum")):
        answer(ticket, 3 if ticket.stratum.rank_group == "staff" else 1 + 4 * (place % 2))
    actions.close_survey(first, by=city.department)
    second = city.launch(sample=8, method="neyman")
    asked = dict(second.strata.filter(unit=city.units[0]).values_list("rank_group", "asked"))
    assert asked["township"] > asked["staff"]


def test_whoever_has_not_answered_is_reminded_once_in_a_while_and_nobody_learns_who(city: City) -> None:
    accounts = [factories.make_account(Role.TRAINEE, None, person) for person in city.people[:3]]
    survey = city.launch()
    answer(survey.tickets.get(person=city.people[0]))
    actions.remind(survey, by=city.department)
    told = Notice.objects.filter(kind="needs_reminded")
    assert set(told.values_list("recipient_id", flat=True)) == {accounts[1].pk, accounts[2].pk}
    entry = AuditEntry.objects.filter(action="needs.survey_reminded").get()
    assert not any(person.name in str(vars(entry)) for person in city.people)
    survey.refresh_from_db()
    with pytest.raises(Refused, match="days"):
        actions.remind(survey, by=city.department)
    stale = NeedsSurvey.objects.get(pk=survey.pk)
    stale.reminded_on = None
    with pytest.raises(Conflict):
        actions.remind(stale, by=city.department)
    with pytest.raises(Refused):
        actions.remind(survey, by=factories.make_account(Role.LIAISON, city.units[0]))
    later = timezone.now() + dt.timedelta(days=3)
    actions.remind(survey, by=city.department, now=later)
    actions.close_survey(survey, by=city.department)
    survey.refresh_from_db()
    with pytest.raises(Refused):
        actions.remind(survey, by=city.department, now=later + dt.timedelta(days=5))


def test_nobody_to_ask_is_said(city: City) -> None:
    answer_all(city.launch())
    type(city.people[0]).objects.update(status="retired")
    with pytest.raises(Invalid, match="nobody"):
        city.launch()
