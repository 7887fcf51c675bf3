"""Notices of surveys. They lead to the own list, never to a personal link: a link that lay in the table of notices would be a key left in the lock."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import notices
from zhixing.base.chunks import chunks
from zhixing.evaluations.models import Group, Survey, Ticket
from zhixing.people.models import Account, Role

KIND = "evaluations.asked"


def accounts_of(tickets: Sequence[Ticket]) -> list[Account]:
    """Whoever holds the tickets; of a unit its liaisons."""
    found: dict[int, Account] = {}
    for some in chunks(tickets):
        people = [one.person_id for one in some if one.person_id]
        own = [one.account_id for one in some if one.account_id]
        found |= Account.objects.filter(is_active=True, person__in=people).in_bulk()
        found |= Account.objects.filter(is_active=True, pk__in=own).in_bulk()
    units = [one.unit_id for one in tickets if one.unit_id]
    found |= Account.objects.filter(is_active=True, role=Role.LIAISON, scope_unit__in=units).in_bulk()
    return list(found.values())


def tell_asked(survey: Survey, tickets: Sequence[Ticket]) -> None:
    title = _("Please fill in: %(form)s, %(about)s") % {"form": survey.version.form, "about": survey.about}
    _tell(survey, tickets, title)


def tell_again(survey: Survey, tickets: Sequence[Ticket]) -> None:
    names = {"form": survey.version.form, "about": survey.about}
    _tell(survey, tickets, _("Still open: %(form)s, %(about)s") % names)


def _tell(survey: Survey, tickets: Sequence[Ticket], title: str) -> None:
    until = timezone.localtime(survey.closes_at).strftime("%Y-%m-%d %H:%M")
    text = _("Anonymous, about two minutes, until %(until)s.") % {"until": until}
    if survey.group == Group.SUPERIORS:
        text += _(" Please pass the link on to the leader in charge of your unit.")
    notices.tell(accounts_of(tickets), KIND, title, text=text, link=reverse("evaluations:mine"))
