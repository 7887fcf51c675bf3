"""Answering by a ticket: the ticket is burnt and the sheet put in, in one transaction, or neither is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base.personal_links import LinkDead, LinkUsed
from zhixing.base.problems import Invalid, NotFound
from zhixing.engine.questionnaires import check
from zhixing.evaluations import tokens
from zhixing.evaluations.actions.urn import Filled, lock, put_in
from zhixing.evaluations.models import Survey, Ticket
from zhixing.evaluations.queries.tickets import survey_of

Given = Mapping[str, Sequence[str]]


def survey_behind(token: str, now: dt.datetime) -> Survey:
    """The survey that the holder of ``token`` may answer now.

    Raises ``LinkDead`` for a forged link, before and after its time, and once the rest is on paper; ``LinkUsed`` when it was used.
    """
    key, nonce = tokens.read(token)
    survey = survey_of(key)
    if survey is None:
        raise NotFound
    _must_take_answers(survey, now)
    _must_be_unused(survey, nonce)
    return survey


@transaction.atomic
def hand_in(token: str, given: Given, *, note: str = "", now: dt.datetime | None = None) -> None:
    """Put what was filled in into the urn and burn the ticket. No audit entry: its time would tell who wrote which sheet.

    ``note`` tells when the page was opened. Raises what ``survey_behind`` raises, and ``Invalid`` for a sheet with faults or without any answer.
    """
    now = now or timezone.now()
    key, nonce = tokens.read(token)
    survey = lock(key)
    if survey is None:
        raise NotFound
    _must_take_answers(survey, now)
    checked = check(survey.fields, given)
    if checked.faults:
        raise Invalid(_("Some answers are missing or cannot be right. Nothing was handed in."))
    if not checked.answers:
        raise Invalid(_("Nothing is filled in yet."))
    _burn(survey, nonce)
    put_in(survey, [Filled(checked.answers, tokens.seconds_since(note, survey.pk, now))])
    Survey.objects.filter(pk=survey.pk).update(answered=F("answered") + 1)


def _must_take_answers(survey: Survey, now: dt.datetime) -> None:
    if survey.state != Survey.State.OPEN or now >= survey.closes_at:
        raise LinkDead(
            _("This survey closed on %(day)s. No more answers are taken.")
            % {"day": _day(survey.closed_at or survey.closes_at)}
        )
    if now < survey.opens_at:
        raise LinkDead(_("This survey opens on %(day)s.") % {"day": _day(survey.opens_at)})
    if survey.on_paper:
        raise LinkDead(_("The rest of this survey is answered on paper. Ask the class head for a sheet."))


def _must_be_unused(survey: Survey, nonce: str) -> None:
    ticket = Ticket.objects.filter(survey=survey, nonce=nonce).first()
    if ticket is None:
        raise NotFound
    if ticket.burnt:
        raise _used()


def _burn(survey: Survey, nonce: str) -> None:
    if not Ticket.objects.filter(survey=survey, nonce=nonce, burnt=False).update(burnt=True):
        _must_be_unused(survey, nonce)
        raise _used()


def _used() -> LinkUsed:
    return LinkUsed(_("This link has been used: a sheet was handed in with it, and there is nothing more to do."))


def _day(moment: dt.datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
