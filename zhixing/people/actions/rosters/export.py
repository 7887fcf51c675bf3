"""Handing a roster out: the same headings that an import reads."""

from __future__ import annotations

from zhixing.base import audit
from zhixing.base.problems import NotFound
from zhixing.people import papers, permissions
from zhixing.people.models import Account, Unit


def export_roster(unit: Unit | None, *, by: Account) -> bytes:
    """The roster of ``unit`` and what lies below it as .xlsx; importing it again changes nothing. Audited: it leaves the house."""
    if unit is None:
        raise NotFound
    permissions.may_export(by, unit).require()
    content = papers.roster_book(unit)
    audit.record("people.roster_exported", unit, by=by, bytes=len(content))
    return content
