"""A ledger refuses change, whoever asks."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import make_city, make_department
from zhixing.base import audit
from zhixing.base.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_the_audit_trail_takes_entries_and_tells_them_by_subject() -> None:
    city = make_city()
    admin = make_department(city)
    audit.record("people.renamed", city, by=admin, unit=city.pk)
    assert [(e.action, e.actor_id) for e in audit.trail(city)] == [("people.renamed", admin.pk)]


@pytest.mark.parametrize("statement", ["UPDATE base_auditentry SET action = 'x'", "DELETE FROM base_auditentry"])
def test_the_database_itself_refuses_to_change_the_trail(statement: str) -> None:
    audit.record("people.renamed", make_city(), by=None)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.count() == 1
