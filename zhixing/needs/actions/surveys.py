"""Needs surveys: prepared, launched to a drawn sample, closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.models import Notice
from zhixing.base.notices import tell_each
from zhixing.base.problems import Conflict, Invalid
from zhixing.needs import permissions
from zhixing.needs.models import Framework, NeedsSurvey, NeedsTicket, Stratum
from zhixing.needs.problem import Sampled, marks_of, sample_of
from zhixing.people.models import Account, Role

DAYS_MAX: Final = 90
State = NeedsSurvey.State
FIELDS = frozenset({"year", "title", "framework", "who", "sample", "method", "seed", "opens_at", "closes_at"})


@transaction.atomic
def prepare_survey(facts: Mapping[str, Any], *, by: Account) -> NeedsSurvey:
    """A draft, of which the sample can be looked at. ``facts``: ``FIELDS``. Raises ``Invalid``."""
    permissions.may_make(by).require()
    assert by.scope_unit is not None
    survey = NeedsSurvey(**{name: facts[name] for name in FIELDS}, unit=by.scope_unit, by_id=by.pk)
    survey.title = written(survey.title, NeedsSurvey.title.field, missing=_("Give the survey a title."))
    if not Framework.objects.visible_to(by).filter(pk=survey.framework.pk, state=Framework.State.PUBLISHED).exists():
        raise Invalid(_("Choose a published framework."))
    if survey.closes_at <= survey.opens_at:
        raise Invalid(pgettext("needs survey", "The last day lies before the first."))
    if survey.closes_at > survey.opens_at + dt.timedelta(days=DAYS_MAX):
        raise Invalid(pgettext("needs survey", "A survey is open for up to %(days)s days.") % {"days": DAYS_MAX})
    if survey.sample < 1:
        raise Invalid(_("Ask at least one person."))
    survey.save()
    audit.record("needs.survey_prepared", survey, by=by, sample=survey.sample)
    return survey


@transaction.atomic
def drop_survey(survey: NeedsSurvey, *, by: Account) -> None:
    """One that was never launched."""
    permissions.may_launch(by, survey).require()
    audit.record("needs.survey_dropped", survey, by=by)
    if not NeedsSurvey.objects.filter(pk=survey.pk, state=State.DRAFT).delete()[0]:
        raise Conflict(_("This survey was launched already."))


@transaction.atomic
def launch_survey(survey: NeedsSurvey, *, by: Account, now: dt.datetime | None = None) -> NeedsSurvey:
    """Draw the sample and give out the tickets. Raises ``Invalid`` when there is nobody to ask, ``Conflict`` when it was launched before."""
    now = now or timezone.now()
    held = NeedsSurvey.objects.select_for_update(of=("self",)).select_related("framework", "unit").get(pk=survey.pk)
    permissions.may_launch(by, held).require()
    if now >= held.closes_at:
        raise Invalid(_("The last day to answer is past: prepare the survey anew."))
    sampled = sample_of(held, spreads_before(held))
    if not sampled.total:
        raise Invalid(_("There is nobody to ask: the framework requires nothing of anybody's post here."))
    _give_out(held, sampled)
    NeedsSurvey.objects.filter(pk=held.pk).update(state=State.OPEN, invited=sampled.total)
    title = _("What do you need for your work? %(title)s") % {"title": held.title}
    _tell(held.tickets.order_by(), title, "needs_asked")
    audit.record("needs.survey_launched", held, by=by, asked=sampled.total)
    held.refresh_from_db()
    return held


def _give_out(survey: NeedsSurvey, sampled: Sampled) -> None:
    strata = Stratum.objects.bulk_create(
        (
            Stratum(survey=survey, unit_id=unit, rank_group=group, people=len(raters), asked=sampled.asked[unit, group])
            for (unit, group), raters in sampled.raters.items()
        ),
        batch_size=500,
    )
    by_place = {(one.unit_id, one.rank_group): one for one in strata}
    NeedsTicket.objects.bulk_create(
        (
            NeedsTicket(
                survey=survey,
                stratum=by_place[place],
                person_id=rater.person,
                unit_id=None if rater.person else rater.unit,
                levels=sampled.asked_levels(rater),
            )
            for place, rater in sampled.drawn()
        ),
        batch_size=500,
    )


def _tell(asked: QuerySet[NeedsTicket], title: str, kind: str) -> None:
    """A notice to everybody who is asked and has an account; it leads to the own list, not to the link itself, which no e-mail shall hold."""
    own = Q(person__in=asked.filter(person__isnull=False).values("person"))
    liaisons = Q(role=Role.LIAISON, scope_unit__in=asked.filter(person=None).values("unit"))
    tell_each(
        [
            Notice(recipient_id=one.pk, kind=kind, title=title[:200], link=reverse("needs:mine"), email=one.email)
            for one in Account.objects.filter(own | liaisons, is_active=True).order_by("pk")
        ]
    )


@transaction.atomic
def remind(survey: NeedsSurvey, *, by: Account, now: dt.datetime | None = None) -> None:
    """Tell those who have not answered, once more. Nobody learns who they are, nor how many. Raises ``Conflict`` when somebody else did just now."""
    now = now or timezone.now()
    permissions.may_remind(by, survey, timezone.localdate(now)).require()
    before = NeedsSurvey.objects.filter(pk=survey.pk, state=State.OPEN, reminded_on=survey.reminded_on)
    if now >= survey.closes_at or not before.update(reminded_on=timezone.localdate(now)):
        raise Conflict(_("Somebody else has just done this."))
    title = _("Still open until %(day)s: %(title)s") % {
        "day": timezone.localtime(survey.closes_at).strftime("%Y-%m-%d"),
        "title": survey.title,
    }
    _tell(survey.tickets.filter(burnt=False).order_by(), title, "needs_reminded")
    audit.record("needs.survey_reminded", survey, by=by)


def spreads_before(survey: NeedsSurvey) -> dict[str, float]:
    """How much people of a rank group differed in the last survey of the same kind; nothing without one."""
    last = (
        NeedsSurvey.objects.filter(who=survey.who, state=State.CLOSED, unit=survey.unit).exclude(pk=survey.pk).first()
    )
    if last is None or survey.method != NeedsSurvey.Method.NEYMAN:
        return {}
    marks = marks_of([last.pk])
    gap, group = np.array(marks.required) - np.array(marks.present), np.array(marks.group)
    found = {}
    for name in np.unique(group):
        of_group = gap[group == name]
        if len(of_group) > 1:
            found[str(name)] = float(of_group.std(ddof=1))
    return found


@transaction.atomic
def close_survey(survey: NeedsSurvey, *, by: Account | None, now: dt.datetime | None = None) -> None:
    """No more sheets; the tickets go, and with them who has answered. ``by`` None: its time has come."""
    held = NeedsSurvey.objects.select_for_update(of=("self",)).select_related("unit").get(pk=survey.pk)
    if by is not None:
        permissions.may_close(by, held).require()
    moved = NeedsSurvey.objects.filter(pk=held.pk, state=State.OPEN).update(
        state=State.CLOSED, closed_at=now or timezone.now()
    )
    if not moved:
        raise Conflict(_("This survey is not open."))
    NeedsTicket.objects.filter(survey=held).delete()
    audit.record("needs.survey_closed", held, by=by, answered=held.answered)


def settle_surveys(now: dt.datetime | None = None) -> int:
    """Close what is past its time. Returns how many."""
    now = now or timezone.now()
    due = list(NeedsSurvey.objects.filter(state=State.OPEN, closes_at__lte=now))
    for one in due:
        close_survey(one, by=None, now=now)
    return len(due)
