"""How long the preview of a roster of 100,000 rows takes, from the file to the difference."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from zhixing.config.cli.bench.city import home_of
from zhixing.config.cli.bench.figure import Figure, PeakMemory

ROWS = 100_000
PROGRAM = """
import os, sys, time
os.environ["ZHIXING_HOME"] = sys.argv[1]
os.environ["DJANGO_SETTINGS_MODULE"] = "zhixing.config.settings"
import django; django.setup()
from zhixing.config.cli.bench.roster import preview
print(preview(int(sys.argv[2])))
"""


def figures(folder: Path, people: int) -> Iterator[Figure]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home_of(folder)), str(ROWS)], stdout=subprocess.PIPE, text=True
    )
    watch = PeakMemory(process.pid)
    said, _nothing = process.communicate()
    peak = watch.stop()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "roster preview")
    yield Figure(f"roster preview, {ROWS:,} rows", float(said.split()[-1]), "s", 60)
    yield Figure("  peak memory (with the making of the file)", peak, "MB", 1000)


def preview(rows: int) -> float:
    """Write a roster of ``rows`` invented people, upload it as the department, and return the seconds until the difference stands."""
    import datetime as dt
    import io
    import time

    from django.utils import timezone

    from zhixing.base import jobs
    from zhixing.engine.sheets.identity import check_digit
    from zhixing.people.actions import receive_roster
    from zhixing.people.models import Account, Role, RosterImport, Unit

    units = list(Unit.objects.exclude(parent=None).values_list("name", flat=True))
    born = dt.date(1970, 1, 1)
    content = io.BytesIO()
    _write(content, rows, units, born, check_digit)
    admin = Account.objects.filter(role=Role.DEPARTMENT).select_related("scope_unit")[0]
    city = Unit.objects.get(parent=None)
    began = time.monotonic()
    made = receive_roster(content.getvalue(), "roster.xlsx", by=admin, scope_unit=city, on=timezone.localdate())
    made.refresh_from_db()
    jobs.perform(str(made.job_id))
    seconds = time.monotonic() - began
    made.refresh_from_db()
    if made.state != RosterImport.State.READ:
        raise RuntimeError(f"the preview ended as {made.state}: {made.refusal}")
    return seconds


def _write(content, rows, units, born, check_digit) -> None:  # type: ignore[no-untyped-def]
    import datetime as dt

    import xlsxwriter

    with xlsxwriter.Workbook(content, {"in_memory": True, "constant_memory": True}) as book:
        sheet = book.add_worksheet("花名册")
        sheet.write_row(
            0, 0, ["姓名", "身份证号", "工号", "单位", "职务层次", "职级", "性别", "出生年月", "任现职时间"]
        )
        for n in range(rows):
            day = born + dt.timedelta(days=n % 9000)
            body = f"990100{day:%Y%m%d}{(n // 9000) * 2 + 101:03d}"
            row = ["周" + chr(0x4E00 + n % 5000), body + check_digit(body), f"B{n:07d}", units[n % len(units)]]
            sheet.write_row(
                n + 1, 0, [*row, "乡科级正职" if n % 3 == 0 else "", "一级主任科员", "男", f"{day:%Y.%m}", "2021.03"]
            )
