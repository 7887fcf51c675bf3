"""The means of courses and teachers are reckoned by the worker once answers are in: the pages that show them find them ready.

A page never waits for the worker, nor shows what no longer holds: where what it needs is not ready, it reckons (``reckoned``)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import jobs
from zhixing.base.models import Job
from zhixing.evaluations import rules
from zhixing.evaluations.models import Group, Reckoning, Survey
from zhixing.evaluations.queries.taught import ALL, of_courses, of_teachers, rated_sessions, rated_where, scope_of
from zhixing.evaluations.reckoned import digest_of
from zhixing.people.models import Account, Role

WORK: Final = "evaluations.reckon"
DONE: Final = "taught"
"""The kind of the reckoning that says of which answers all have been made."""
TRIED_AGAIN: Final = dt.timedelta(hours=1)


def reckon_when_stale() -> Job | None:
    """Queue the work if surveys about sessions were closed, or accounts came, since it was done last; what failed is tried again an hour later. For a clock
    to call: of two workers that ask at once both may queue it, and the second finds everything made."""
    in_the_way = Q(state__in=(Job.State.QUEUED, Job.State.RUNNING))
    in_the_way |= Q(state__in=(Job.State.FAILED, Job.State.CANCELLED), created_at__gt=timezone.now() - TRIED_AGAIN)
    if not _closed().exists() or _is_done(_state()) or Job.objects.filter(in_the_way, kind=WORK).exists():
        return None
    return jobs.start(WORK, label=_("Means of courses and teachers"), by=None)


def reckon_taught() -> dict[str, Any]:
    """For everybody who may look: one of the accounts of each scope, and all teachers together."""
    state = _state()
    lookers = {scope_of(one): one for one in _lookers()}
    for scope, account in sorted(lookers.items()):
        rated = rated_sessions(account)
        of_courses(rated, scope)
        of_teachers(rated, scope)
    of_teachers(rated_where(Q()), ALL)
    Reckoning.objects.update_or_create(kind=DONE, scope=ALL, defaults={"digest": digest_of(state), "found": []})
    return {"scopes": len(lookers)}


def _lookers() -> list[Account]:
    """Class heads see few sessions and are left to their pages; teachers see what is reckoned of all."""
    roles = (Role.DEPARTMENT, Role.SCHOOL, Role.AUDITOR)
    found = Account.objects.filter(
        role__in=roles, is_active=True, scope_unit__isnull=False, own_class_runs_only=False
    ).select_related("scope_unit")
    return list(found.order_by("pk"))


def _closed() -> QuerySet[Survey]:
    return Survey.objects.filter(group=Group.TRAINEES, session__isnull=False, state=Survey.State.CLOSED)


def _state() -> list[object]:
    """Another one once there is something new to reckon."""
    scopes = sorted({scope_of(one) for one in _lookers()})
    return [*_closed().aggregate(n=Count("pk"), last=Max("closed_at")).values(), rules.in_force().least, scopes]


def _is_done(state: list[object]) -> bool:
    return Reckoning.objects.filter(kind=DONE, scope=ALL, digest=digest_of(state)).exists()
