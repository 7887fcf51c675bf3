"""Documents in versions (of forms, of indicator systems): each is a draft until it is published, and never changes afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from zhixing.people.models import Account


def made_for(user: Account) -> Q:
    """Of what a department made (``unit``): department and auditor see that of their subtree, and of the departments above, for it applies to them, too.

    Others none."""
    own = user.scope_unit
    if own is None or not (user.is_department or user.is_auditor):
        return Q(pk__in=())
    return Q(unit__path__startswith=own.path) | Q(unit__path__in=own.paths_up)


class Version(models.Model):
    """One version of the row that the field ``OF`` names. ``edition`` counts the changes of a draft, so that two tabs do not undo each other."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("form", "Draft")
        PUBLISHED = "published", pgettext_lazy("form", "Published")

    TRANSITIONS = {State.DRAFT: {State.PUBLISHED}}
    OF: ClassVar[str]

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    document: models.JSONField[Any, Any] = models.JSONField()
    edition = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True)
    published_by_id = models.BigIntegerField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.whole} {self.number}"

    @property
    def whole(self) -> Any:
        """The form or system that this is a version of."""
        return getattr(self, self.OF)
