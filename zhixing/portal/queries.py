"""Reads of the portal."""

from __future__ import annotations

from django.db.models import QuerySet

from zhixing.people.models import Account, Role, Unit


def departments_of(author: Account) -> QuerySet[Account]:
    """The department accounts whose scope holds ``author``: the city's, and those above the author's unit."""
    unit = author.scope_unit or (author.person.unit if author.person else None)
    paths = set(Unit.objects.filter(parent=None).values_list("path", flat=True))
    if unit is not None:
        paths |= set(unit.paths_up)
    found: QuerySet[Account] = Account.objects.filter(scope_unit__path__in=paths, role=Role.DEPARTMENT, is_active=True)
    return found
