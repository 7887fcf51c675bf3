"""The class list (学员名册) by study group, as Word and PDF. Papers are official Chinese documents whatever the language of the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zhixing.base.documents import render_pdf, render_word
from zhixing.classwork.models import Member
from zhixing.classwork.queries import by_group
from zhixing.plans.models import ClassRun

FOLDER = Path(__file__).parent
OFFICES = {
    Member.Office.MONITOR: "班长",
    Member.Office.DEPUTY: "副班长",
    Member.Office.SECRETARY: "临时党支部书记",
    Member.Office.STUDY: "学习委员",
    Member.Office.LIFE: "生活委员",
    Member.Office.DISCIPLINE: "纪律委员",
    Member.Office.CULTURE: "文体委员",
}


def facts(class_run: ClassRun) -> dict[str, Any]:
    """The class and one row per person, the groups one after another."""
    listed = [(group, callup, member) for group, rows in by_group(class_run) for callup, member in rows]
    return {
        "class_name": class_run.name,
        "days": f"{class_run.starts_on}至{class_run.ends_on}",
        "rows": [
            {
                "number": number,
                "group": f"第{group}组" if group else "",
                "name": callup.person.name,
                "unit": callup.unit.name,
                "title": callup.person.title,
                "post": _posts(member),
            }
            for number, (group, callup, member) in enumerate(listed, 1)
        ],
    }


def _posts(member: Member | None) -> str:
    if member is None:
        return ""
    office = OFFICES[Member.Office(member.office)] if member.office else ""
    return "、".join(filter(None, ("组长" if member.leads else "", office)))


def class_list_pdf(class_run: ClassRun) -> bytes:
    return render_pdf(FOLDER / "class_list.typ", facts(class_run))


def class_list_word(class_run: ClassRun) -> bytes:
    return render_word((FOLDER / "class_list.docx").read_bytes(), facts(class_run))
