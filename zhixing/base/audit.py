"""The audit trail: one entry per deed, written in the deed's own transaction."""

from __future__ import annotations

from typing import Any

from django.db import models

from zhixing.base.models import AuditEntry


def subject_of(thing: models.Model) -> tuple[str, str]:
    """How the trail names a row: its model label and its key."""
    return thing._meta.label_lower, str(thing.pk)


def record(action: str, subject: models.Model, *, by: Any, **details: Any) -> AuditEntry:
    """Write that account ``by`` (None: the system) did ``action`` (``<app>.<past participle>``) to ``subject``.

    ``details`` hold keys and figures, never names, ID numbers or texts about a person.
    """
    kind, key = subject_of(subject)
    return AuditEntry.objects.create(
        actor_id=getattr(by, "pk", None), action=action, subject_type=kind, subject_id=key, details=details
    )


def trail(subject: models.Model) -> models.QuerySet[AuditEntry]:
    """What happened to one row, newest first."""
    kind, key = subject_of(subject)
    return AuditEntry.objects.filter(subject_type=kind, subject_id=key)
