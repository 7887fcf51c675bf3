"""Who sees rows that hang on a call-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

from zhixing.callups.models import Callup

if TYPE_CHECKING:
    from zhixing.people.models import Account


Row = TypeVar("Row", bound=models.Model)


class CallupScopedQuerySet(models.QuerySet[Row]):
    """Rows seen by whoever sees the call-up at ``callup_path``; teachers are left out: reasons for leave are not theirs to read."""

    callup_path = "callup"

    def visible_to(self, user: Account) -> Self:
        if user.is_teacher:
            return self.none()
        return self.filter(**{f"{self.callup_path}__in": Callup.objects.visible_to(user).values("pk")})


class MarkScopedQuerySet(CallupScopedQuerySet[Row]):
    callup_path = "mark__callup"
