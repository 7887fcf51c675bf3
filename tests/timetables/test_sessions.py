"""Sessions: half days, hours that add up, and who may write them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_account, make_city, make_class_run, make_department, make_unit
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.people.models import Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.timetables import actions
from zhixing.timetables.models import Session


@given(st.integers(0, 20_000), st.integers(1, 120))
def test_shares_add_up_and_differ_by_one_at_most(tenths: int, parts: int) -> None:
    shares = actions.share_out(tenths, parts)
    assert sum(shares) == tenths
    assert len(shares) == parts
    assert max(shares) - min(shares) <= 1


def test_half_days_leave_out_weekends() -> None:
    halves = list(actions.half_days(dt.date(2026, 9, 4), dt.date(2026, 9, 7)))  # Friday to Monday
    assert [day for day, _ in halves] == [dt.date(2026, 9, 4)] * 2 + [dt.date(2026, 9, 7)] * 2


def test_a_class_run_wholly_on_a_weekend_keeps_it() -> None:
    assert len(list(actions.half_days(dt.date(2026, 9, 5), dt.date(2026, 9, 6)))) == 4


@pytest.mark.django_db
class TestWriting:
    def test_laying_out_gives_one_session_per_half_day(self) -> None:
        admin = make_department(make_city())
        class_run = make_class_run(tenths=375)
        assert actions.lay_out_sessions(class_run, by=admin) == 10
        assert sum(s.tenths for s in class_run.sessions.all()) == 375
        assert [s.half for s in class_run.sessions.all()[:3]] == ["am", "pm", "am"]

    def test_laying_out_twice_is_a_conflict(self) -> None:
        admin = make_department(make_city())
        class_run = make_class_run()
        actions.lay_out_sessions(class_run, by=admin)
        with pytest.raises(Conflict):
            actions.lay_out_sessions(class_run, by=admin)

    def test_a_session_stays_inside_the_class_run_and_its_half_day(self) -> None:
        admin = make_department(make_city())
        class_run = make_class_run()
        facts = {
            "on": class_run.starts_on,
            "half": "am",
            "begins_at": dt.time(9),
            "ends_at": dt.time(12),
            "title": "开班",
            "tenths": 30,
        }
        actions.save_session(class_run, facts, by=admin)
        with pytest.raises(Conflict):
            actions.save_session(class_run, facts, by=admin)
        with pytest.raises(Invalid):
            actions.save_session(class_run, facts | {"on": class_run.ends_on + dt.timedelta(days=1)}, by=admin)
        with pytest.raises(Invalid):
            actions.save_session(class_run, facts | {"half": "pm", "ends_at": dt.time(8)}, by=admin)
        assert Session.objects.count() == 1

    def test_another_institution_may_not_write(self) -> None:
        city = make_city()
        own, other = (make_unit(name, city, Unit.Kind.SCHOOL) for name in ("党校", "学院"))
        class_run = make_class_run(institution=own)
        with pytest.raises(Refused):
            actions.lay_out_sessions(class_run, by=make_account(Role.SCHOOL, other))
        assert actions.lay_out_sessions(class_run, by=make_account(Role.SCHOOL, own)) == 10

    def test_what_is_held_stays_as_it_was(self) -> None:
        admin = make_department(make_city())
        with pytest.raises(Refused):
            actions.lay_out_sessions(make_class_run(state=ClassRun.State.HELD), by=admin)
