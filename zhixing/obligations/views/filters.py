"""Filters that lists about persons share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from zhixing.base.listing import Filter
from zhixing.obligations.queries.lists import of_rank
from zhixing.people.models import Account, Unit


def rank_filter(ranks: Iterable[str]) -> Filter:
    return Filter("rank", _("rank"), [(rank, rank) for rank in ranks], apply=of_rank, chips=False)


def unit_filter(user: Account) -> Filter:
    """A unit of the scope with everything below it."""
    units = Unit.objects.visible_to(user)

    def within(rows: QuerySet[Any], pk: str) -> QuerySet[Any]:
        unit = units.filter(pk=pk).first()
        return rows.filter(person__unit__path__startswith=unit.path) if unit else rows.none()

    named = [(str(pk), name) for pk, name in units.values_list("pk", "name")]
    return Filter("unit", _("unit"), named, apply=within, chips=False)
