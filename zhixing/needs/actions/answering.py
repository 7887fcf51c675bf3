"""Answering by a ticket: the ticket is burnt and the sheet put in, in one transaction, or neither is.

Each time a sheet falls in, all sheets of its stratum are written anew under new random keys in a random order, so that neither keys nor the order of
rows nor which transaction wrote a row last tells which sheet came when. There is no audit entry: its time would tell who wrote which.
"""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhixing.base.asked import whole_number, whole_numbers, written
from zhixing.base.personal_links import LinkDead, LinkUsed
from zhixing.base.problems import Invalid, NotFound
from zhixing.needs import tokens
from zhixing.needs.models import Competency, NeedsSheet, NeedsSurvey, NeedsText, NeedsTicket, Stratum
from zhixing.needs.wants import TOPICS_MOST
from zhixing.resources.models import Method

Given = Mapping[str, Sequence[str]]
MARKS = range(1, 6)
MIXED = 30
_chance = random.SystemRandom()


@dataclass(frozen=True)
class OwnGap:
    """What the person said of one competency; shown once, kept nowhere."""

    competency: str
    required: int
    present: int

    @property
    def gap(self) -> int:
        return self.required - self.present


@dataclass(frozen=True)
class Filled:
    """``answers``: key → [importance, present, required]; ``items``: how many have both marks."""

    answers: dict[str, list[int | None]]
    wants: dict[str, list[int] | list[str]]
    text: str

    @property
    def items(self) -> int:
        return sum(None not in marks for marks in self.answers.values())


def ticket_behind(token: str, now: dt.datetime) -> NeedsTicket:
    """The ticket that the holder of ``token`` may answer with now.

    Raises ``LinkDead`` for a forged link and before and after its time; ``LinkUsed`` when it was used.
    """
    key, nonce = tokens.read(token)
    survey = NeedsSurvey.objects.filter(pk=key).first()
    if survey is None:
        raise NotFound
    _must_take_answers(survey, now)
    found = NeedsTicket.objects.select_related("survey", "stratum").filter(survey=survey, nonce=nonce).first()
    if found is None:
        raise NotFound
    if found.burnt:
        raise _used()
    return found


def asked_of(ticket: NeedsTicket) -> list[Competency]:
    """The competencies that a ticket asks about, in the order of the framework."""
    return list(Competency.objects.filter(pk__in=map(int, ticket.levels)).select_related("parent").order_by("position"))


def read_sheet(ticket: NeedsTicket, given: Given) -> Filled:
    """What was filled in. A mark that is no mark was not made on our page: ``Invalid``."""
    answers: dict[str, list[int | None]] = {}
    for key, required in ticket.levels.items():
        marks = [_mark(given.get(f"{name}-{key}", ())) for name in ("i", "p")]
        if any(mark is not None for mark in marks):
            answers[key] = [*marks, required]
    topics = [key for key in whole_numbers(given.get("topic", ())) if str(key) in ticket.levels]
    methods = [code for code in dict.fromkeys(given.get("method", ())) if code in Method.values]
    text = written("".join(given.get("text", ())[:1]), NeedsText.text.field)
    if len(set(topics)) > TOPICS_MOST:
        raise Invalid(_("Tick at most %(most)s competencies to learn first.") % {"most": TOPICS_MOST})
    return Filled(answers, {"topics": sorted(set(topics)), "methods": methods}, text)


def _mark(texts: Sequence[str]) -> int | None:
    text = "".join(texts[:1])
    if not text:
        return None
    mark = whole_number(text)
    if mark not in MARKS:
        raise Invalid(_("Some answers are missing or cannot be right. Nothing was handed in."))
    return mark


@transaction.atomic
def hand_in(token: str, given: Given, *, now: dt.datetime | None = None) -> list[OwnGap]:
    """Put what was filled in into the urn and burn the ticket; half a sheet counts as half. Returns the own gaps, the largest first.

    Raises what ``ticket_behind`` raises, and ``Invalid`` for a sheet on which no competency has both marks.
    """
    now = now or timezone.now()
    key, nonce = tokens.read(token)
    survey = NeedsSurvey.objects.select_for_update(of=("self",)).filter(pk=key).first()
    if survey is None:
        raise NotFound
    _must_take_answers(survey, now)
    ticket = NeedsTicket.objects.filter(survey=survey, nonce=nonce).select_related("stratum").first()
    if ticket is None:
        raise NotFound
    filled = read_sheet(ticket, given)
    if not filled.items:
        raise Invalid(_("Nothing is filled in yet: give both marks for at least one competency."))
    if not NeedsTicket.objects.filter(pk=ticket.pk, burnt=False).update(burnt=True):
        raise _used()
    _put_in(ticket, filled)
    return _own_gaps(filled)


def _put_in(ticket: NeedsTicket, filled: Filled) -> None:
    stratum = ticket.stratum
    asked = len(ticket.levels)
    sheet = NeedsSheet(
        survey_id=ticket.survey_id,
        stratum=stratum,
        answers=filled.answers,
        wants=filled.wants,
        items=filled.items,
        asked=asked,
    )
    sheets = [*NeedsSheet.objects.filter(stratum=stratum), sheet]
    NeedsSheet.objects.filter(stratum=stratum).delete()
    _chance.shuffle(sheets)
    for one in sheets:
        one.pk = uuid.uuid4()
    NeedsSheet.objects.bulk_create(sheets, batch_size=500)
    if filled.text:
        _mix_in(NeedsText(survey_id=ticket.survey_id, rank_group=stratum.rank_group, text=filled.text))
    half = int(filled.items < asked)
    Stratum.objects.filter(pk=stratum.pk).update(answered=F("answered") + 1, half=F("half") + half)
    NeedsSurvey.objects.filter(pk=ticket.survey_id).update(answered=F("answered") + 1)


def _mix_in(text: NeedsText) -> None:
    """A text is written anew together with some others, so that the last row on the disk is not the last that came."""
    keys = list(NeedsText.objects.filter(survey=text.survey_id).order_by().values_list("pk", flat=True))
    others = list(NeedsText.objects.filter(pk__in=_chance.sample(keys, min(MIXED, len(keys)))))
    NeedsText.objects.filter(pk__in=[one.pk for one in others]).delete()
    texts = [*others, text]
    _chance.shuffle(texts)
    for one in texts:
        one.pk = uuid.uuid4()
    NeedsText.objects.bulk_create(texts)


def _own_gaps(filled: Filled) -> list[OwnGap]:
    names = dict(Competency.objects.filter(pk__in=map(int, filled.answers)).values_list("pk", "name"))
    gaps = [
        OwnGap(names[int(key)], int(required or 0), present)
        for key, (_importance, present, required) in filled.answers.items()
        if present is not None
    ]
    return sorted(gaps, key=lambda one: -one.gap)


def _must_take_answers(survey: NeedsSurvey, now: dt.datetime) -> None:
    if survey.state != NeedsSurvey.State.OPEN or now >= survey.closes_at:
        said = pgettext("needs survey", "This survey closed on %(day)s. No more answers are taken.")
        raise LinkDead(said % {"day": _day(survey.closed_at or survey.closes_at)})
    if now < survey.opens_at:
        said = pgettext("needs survey", "This survey opens on %(day)s.")
        raise LinkDead(said % {"day": _day(survey.opens_at)})


def _used() -> LinkUsed:
    return LinkUsed(_("This link has been used: a sheet was handed in with it, and there is nothing more to do."))


def _day(moment: dt.datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
