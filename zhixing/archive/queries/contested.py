"""What may still change a person's figures: open appeals, hours waiting for approval, entries and posts that came later than what was known."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.attendance.models import Appeal, Withdrawal
from zhixing.base.templatetags.pages import hours
from zhixing.callups.models import MakeUp
from zhixing.obligations.models import Entry, EntryAppeal, Exemption, ExternalTraining
from zhixing.obligations.problem import end_of
from zhixing.people.queries import corrections_of


@dataclass(frozen=True, slots=True)
class Contest:
    """One open matter in words, with the page where it stands."""

    text: str
    url: str = ""


Contests = dict[int, list[Contest]]


def contested(person_ids: Collection[int], on: dt.date, known_on: dt.date) -> Contests:
    """Person → open matters, as they are now."""
    found: Contests = defaultdict(list)
    moment = end_of(known_on)
    _appeals(found, person_ids)
    _entry_appeals(found, person_ids)
    _waiting(found, person_ids, on)
    _endings(found, person_ids)
    _recorded_later(found, person_ids, on, moment)
    _exempted_later(found, person_ids, on, moment)
    _posted_later(found, person_ids, on, moment)
    return found


def _appeals(found: Contests, people: Collection[int]) -> None:
    rows = Appeal.objects.filter(state=Appeal.State.OPEN, mark__callup__person__in=people)
    for one in rows.select_related("mark__callup", "mark__register__session__class_run").order_by("pk"):
        session = one.mark.register.session
        words = {"run": session.class_run.name, "day": session.on, "claims": one.get_claims_display()}
        text = _("Open appeal: %(run)s, %(day)s, the person claims “%(claims)s”") % words
        found[one.mark.callup.person_id].append(Contest(text, reverse("attendance:appeal", args=(one.pk,))))


def _entry_appeals(found: Contests, people: Collection[int]) -> None:
    rows = EntryAppeal.objects.filter(state=EntryAppeal.State.OPEN, person__in=people)
    for one in rows.select_related("entry").order_by("pk"):
        words = {"title": one.entry.title, "hours": hours(one.entry.tenths), "claims": hours(one.claims_tenths)}
        text = _("Open appeal: %(title)s, booked %(hours)s hours, the person claims %(claims)s") % words
        found[one.person_id].append(Contest(text, reverse("obligations:entry_appeal", args=(one.pk,))))


def _waiting(found: Contests, people: Collection[int], on: dt.date) -> None:
    rows = ExternalTraining.objects.filter(state=ExternalTraining.State.ASKED, person__in=people, ended_on__lte=on)
    for one in rows.order_by("ended_on", "pk"):
        words = {"title": one.title, "day": one.ended_on, "hours": hours(one.tenths)}
        text = _("Outside training waits for approval: %(title)s, until %(day)s, %(hours)s hours") % words
        found[one.person_id].append(Contest(text, reverse("obligations:external_training", args=(one.pk,))))


def _endings(found: Contests, people: Collection[int]) -> None:
    """Withdrawals proposed and hours still to be made up."""
    withdrawals = Withdrawal.objects.filter(state=Withdrawal.State.PROPOSED, callup__person__in=people)
    for one in withdrawals.select_related("callup__class_run").order_by("pk"):
        text = _("Withdrawal proposed and not decided: %(run)s") % {"run": one.callup.class_run.name}
        found[one.callup.person_id].append(Contest(text, reverse("attendance:withdrawal", args=(one.pk,))))
    make_ups = MakeUp.objects.filter(state__in=(MakeUp.State.OPEN, MakeUp.State.PLANNED), person__in=people)
    for make_up in make_ups.select_related("missed__class_run").order_by("pk"):
        words = {"run": make_up.missed.class_run.name, "hours": hours(make_up.tenths)}
        found[make_up.person_id].append(Contest(_("Still to be made up: %(run)s, %(hours)s hours") % words))


def _recorded_later(found: Contests, people: Collection[int], on: dt.date, moment: dt.datetime) -> None:
    """Entries and reversals about days until ``on`` that were recorded after ``moment``: another answer today."""
    rows = Entry.objects.filter(person__in=people, earned_on__lte=on, recorded_at__gt=moment)
    for one in rows.select_related("reverses").order_by("recorded_at", "pk"):
        about = one.reverses or one
        words = {
            "title": about.title,
            "day": about.earned_on,
            "hours": hours(about.tenths),
            "at": timezone.localdate(one.recorded_at),
            "reason": one.reason,
        }
        text = (
            _("Cancelled later, on %(at)s: %(title)s, %(day)s, %(hours)s hours (%(reason)s)")
            if one.reverses
            else _("Recorded later, on %(at)s: %(title)s, %(day)s, %(hours)s hours")
        ) % words
        found[one.person_id].append(Contest(text, reverse("obligations:ledger", args=(one.person_id,))))


def _exempted_later(found: Contests, people: Collection[int], on: dt.date, moment: dt.datetime) -> None:
    later = Q(recorded_at__gt=moment, withdrawn_at=None) | Q(recorded_at__lte=moment, withdrawn_at__gt=moment)
    for one in Exemption.objects.filter(later, person__in=people, from_on__lte=on).order_by("pk"):
        words = {"first": one.from_on, "last": one.to_on, "reason": one.reason}
        text = (
            _("Exemption withdrawn later: %(first)s to %(last)s (%(reason)s)")
            if one.withdrawn_at
            else _("Exemption recorded later: %(first)s to %(last)s (%(reason)s)")
        ) % words
        found[one.person_id].append(Contest(text))


def _posted_later(found: Contests, people: Collection[int], on: dt.date, moment: dt.datetime) -> None:
    """Posts and dates of service about days until ``on`` that became known after ``moment``."""
    for person_id, corrections in corrections_of(people, moment, on, on.replace(month=12, day=31)).items():
        for one in corrections:
            words = {"at": timezone.localdate(one.at), "what": one.what}
            text = _("Posts or service recorded later, on %(at)s: %(what)s") % words
            found[person_id].append(Contest(text, reverse("people:person", args=(person_id,))))
