"""Scope: a row about a person is seen by whoever sees the person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef

from zhixing.people.models import Person

if TYPE_CHECKING:
    from zhixing.people.models import Account

Row = TypeVar("Row", bound=models.Model)


class ScopedByPerson(models.QuerySet[Row]):
    def visible_to(self, user: Account) -> Self:
        """Who sees the whole city sees nearly every row: each is looked up as it comes. Others begin with their few people."""
        people = Person.objects.visible_to(user)
        if user.sees_the_city:
            return self.filter(Exists(people.filter(pk=OuterRef("person"))))
        return self.filter(person__in=people.only("pk"))
