"""Any day, as known on any day: the sliders, and a promotion in hindsight."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from tests.factories import make_account, make_city, make_department, make_entry, make_person, make_policy, make_unit
from tests.obligations.texts import CITY
from zhixing.obligations.actions import reverse_entry
from zhixing.obligations.queries.hindsight import before_promotion, hindsight
from zhixing.obligations.queries.moments import day_slider, knowledge_slider, promotions_of
from zhixing.people.models import Account, Person, Posting, RecordReading, Role

pytestmark = pytest.mark.django_db
PROMOTED, EARNED, BOOKED = dt.date(2025, 9, 1), dt.date(2025, 5, 6), dt.date(2025, 10, 8)


@pytest.fixture(autouse=True)
def _in_english(client: Client) -> object:
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def department() -> Account:
    return make_department(make_city())


@pytest.fixture
def person(department: Account) -> Person:
    """Promoted on a day on which one training was booked wrongly and another was not booked yet."""
    make_policy(CITY.replace("2026-01-01", "2020-01-01"))
    person = make_person(make_unit("财政局", parent=department.scope_unit), "周甲", from_on=PROMOTED, promoted=True)
    make_entry(person, EARNED, 600, title="春季进修班", recorded_on=BOOKED)
    wrong = make_entry(person, EARNED, 200, title="重复登记的班")
    reverse_entry(wrong, "重复登记", department)
    return person


def test_the_steps_are_the_days_on_which_something_changed(person: Person) -> None:
    days, moments = day_slider(person), knowledge_slider(person)
    assert [step.day for step in days.steps] == [
        person.joined_on,
        dt.date(2020, 1, 1),
        EARNED,
        PROMOTED,
        timezone.localdate(),
    ]
    assert [step.day for step in moments.steps] == [EARNED, BOOKED, timezone.localdate(), None]
    assert days.to(PROMOTED - dt.timedelta(days=1)).here.day == EARNED
    assert days.to(dt.date(1990, 1, 1)).at == 0
    assert moments.to(None).here.day is None
    assert "cancelled: 重复登记的班" in moments.steps[2].what


def test_a_promotion_shows_what_was_known_then_beside_now(person: Person) -> None:
    seen = hindsight(person, PROMOTED, PROMOTED)
    annual = next(duty for duty in seen.duties if duty.then and duty.then.explanation.standing.rule == "annual")
    assert {one.entry.title: (one.then, one.now) for one in annual.entries} == {
        "春季进修班": (False, True),
        "重复登记的班": (True, False),
    }
    assert {label: (then, now) for label, then, now in annual.pairs}["counted"] == (200, 600)
    reasons = {one.entry.title: one.why for one in annual.entries}
    assert "recorded only on 2025-10-08" in reasons["春季进修班"]
    assert reasons["重复登记的班"].endswith(": 重复登记")
    assert seen.differs
    assert not hindsight(person, PROMOTED, timezone.localdate()).differs


PROMOTION = """
[policy]
code = "city-2020"
in_force_from = 2020-01-01
[[rule]]
code = "annual"
title = "年度"
ranks = ["乡科级副职", "乡科级正职"]
window = "year"
hours = 90
channels = ["offjob"]
[[rule]]
code = "only-before"
title = "副职年度"
ranks = ["乡科级副职"]
window = "year"
hours = 10
channels = ["offjob"]
[[rule]]
code = "after"
title = "晋升后"
ranks = ["乡科级正职"]
window = "after_promotion"
hours = 40
channels = ["offjob"]
"""


def make_promoted(
    department: Account, *earned: tuple[dt.date, int, dt.date], joined_on: dt.date = dt.date(2018, 7, 1)
) -> Person:
    """副职 until the day before ``PROMOTED``; ``earned``: day, tenths, recorded on."""
    unit = department.scope_unit
    assert unit is not None
    promoted = make_person(unit, from_on=PROMOTED, promoted=True, joined_on=joined_on)
    known = timezone.make_aware(dt.datetime.combine(joined_on, dt.time(12)))
    post = {"rank": "乡科级副职", "from_on": joined_on, "to_on": PROMOTED - dt.timedelta(1), "recorded_at": known}
    Posting.objects.create(person=promoted, unit=unit, **post)
    for day, tenths, recorded_on in earned:
        make_entry(promoted, day, tenths, recorded_on=recorded_on)
    return promoted


IN_2024, LATER = dt.date(2024, 5, 6), dt.date(2025, 10, 8)


@pytest.mark.parametrize(
    ("earned", "unmet_then", "unmet_now", "said"),
    [
        ([(IN_2024, 900, IN_2024)], [], [], "had <strong>met</strong> every window"),
        ([(IN_2024, 50, IN_2024)], ["年度", "副职年度"], ["年度", "副职年度"], "had <strong>not met</strong>"),
        ([(IN_2024, 900, LATER)], ["年度", "副职年度"], [], "by what was known then <strong>not met</strong>"),
    ],
)
def test_a_promotion_is_asked_about_on_the_day_before_it_under_the_old_rank(
    client: Client,
    department: Account,
    earned: list[tuple[dt.date, int, dt.date]],
    unmet_then: list[str],
    unmet_now: list[str],
    said: str,
) -> None:
    make_policy(PROMOTION)
    promoted = make_promoted(department, *earned, (EARNED, 300, EARNED))
    before = before_promotion(promoted, PROMOTED, PROMOTED - dt.timedelta(days=1))
    assert before.day.now.rank == "乡科级副职"
    assert (before.unmet_then, before.unmet_now) == (unmet_then, unmet_now)
    windows = [duty.shown.explanation.standing.window_closes for duty in before.closed]
    assert windows == [dt.date(2024, 12, 31)] * 2
    running = {duty.code: duty.shown.explanation.standing for duty in before.running}
    assert {code: standing.counted_tenths for code, standing in running.items()} == {"annual": 300, "only-before": 300}
    client.force_login(department)
    response = client.get(reverse("obligations:hindsight", args=[promoted.pk]), {"on": PROMOTED})
    assert said in response.content.decode()
    assert {duty.code for duty in response.context["seen"].duties} == {"annual", "after"}
    assert response.context["seen"].then.known_on == PROMOTED - dt.timedelta(days=1)


def test_an_earlier_promotions_duty_that_is_over_counts_among_the_closed_windows(department: Account) -> None:
    make_policy(
        PROMOTION.replace(
            'code = "after"\ntitle = "晋升后"\nranks = ["乡科级正职"]', 'code = "after"\nranks = ["乡科级副职"]'
        )
    )
    promoted = make_promoted(department, (dt.date(2021, 3, 1), 400, dt.date(2021, 3, 1)))
    promoted.postings.filter(rank="乡科级副职").update(promoted=True, from_on=dt.date(2021, 1, 1))
    before = before_promotion(promoted, PROMOTED, PROMOTED)
    (once,) = (duty for duty in before.closed if duty.code == "after")
    assert once.shown.explanation.standing.window_closes == dt.date(2021, 12, 31)
    assert "after" not in before.unmet_now
    assert [duty.code for duty in before.running] == ["annual", "only-before"]


BLOCKS = """
[policy]
code = "blocks"
in_force_from = 2020-01-01
[[rule]]
code = "five"
ranks = ["乡科级副职"]
window = "five_years"
block_start = 2023
hours = 550
channels = ["offjob"]
"""


def test_a_window_that_a_new_policy_cut_short_is_never_said_to_be_unmet(department: Account) -> None:
    make_policy(BLOCKS)
    make_policy(BLOCKS.replace("2020-01-01", "2026-01-01").replace("2023", "2026"))
    promotion = dt.date(2026, 6, 1)
    promoted = make_promoted(department)
    promoted.postings.filter(rank="乡科级副职").update(to_on=promotion - dt.timedelta(days=1))
    promoted.postings.filter(promoted=True).update(from_on=promotion)
    before = before_promotion(promoted, promotion, promotion)
    assert (before.closed, before.unmet_now) == (
        [],
        [],
    )  # the block that ran until 2027 had not closed at the end of 2025
    assert [duty.closes for duty in before.running] == [dt.date(2030, 12, 31)]


def test_before_the_first_window_has_closed_nothing_can_be_unmet(client: Client, department: Account) -> None:
    make_policy(PROMOTION)
    promoted = make_promoted(department, joined_on=dt.date(2025, 1, 1))
    client.force_login(department)
    response = client.get(reverse("obligations:hindsight", args=[promoted.pk]), {"on": PROMOTED})
    assert "no window had closed yet" in response.content.decode()


def test_one_click_leads_from_the_promotion_to_that_day(client: Client, department: Account, person: Person) -> None:
    client.force_login(department)
    assert [one.on for one in promotions_of(person)] == [PROMOTED]
    address = f"{reverse('obligations:hindsight', args=[person.pk])}?on={PROMOTED}"
    assert address in client.get(reverse("obligations:standing", args=[person.pk])).content.decode()
    content = client.get(address).content.decode()
    assert "no window had closed yet" in content
    assert "differs" in content
    assert f"cancelled on {timezone.localdate()} by {department.name}: 重复登记" in content
    assert client.get(f"{address}x").status_code == 422


def test_the_sliders_steps_stand_for_their_days_and_work_without_script(
    client: Client, department: Account, person: Person
) -> None:
    client.force_login(department)
    address = reverse("obligations:standing", args=[person.pk])
    response = client.get(address, {"on_step": "3", "known_step": "0"})
    assert response["HX-Replace-Url"] == f"{address}?on={PROMOTED}&known_on={EARNED}"
    assert f"This is how {PROMOTED} looked" in response.content.decode()
    assert client.get(address, {"on_step": "3", "known_step": "3"})["HX-Replace-Url"] == f"{address}?on={PROMOTED}"
    for step in ("99", "-1", "²", "x"):
        assert client.get(address, {"on_step": step, "known_step": step}).status_code == 200


def test_a_trainee_sees_the_hours_first_and_unfolds_the_sliders(client: Client, person: Person) -> None:
    client.force_login(make_account(Role.TRAINEE, None, person))
    address = reverse("obligations:standing", args=[person.pk])
    own = client.get(address).content.decode()
    assert '<details class="zx-panel">' in own
    assert own.index('id="that-day"') < own.index('id="promotions"')
    assert '<details class="zx-panel" open>' in client.get(address, {"on": PROMOTED}).content.decode()


def test_moving_the_slider_is_one_reading_of_the_record(client: Client, department: Account, person: Person) -> None:
    client.force_login(department)
    address = reverse("obligations:standing", args=[person.pk])
    for step in ("0", "1", "2"):
        client.get(address, {"on_step": step, "known_step": "0"})
    assert RecordReading.objects.filter(person=person.pk, reader=department).count() == 1


def test_hindsight_is_for_those_who_see_the_person(client: Client, department: Account, person: Person) -> None:
    address = reverse("obligations:hindsight", args=[person.pk])
    elsewhere = make_unit("教育局", parent=department.scope_unit)
    for account, status in (
        (make_account(Role.TRAINEE, None, person), 200),
        (make_account(Role.LIAISON, elsewhere), 404),
        (make_account(Role.TRAINEE, None, make_person(elsewhere)), 404),
    ):
        client.force_login(account)
        assert client.get(address).status_code == status
