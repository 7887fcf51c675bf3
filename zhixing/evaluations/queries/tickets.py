"""What a person is asked to fill in, and the survey behind a link."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from zhixing.evaluations import tokens
from zhixing.evaluations.models import Survey, Ticket
from zhixing.people.models import Account


@dataclass(frozen=True)
class Asked:
    """One survey on the own list; ``token`` makes the link, which is the permission."""

    ticket: Ticket
    survey: Survey
    token: str

    @property
    def unit(self) -> str:
        """The unit whose leader is asked; empty where the reader is."""
        return str(self.ticket.unit) if self.ticket.unit else ""


def asked_of(user: Account, now: dt.datetime) -> list[Asked]:
    """Surveys that wait for the user's answer, the first to close first."""
    return [Asked(one, one.survey, tokens.make(one)) for one in waiting_for(user, now)]


def waiting_for(user: Account, now: dt.datetime) -> QuerySet[Ticket]:
    open_now = Ticket.objects.visible_to(user).filter(
        burnt=False,
        survey__state=Survey.State.OPEN,
        survey__on_paper=False,
        survey__opens_at__lte=now,
        survey__closes_at__gt=now,
    )
    return open_now.select_related("survey__version__form", "survey__class_run", "survey__session", "unit").order_by(
        "survey__closes_at", "pk"
    )


def survey_of(key: int) -> Survey | None:
    """With all that its form needs."""
    return Survey.objects.select_related("version__form", "class_run", "session").filter(pk=key).first()


def with_form(surveys: QuerySet[Survey]) -> QuerySet[Survey]:
    return surveys.select_related("version__form", "class_run", "session", "teacher")
