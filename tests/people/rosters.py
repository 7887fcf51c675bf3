"""Invented rosters as the files that officers upload."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable
from typing import Any

from zhixing.base.tables.write import Column, Table, write_book
from zhixing.engine.sheets.identity import check_digit
from zhixing.people import actions
from zhixing.people.models import Account, Person, Posting, RosterImport, Unit

ON = dt.date(2026, 3, 1)
HEADINGS = ("姓名", "身份证号", "工号", "单位", "职务", "职务层次", "职级", "任现职时间", "手机号", "状态")


def id_number(serial: int, born: str = "19850712") -> str:
    """A number that passes the check digit and belongs to nobody: the region 990000 does not exist."""
    first17 = f"990000{born}{serial:03d}"
    return first17 + check_digit(first17)


def row(name: str, serial: int, unit: str = "财政局", rank: str = "乡科级正职", **cells: str) -> dict[str, str]:
    return {
        "姓名": name,
        "身份证号": id_number(serial),
        "工号": f"N{serial:03d}",
        "单位": unit,
        "职务层次": rank,
    } | cells


def sheet(rows: Iterable[dict[str, str]], headings: tuple[str, ...] = HEADINGS) -> bytes:
    content = io.BytesIO()
    cells = [[one.get(heading, "") for heading in headings] for one in rows]
    write_book(content, [Table("名册", [Column(heading) for heading in headings], cells)])
    return content.getvalue()


def receive(
    content: bytes, by: Account, scope: Unit, name: str = "roster.xlsx", on: dt.date = ON, **options: Any
) -> RosterImport:
    return actions.receive_roster(content, name, by=by, scope_unit=scope, on=on, **options)


def brought_in(
    rows: Iterable[dict[str, str]], by: Account, scope: Unit, run_jobs: Callable[[], int], **options: Any
) -> RosterImport:
    """Receive, read and apply."""
    roster_import = receive(sheet(rows), by, scope, **options)
    run_jobs()
    roster_import.refresh_from_db()
    actions.start_applying(roster_import, by=by)
    run_jobs()
    roster_import.refresh_from_db()
    assert roster_import.state == RosterImport.State.APPLIED, roster_import.job and roster_import.job.error
    return roster_import


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """What is known of people, posts and units, to be compared.

    Sealed bytes are left out, sealing is never twice the same; so is since when it is known, for an undoing is later knowledge.
    """
    apart = {"id_sealed", "entered_at", "service_recorded_at", "recorded_at"}
    people, postings = (
        [field.attname for field in model._meta.concrete_fields if field.attname not in apart]
        for model in (Person, Posting)
    )
    return {
        "people": sorted(Person.objects.values_list(*people)),
        "postings": sorted(Posting.objects.values_list(*postings), key=str),
        "units": sorted(Unit.objects.values_list("pk", "name", "path", "closed_on"), key=str),
    }
