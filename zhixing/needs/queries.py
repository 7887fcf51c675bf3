"""Reads about needs, always of what the account may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, Model, Q, QuerySet, Sum

from zhixing.needs import tokens
from zhixing.needs.actions.evidence import LEAST
from zhixing.needs.models import (
    Framework,
    NeedsReckoning,
    NeedsSurvey,
    NeedsTicket,
    Stratum,
    Want,
    WorkProblem,
)
from zhixing.people.models import Account

Row = TypeVar("Row", bound=Model)


def one_of(rows: QuerySet[Row], pk: int) -> Row:
    """The row of that key. Raises ``NotFound``."""
    from zhixing.base.problems import NotFound

    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def frameworks_seen_by(user: Account) -> QuerySet[Framework]:
    """With their numbers of competencies and of lines of the post map."""
    return (
        Framework.objects.visible_to(user)
        .select_related("unit")
        .annotate(
            size=Count("competencies", distinct=True),
            posts=Count("required", distinct=True),
        )
    )


def framework_for(user: Account, pk: int) -> Framework:
    return one_of(Framework.objects.visible_to(user).select_related("unit"), pk)


def survey_for(user: Account, pk: int) -> NeedsSurvey:
    return one_of(NeedsSurvey.objects.visible_to(user).select_related("framework", "unit"), pk)


def problem_for(user: Account, pk: int) -> WorkProblem:
    return one_of(
        WorkProblem.objects.visible_to(user).select_related("unit", "answered_by", "merged_into__answered_by"), pk
    )


@dataclass(frozen=True)
class Asked:
    """One survey on the own list; ``token`` makes the link, which is the permission."""

    ticket: NeedsTicket
    token: str


def asked_of(user: Account, now: dt.datetime) -> list[Asked]:
    """Surveys that wait for the user's answer, the first to close first."""
    waiting = NeedsTicket.objects.visible_to(user).filter(
        burnt=False,
        survey__state=NeedsSurvey.State.OPEN,
        survey__opens_at__lte=now,
        survey__closes_at__gt=now,
    )
    rows = waiting.select_related("survey", "unit").order_by("survey__closes_at", "pk")
    return [Asked(one, tokens.make(one)) for one in rows]


def responses_of(user: Account, survey: NeedsSurvey) -> QuerySet[Any, Any]:
    """By unit of the user's scope: people, asked, answered. No list of who."""
    rows = Stratum.objects.filter(survey=survey)
    if user.scope_unit is not None:
        rows = rows.filter(unit__path__startswith=user.scope_unit.path)
    return (
        rows.order_by()
        .values("unit", "unit__name", "unit__path")
        .annotate(of=Sum("people"), sent=Sum("asked"), came=Sum("answered"), halves=Sum("half"))
        .filter(sent__gt=0)
        .order_by("unit__path")
    )


def units_told(survey: NeedsSurvey) -> frozenset[int]:
    """Units of which it is shown how many have answered: not of those of which few were asked, nor of whichever would tell that by subtraction."""
    import numpy as np

    from zhixing.engine.needs.showing import told

    rows = list(
        Stratum.objects.filter(survey=survey)
        .order_by("unit")
        .values_list("unit")
        .annotate(sent=Sum("asked"))
        .filter(sent__gt=0)
    )
    shown = told(np.array([sent for _unit, sent in rows], np.int64), LEAST) if rows else ()
    return frozenset(unit for (unit, _sent), is_told in zip(rows, shown, strict=True) if is_told)


def groups_told(counts: Sequence[int]) -> list[bool]:
    """Of groups of people asked, which are shown"""
    import numpy as np

    from zhixing.engine.needs.showing import told

    return [bool(one) for one in told(np.array(counts, np.int64), LEAST)]


def reckonings_seen_by(user: Account) -> QuerySet[NeedsReckoning]:
    ready = NeedsReckoning.objects.visible_to(user).filter(state=NeedsReckoning.State.READY)
    return ready.select_related("framework", "unit")


def methods_wanted(reckoning: int | None) -> dict[str, list[Want]]:
    """Rank group (empty: all) → how people of it would like to learn, the commonest first; what may be told."""
    rows = Want.objects.filter(reckoning=reckoning, who=Want.Who.SELF).exclude(method="").order_by("-percent", "pk")
    found: dict[str, list[Want]] = {}
    for one in rows if reckoning else ():
        found.setdefault(one.rank_group, []).append(one)
    return found


def problems_seen_by(user: Account) -> QuerySet[WorkProblem]:
    merged = Count("merged", filter=Q(merged__state=WorkProblem.State.MERGED))
    return WorkProblem.objects.visible_to(user).select_related("unit").annotate(times=merged + 1)
