"""Scope: a row about a person is seen by whoever sees the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

from zhixing.people.models import Person

if TYPE_CHECKING:
    from zhixing.people.models import Account

Row = TypeVar("Row", bound=models.Model)


class ScopedByPerson(models.QuerySet[Row]):
    def visible_to(self, user: Account) -> Self:
        return self.filter(person__in=Person.objects.visible_to(user).only("pk"))
