"""Notices of the app: to whom, and in which words."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.base import notices
from zhixing.obligations.models import EntryAppeal
from zhixing.people.models import Account, Person, Role


def departments_of(person: Person) -> QuerySet[Account]:
    """The department whose scope holds the person's unit, the nearest one above it; never the person concerned."""
    above = person.unit.paths_up if person.unit else ()
    found: QuerySet[Account] = Account.objects.filter(is_active=True, role=Role.DEPARTMENT, scope_unit__path__in=above)
    found = found.exclude(person=person)
    nearest = found.order_by("-scope_unit__path").values_list("scope_unit", flat=True).first()
    return found.filter(scope_unit=nearest)


def tell_appeal(appeal: EntryAppeal) -> None:
    title = _("Appeal about hours: %(name)s, %(title)s") % {"name": appeal.person.name, "title": appeal.entry.title}
    link = reverse("obligations:entry_appeal", args=[appeal.pk])
    notices.tell(departments_of(appeal.person), "obligations.appeal", title, link=link)


def tell_appeal_decided(appeal: EntryAppeal) -> None:
    title = _("Your appeal about “%(title)s”: %(state)s") % {
        "title": appeal.entry.title,
        "state": appeal.get_state_display(),
    }
    link = reverse("obligations:entry_appeal", args=[appeal.pk])
    people = Account.objects.filter(pk=appeal.by_id, is_active=True)
    notices.tell(people, "obligations.appeal_decided", title, text=appeal.decision_reason, link=link)
