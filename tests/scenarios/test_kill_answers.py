"""``kill -9`` while answers come in: whatever was acknowledged is there exactly once, and whatever was not is there or can be sent again."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.scenarios.halting import halt
from tests.scenarios.installation import Installation, kill, wait_for
from tests.scenarios.test_kill import city, kill_in_the_middle, post

__all__ = ["city"]
pytestmark = pytest.mark.slow
RATERS = 40
PREPARE = """
from zhixing.evaluations import actions, rules, tokens
from zhixing.evaluations.models import Survey, Ticket
from zhixing.people.models import Account, Person, Unit
from zhixing.plans.models import ClassRun
admin, unit = Account.objects.get(), Unit.objects.get()
version = actions.create_form(rules.templates()["class-run"].document, by=admin)
actions.publish_version(version, edition=1, by=admin)
now = timezone.now()
day = now.date()
run = ClassRun.objects.create(code="C", year=day.year, name="班", starts_on=day, ends_on=day, tenths=60, seats_max=99, state="held")
survey = Survey.objects.create(version=version, class_run=run, group="trainees", opens_at=now - dt.timedelta(hours=1),
    closes_at=now + dt.timedelta(days=1), invited=given["raters"], by_id=admin.pk)
for n in range(given["raters"]):
    person = Person.objects.create(number=f"P{n}", name=f"周{n}", unit=unit, joined_on=dt.date(2015, 1, 1))
    Ticket.objects.create(survey=survey, person=person)
version.refresh_from_db()
marked = [item.code for item in version.questionnaire.items if item.is_scored]
answer = {"tokens": [tokens.make(one) for one in survey.tickets.order_by("pk")], "codes": marked}
"""
FOUND = """
from zhixing.evaluations.models import Remark, Sheet, Survey, Ticket
answer = {"texts": list(Remark.objects.values_list("text", flat=True)), "sheets": Sheet.objects.count(),
          "burnt": Ticket.objects.filter(burnt=True).count(), "answered": Survey.objects.get().answered}
"""


def fields(made: dict[str, Any], who: int) -> dict[str, str]:
    """A full sheet; its remark tells whose it is."""
    return {**dict.fromkeys(made["codes"], "3"), "remarks": f"第{who}份"}


def send(port: int, made: dict[str, Any], who: int) -> int:
    return post(port, f"/evaluations/answer/{made['tokens'][who]}/", "", **fields(made, who))


def test_a_server_killed_in_the_middle_of_taking_a_sheet_keeps_nothing_and_takes_it_again(city: Installation) -> None:
    made = city.ask(PREPARE, raters=3)
    web, port = city.start_web()
    assert send(port, made, 0) == 302
    middle = halt(city, "evaluations_sheet", "NEW.survey_id > 0")
    kill_in_the_middle(web, middle, send, port, made, 1)
    assert city.ask(FOUND) == {"texts": ["第0份"], "sheets": 1, "burnt": 1, "answered": 1}
    middle.lift()
    _web, port = city.start_web()
    assert send(port, made, 1) == 302
    assert send(port, made, 1) == 409
    found = city.ask(FOUND)
    assert sorted(found.pop("texts")) == ["第0份", "第1份"]
    assert found == {"sheets": 2, "burnt": 2, "answered": 2}


def test_every_acknowledged_sheet_survives_a_kill_in_the_last_minute_exactly_once(city: Installation) -> None:
    """Forty send at once; the server is killed once some of them have their answer."""
    made = city.ask(PREPARE, raters=RATERS)
    web, port = city.start_web()
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(send, port, made, who) for who in range(RATERS)]
        wait_for(lambda: sum(one.done() for one in sent) >= RATERS // 4, "a quarter of the answers")
        kill(web)
    acknowledged = {f"第{who}份" for who, one in enumerate(sent) if one.result() == 302}
    assert len(acknowledged) >= RATERS // 4
    found = city.ask(FOUND)
    assert acknowledged <= set(found["texts"])
    assert max(Counter(found["texts"]).values()) == 1
    assert len(found["texts"]) == found["sheets"] == found["burnt"] == found["answered"]
    _web, port = city.start_web()
    again = Counter(send(port, made, who) for who in range(RATERS))
    assert again == Counter({302: RATERS - found["sheets"], 409: found["sheets"]})
    assert sorted(city.ask(FOUND)["texts"]) == sorted(f"第{who}份" for who in range(RATERS))
