"""Scope: what an account asked for or brought in is seen by whoever sees the account."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models

from zhixing.people.models.accounts import Account

Row = TypeVar("Row", bound=models.Model)


class ScopedByAccount(models.QuerySet[Row]):
    """Rows whose ``by_id`` is the key of an account."""

    def visible_to(self, user: Account) -> Self:
        accounts: models.QuerySet[Account] = Account.objects.visible_to(user)
        return self.filter(by_id__in=accounts.order_by().values("pk"))
