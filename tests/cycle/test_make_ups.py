"""What was missed in the history, and what made it up."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from zhixing.cycle.history import RECORDS
from zhixing.cycle.make_ups import Missed, missed_trainings

pytestmark = pytest.mark.files

ON = dt.date(2026, 11, 23)
Training = tuple[str, str, str, str]
MISSED = ("缺的班", "2026-05-11", "offjob", "absent")


def missed(*trainings: Training, person: int = 1) -> list[Missed]:
    """Of trainings (name, first day, form, result) of two days each."""
    rows = []
    for name, began, channel, result in trainings:
        first = dt.date.fromisoformat(began)
        row = {"person": person, "name": name, "starts_on": first, "ends_on": first + dt.timedelta(days=1)}
        blank = dict.fromkeys(("organiser", "institution", "certificate"), "")
        rows.append({**row, "credited": 0, "tenths": 80, "channel": channel, "result": result, **blank})
    return missed_trainings(pa.Table.from_pylist(rows, RECORDS), ON)


@pytest.mark.parametrize(
    ("other", "made_up_by"),
    [
        pytest.param(("后来的班", "2026-05-13", "offjob", "completed"), "后来的班", id="a later one of the same form"),
        pytest.param(("以前的班", "2026-04-01", "offjob", "completed"), "", id="an earlier one"),
        pytest.param(("同期的班", "2026-05-12", "offjob", "completed"), "", id="one that began before it ended"),
        pytest.param(("网络班", "2026-06-01", "online", "completed"), "", id="one of another form"),
    ],
)
def test_only_a_later_completed_training_of_the_same_form_makes_it_up(other: Training, made_up_by: str) -> None:
    assert [(one.name, one.made_up_by) for one in missed(MISSED, other)] == [("缺的班", made_up_by)]


def test_of_several_the_first_makes_it_up() -> None:
    later = [("三", "2026-09-01", "offjob", "completed"), ("二", "2026-07-01", "offjob", "completed")]
    assert missed(*later, MISSED)[0].made_up_by == "二"


def test_a_training_missed_again_is_missed_twice() -> None:
    again = ("又缺的班", "2026-08-03", "offjob", "not_completed")
    assert [(one.name, one.made_up_by) for one in missed(again, MISSED)] == [("又缺的班", ""), ("缺的班", "")]


def test_what_is_still_to_come_is_not_missed() -> None:
    assert missed(("将来的班", "2026-11-23", "offjob", "absent")) == []
