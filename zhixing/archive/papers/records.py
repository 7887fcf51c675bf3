"""The training record as a paper and as a sheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from zhixing.archive.queries.records import Record, lines_of_unit
from zhixing.base.documents import render_pdf
from zhixing.base.exports import excel
from zhixing.base.templatetags.pages import hours
from zhixing.people.models import Account, Unit

FOLDER = Path(__file__).resolve().parent.parent / "typesetting"


def record_pdf(record: Record, *, on: dt.date) -> bytes:
    """The 干部培训登记表 of one person as it stands on ``on``."""
    return render_pdf(FOLDER / "record.typ", record_data(record, on))


def record_data(record: Record, on: dt.date) -> dict[str, Any]:
    """Everything the paper shows, as text."""
    person = record.person
    return {
        "title": _("Training record of a cadre"),
        "printed": _("Printed on %(day)s") % {"day": on.isoformat()},
        "labels": _labels(),
        "facts": [
            [_("full name"), person.name],
            [_("sex"), person.get_sex_display()],
            [_("born"), f"{person.born_on:%Y.%m}" if person.born_on else ""],
            [_("unit"), person.unit.name if person.unit else ""],
            [_("post"), person.title],
            [_("rank"), person.rank or person.grade],
        ],
        "postings": [
            [
                f"{p.from_on:%Y.%m.%d}—{p.to_on:%Y.%m.%d}" if p.to_on else f"{p.from_on:%Y.%m.%d}—",
                p.unit.name,
                f"{p.department}{p.title}",
                p.rank or p.grade,
            ]
            for p in record.postings
        ],
        "standings": [
            [
                title,
                f"{s.window_opens}—{s.window_closes}",
                hours(s.required_tenths),
                hours(s.counted_tenths),
                hours(s.missing_tenths),
                s.get_state_display(),
            ]
            for title, s in record.standings
        ],
        "trainings": [
            [
                f"{c.began_on:%Y.%m.%d}—{c.ended_on:%m.%d}",
                c.title,
                c.channel_label,
                c.institution or c.organiser,
                hours(c.tenths),
                c.result_label,
            ]
            for year in record.years
            for c in year.courses
        ],
    }


def _labels() -> dict[str, Any]:
    return {
        "postings": _("Postings"),
        "posting_heads": [_("from and to"), _("unit"), _("post"), _("rank")],
        "standings": _("Hours owed and done"),
        "standing_heads": [_("rule"), _("window"), _("required"), _("counted"), _("missing"), _("state")],
        "trainings": _("Trainings"),
        "training_heads": [_("from and to"), _("training"), _("form"), _("institution"), _("hours"), _("result")],
        "person_signs": _("The person:"),
        "office_signs": _("Filed by:"),
        "note": _(
            "One reference for those who decide about promotion and merit; "
            "a person may have an entry corrected or appeal against it."
        ),
        "nothing": _("Nothing is recorded."),
    }


def unit_sheet(user: Account, unit: Unit, year: int) -> HttpResponse:
    """Every training of a unit's people in one year, one line each."""
    headings = [
        _("staff number"), _("full name"), _("unit"), _("rank"), _("training"), _("form"), _("began"), _("ended"),
        _("institution"), _("hours"), _("result"), _("certificate number"),
    ]  # fmt: skip
    rows = (
        [
            person.number, person.name, person.unit.name if person.unit else "", person.effective_rank, course.title, course.channel_label,
            course.began_on, course.ended_on, course.institution or course.organiser, course.tenths / 10, course.result_label, course.certificate,
        ]
        for person, course in lines_of_unit(user, unit.path, year)
    )  # fmt: skip
    return excel(f"training-{unit.code}-{year}", headings, rows)
