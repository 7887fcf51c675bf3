"""When units let nobody, or fewer people, go (不宜抽调时段): entered and withdrawn."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.callups import permissions, telling
from zhixing.callups.busy import in_the_way, most_by_week
from zhixing.callups.models import BusyTime
from zhixing.callups.models.busy import MOST
from zhixing.callups.seats import lock_year
from zhixing.engine.callup.weeks import mondays, whole_weeks
from zhixing.people.models import Account, Unit

State = BusyTime.State
WEEKS_MOST = 12
"""A liaison names at most so many weeks of a year for one unit; more are the department's to enter. One entry is never longer."""
YEAR = dt.timedelta(weeks=53)
YEARS_AHEAD = 5


@transaction.atomic
def enter_busy_time(
    unit: Unit, from_on: dt.date, to_on: dt.date, *, reason: str, by: Account, most: int = 0, below: bool = False
) -> BusyTime:
    """From now on at most ``most`` of the unit (``below``: of each unit below, too) are called away in the weeks of these days.

    Whoever is called already stays called: the department is told, and decides. Raises ``Invalid`` for days out of order, over, or too many, and
    ``Conflict`` for what stands already.
    """
    permissions.may_enter_busy(by, unit).require()
    reason = written(reason, BusyTime.reason.field, missing=_("Give the reason: the department decides by it."))
    made = BusyTime(unit=unit, below=below, from_on=from_on, to_on=to_on, most=most, reason=reason, by_id=by.pk)
    _check_days(made)
    _lock(made)
    if by.is_liaison:
        _check_share(made)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        raise Conflict(_("This is entered already: same unit and days. Withdraw that first.")) from error
    audit.record("callups.busy_entered", made, by=by, unit=unit.pk, below=below, away_max=most)
    telling.tell_busy(made, in_the_way(made), by)
    return made


def _check_days(made: BusyTime) -> None:
    if made.to_on < made.from_on:
        raise Invalid(_("The last day lies before the first."))
    if made.to_on.year > timezone.localdate().year + YEARS_AHEAD:
        raise Invalid(_("At most %(years)s years ahead can be entered.") % {"years": YEARS_AHEAD})
    if made.is_over:
        raise Invalid(_("These weeks are over."))
    if len(list(mondays(made.from_on, made.to_on))) > WEEKS_MOST:
        raise Invalid(_("At most %(weeks)s weeks can be entered at once.") % {"weeks": WEEKS_MOST})
    if not 0 <= made.most <= MOST:
        raise Invalid(_("Between 0 and %(most)s people may be away.") % {"most": MOST})


def _check_share(made: BusyTime) -> None:
    """Training is not to be put off for good: of each year, the weeks that hold for a unit have an end, whichever entries they come from."""
    rows = Unit.objects.filter(Q(path__startswith=made.unit.path) if made.below else Q(pk=made.unit_id))
    units = dict(rows.values_list("pk", "path"))
    own = {(unit, week) for unit in units for week in mondays(made.from_on, made.to_on)}
    held = most_by_week(units, made.from_on - YEAR, made.to_on + YEAR)
    count = Counter((unit, week.isocalendar().year) for unit, week in own.union(held))
    if any(count[unit, week.isocalendar().year] > WEEKS_MOST for unit, week in own):
        raise Invalid(
            _("For one unit at most %(weeks)s weeks of a year; for more, turn to the organisation department.")
            % {"weeks": WEEKS_MOST}
        )


def _lock(one: BusyTime) -> None:
    """Hold back whoever moves a seat in these weeks, so that nobody is called past a fact just being entered."""
    monday, sunday = whole_weeks(one.from_on, one.to_on)
    for year in range(monday.year - 1, sunday.year + 2):
        lock_year(year)


@transaction.atomic
def withdraw_busy_time(found: BusyTime, reason: str, *, by: Account) -> None:
    """The unit can let people go again; the entry stays, with who withdrew it, when and why."""
    permissions.may_withdraw_busy(by, found).require()
    reason = written(reason, BusyTime.note.field, missing=_("Say why it no longer stands."))
    rows = BusyTime.objects.filter(pk=found.pk, state=State.STANDING)
    if not rows.update(state=State.WITHDRAWN, withdrawn_at=timezone.now(), withdrawn_by_id=by.pk, note=reason):
        raise Conflict(_("This busy time was withdrawn a moment ago."))
    found.refresh_from_db()
    audit.record("callups.busy_withdrawn", found, by=by, unit=found.unit_id)
