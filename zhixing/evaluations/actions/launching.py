"""Surveys that start and end by themselves: at every sweep of the worker those whose time has come."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from zhixing.attendance.times import ends
from zhixing.base import audit
from zhixing.base.problems import Conflict
from zhixing.engine.questionnaires import Subject
from zhixing.evaluations import permissions
from zhixing.evaluations.actions.surveys import begin, close_survey
from zhixing.evaluations.models import Form, FormVersion, LaunchRule, Survey
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.timetables.models import Session

LAST_MINUTE = dt.time(23, 59)
LONGEST_MONTH = 31
TOOK_PLACE = (ClassRun.State.RUNNING, ClassRun.State.HELD)
Target = tuple[ClassRun, Session | None]


def settle_surveys(now: dt.datetime | None = None) -> tuple[int, int]:
    """Close what is over and launch what is due. Returns how many were closed and launched."""
    now = now or timezone.now()
    return _close_due(now), _launch_due(now)


def _close_due(now: dt.datetime) -> int:
    closed = 0
    for survey in Survey.objects.filter(state=Survey.State.OPEN, closes_at__lte=now):
        try:
            close_survey(survey, by=None, now=now)
            closed += 1
        except Conflict:  # another worker was faster
            continue
    return closed


def _launch_due(now: dt.datetime) -> int:
    rules = LaunchRule.objects.filter(stopped_on=None).select_related("form", "unit")
    return sum(_launch(rule, target, now) for rule in rules for target in due_targets(rule, now))


@transaction.atomic
def _launch(rule: LaunchRule, target: Target, now: dt.datetime) -> bool:
    """Whether a survey began; none where nobody was there, or where this form was put to them by hand."""
    if not LaunchRule.objects.select_for_update().filter(pk=rule.pk, stopped_on=None).exists():
        return False
    version = latest_of(rule.form)
    class_run, session = target
    if version is None or _is_launched(rule, target):
        return False
    survey = Survey(
        version=version,
        class_run=class_run,
        session=session,
        group=rule.group,
        months=rule.months,
        opens_at=now,
        closes_at=end_of_day(timezone.localdate(now) + dt.timedelta(days=rule.open_days)),
    )
    return begin(survey, rule) is not None


def _is_launched(rule: LaunchRule, target: Target) -> bool:
    class_run, session = target
    same = Survey.objects.filter(version__form=rule.form_id, group=rule.group, months=rule.months)
    return same.filter(class_run=class_run, session=session).exists()


def latest_of(form: Form) -> FormVersion | None:
    """The version that is in force: the last one published."""
    return form.versions.filter(state=FormVersion.State.PUBLISHED).select_related("form").first()


def due_targets(rule: LaunchRule, now: dt.datetime) -> Iterator[Target]:
    """What the rule asks about now and nobody has launched yet: its day has come, and not longer ago than it would have stayed open."""
    today = timezone.localdate(now)
    launched = Survey.objects.filter(version__form=rule.form_id, group=rule.group, months=rule.months)
    if rule.form.subject == Subject.SESSION:
        yield from _due_sessions(rule, now, today, launched)
        return
    far = dt.timedelta(days=rule.months * LONGEST_MONTH + rule.open_days)
    runs = _organised_below(rule).filter(ends_on__range=(max(rule.from_on, today - far), today))
    for class_run in runs.exclude(pk__in=launched.filter(session=None).values("class_run")).order_by("pk"):
        due = months_after(class_run.ends_on, rule.months)
        if due <= today < due + dt.timedelta(days=rule.open_days) and (rule.months or _is_over(class_run, now)):
            yield class_run, None


def _due_sessions(rule: LaunchRule, now: dt.datetime, today: dt.date, launched: QuerySet[Survey]) -> Iterator[Target]:
    first = max(rule.from_on, today - dt.timedelta(days=rule.open_days - 1))
    sessions = Session.objects.filter(on__range=(first, today), class_run__in=_organised_below(rule))
    waiting = sessions.exclude(pk__in=launched.filter(session__isnull=False).values("session"))
    for session in waiting.select_related("class_run__institution").order_by("pk"):
        if ends(session) <= now:
            yield session.class_run, session


def _is_over(class_run: ClassRun, now: dt.datetime) -> bool:
    last = class_run.sessions.last()
    return ends(last) <= now if last else class_run.ends_on < timezone.localdate(now)


def _organised_below(rule: LaunchRule) -> QuerySet[ClassRun]:
    below = Q(organised_by__path__startswith=rule.unit.path)
    if rule.unit.parent_id is None:
        below |= Q(organised_by=None)
    return ClassRun.objects.filter(below, state__in=TOOK_PLACE).select_related("institution")


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_of_day(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, LAST_MINUTE, timezone.get_default_timezone())


@transaction.atomic
def make_rule(
    form: Form, group: str, *, months: int, open_days: int, by: Account, today: dt.date | None = None
) -> LaunchRule:
    """From today on. Raises ``Conflict`` when the same rule is in force."""
    permissions.may_make_rules(by).require()
    assert by.scope_unit is not None
    Form.objects.select_for_update(of=("self",)).get(pk=form.pk)
    months = 0 if form.subject == Subject.SESSION else months
    same = LaunchRule.objects.filter(form=form, group=group, months=months, unit=by.scope_unit, stopped_on=None)
    if same.exists():
        raise Conflict(permissions.SAME_RULE)
    rule = LaunchRule.objects.create(
        form=form,
        group=group,
        months=months,
        open_days=open_days,
        unit=by.scope_unit,
        from_on=today or timezone.localdate(),
        by_id=by.pk,
    )
    audit.record("evaluations.rule_made", form, by=by, rule=rule.pk)
    return rule


@transaction.atomic
def stop_rule(rule: LaunchRule, *, by: Account, today: dt.date | None = None) -> None:
    """It launches nothing more; what it launched goes on."""
    permissions.may_stop_rule(by, rule).require()
    if not LaunchRule.objects.filter(pk=rule.pk, stopped_on=None).update(stopped_on=today or timezone.localdate()):
        raise Conflict(permissions.RULE_STOPPED)
    audit.record("evaluations.rule_stopped", rule.form, by=by, rule=rule.pk)
