"""When a unit lets nobody, or few, go: in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhixing.callups.models import BusyTime, Callup
from zhixing.callups.sentences.outside import span
from zhixing.engine.callup.weeks import whole_weeks

ANSWERED = (Callup.State.ACCEPTED, Callup.State.ASKED)


def busy_sentence(one: BusyTime) -> str:
    """Which units let how many go, and when."""
    said = {
        "unit": _("%(unit)s and all units below") % {"unit": one.unit.name} if one.below else one.unit.name,
        "days": span(*whole_weeks(one.from_on, one.to_on)),
        "most": one.most,
    }
    if not one.most:
        return _("%(unit)s: nobody can be called away on %(days)s") % said
    if one.below:
        return _("%(unit)s: at most %(most)s of each unit can be away on %(days)s") % said
    return _("%(unit)s: at most %(most)s can be away on %(days)s") % said


def busy_weeks(one: BusyTime) -> str:
    """The ISO weeks, as calendars number them."""
    first, last = (day.isocalendar() for day in whole_weeks(one.from_on, one.to_on))
    names = [f"{week.year}-W{week.week:02}" for week in (first, last)]
    return " – ".join(dict.fromkeys(names))


def busy_cause(one: BusyTime, called: Sequence[Callup]) -> str:
    """What a busy time means for a list: whom it concerns, and who stays all the same."""
    people = len({callup.person_id for callup in called})
    answered = len({callup.person_id for callup in called if callup.state in ANSWERED})
    text = ngettext(
        "%(what)s; %(n)s called person is concerned.", "%(what)s; %(n)s called people are concerned.", people
    ) % {"what": busy_sentence(one), "n": people}
    if not answered:
        return text
    stay = ngettext(
        "%(n)s has answered and stays unless you decide otherwise.",
        "%(n)s have answered and stay unless you decide otherwise.",
        answered,
    )
    return _("%(one)s %(other)s") % {"one": text, "other": stay % {"n": answered}}
