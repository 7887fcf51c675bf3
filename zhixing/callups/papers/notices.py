"""What the notices say. Their fixed wording stands in the templates beside this file, which officers may replace; here are the facts.

Papers are official Chinese documents whatever the language of the pages.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from zhixing.base.documents import render_pdf
from zhixing.callups.models import Callup, Reply
from zhixing.people.models import Unit
from zhixing.plans.models import ClassRun

FOLDER = Path(__file__).parent
OPEN = "待定"


class Kind(StrEnum):
    """Which paper; also the name of its template file."""

    CLASS_RUN = "class_run"
    UNIT = "unit"


def built_in(kind: Kind) -> bytes:
    """Our own Word template."""
    return (FOLDER / f"{kind}.docx").read_bytes()


def pdf(kind: Kind, facts: dict[str, Any]) -> bytes:
    return render_pdf(FOLDER / f"{kind}.typ", facts)


def class_run_facts(callups: Sequence[Callup], issued_on: dt.date) -> dict[str, Any]:
    """For the notice of one class run; ``callups`` (at least one, of one class run) with person, unit, class run and institution."""
    class_run = callups[0].class_run
    rows = [
        {
            "number": place,
            "name": callup.person.name,
            "unit": callup.unit.name,
            "title": callup.person.title,
            "rank": callup.person.rank or callup.person.grade,
            "remark": remark(callup),
        }
        for place, callup in enumerate(callups, 1)
    ]
    return {
        "class_name": class_run.name,
        "year": class_run.year,
        "first": long_day(class_run.starts_on),
        "last": long_day(class_run.ends_on),
        "days": class_run.days,
        "hours": hours(class_run.tenths),
        "place": class_run.place or OPEN,
        "institution": held_by(class_run),
        "instructions": [text for text in class_run.joining_instructions.splitlines() if text.strip()],
        **_sender(callups, issued_on),
        "count": len(rows),
        "rows": rows,
    }


def unit_facts(unit: Unit, callups: Sequence[Callup], issued_on: dt.date) -> dict[str, Any]:
    """For the notice to one unit: its people in every class."""
    rows = [
        {
            "number": place,
            "name": callup.person.name,
            "title": callup.person.title,
            "rank": callup.person.rank or callup.person.grade,
            "class_name": callup.class_run.name,
            "dates": short_days(callup.class_run),
            "remark": remark(callup),
        }
        for place, callup in enumerate(callups, 1)
    ]
    return {
        "unit_name": unit.name,
        "year": callups[0].class_run.year,
        **_sender(callups, issued_on),
        "people": len({callup.person_id for callup in callups}),
        "count": len(rows),
        "rows": rows,
    }


def _sender(callups: Sequence[Callup], issued_on: dt.date) -> dict[str, Any]:
    first = callups[0]
    due = [callup.reply_by for callup in callups if callup.reply_by]
    with_contact = next((c.class_run for c in callups if c.class_run.contact), first.class_run)
    return {
        "reply_by": long_day(max(due)) if due else OPEN,
        "contact": with_contact.contact or OPEN,
        "phone": with_contact.contact_phone or OPEN,
        "issuer": issuer(callups),
        "issued_on": long_day(issued_on),
    }


def issuer(callups: Sequence[Callup]) -> str:
    """Who signs: the organiser of most of the classes, else the organisation department of the city."""
    named = Counter(callup.class_run.organiser for callup in callups if callup.class_run.organiser)
    if named:
        return named.most_common(1)[0][0]
    city = Unit.objects.filter(parent=None).order_by("path").first()
    return f"中共{city.name}委组织部" if city else ""


def held_by(class_run: ClassRun) -> str:
    return class_run.institution.name if class_run.institution else class_run.institution_name


def remark(callup: Callup) -> str:
    """补训, 替换 or 候补: how the person came on the list, where it was not by the list itself."""
    if callup.makes_up_id:
        return "补训"
    if callup.instead_of_id:
        return "替换"
    return "候补" if callup.from_waiting else ""


def long_day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def short_days(class_run: ClassRun) -> str:
    first, last = class_run.starts_on, class_run.ends_on
    end = f"{last.day}日" if first.month == last.month else f"{last.month}月{last.day}日"
    return f"{first.month}月{first.day}日—{end}"


def hours(tenths: int) -> str:
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths / 10:.1f}"


def sample_facts(kind: Kind) -> dict[str, Any]:
    """Invented facts, to try a template that an officer uploads."""
    row = {
        "number": 1,
        "name": "周某某",
        "unit": "市某局",
        "title": "科长",
        "rank": "乡科级正职",
        "remark": "",
        "class_name": "示例培训班",
        "dates": "9月7日—9月11日",
    }
    sender = {
        "reply_by": "2026年8月20日",
        "contact": "李某",
        "phone": "0000",
        "issuer": "某某组织部",
        "issued_on": "2026年8月1日",
    }
    common = {"year": 2026, "count": 1, "rows": [row], **sender}
    if kind == Kind.UNIT:
        return {**common, "unit_name": "市某局", "people": 1}
    days = {"first": "2026年9月7日", "last": "2026年9月11日", "days": 5, "hours": "30"}
    return {
        **common,
        **days,
        "class_name": "示例培训班",
        "place": "市委党校",
        "institution": "市委党校",
        "instructions": [],
    }


def receipt(callup: Callup, replies: Sequence[Reply], printed_on: dt.date) -> bytes:
    """The 回执 of one call-up as PDF: what was answered, and what was decided about it."""
    class_run = callup.class_run
    facts = [
        ("姓名", callup.person.name),
        ("单位", callup.unit.name),
        ("职务", callup.person.title),
        ("班次", class_run.name),
        ("培训时间", f"{long_day(class_run.starts_on)}至{long_day(class_run.ends_on)}"),
        ("回执截止日期", long_day(callup.reply_by) if callup.reply_by else OPEN),
    ]
    facts += [(f"答复（{reply.at:%Y-%m-%d}）", _answer(reply)) for reply in replies]
    if not replies:
        facts.append(("答复", "□参训　□请假　□更换人选"))
    data = {"facts": facts, "printed": f"打印日期：{long_day(printed_on)}"}
    return render_pdf(FOLDER / "receipt.typ", data)


ANSWERS = {Reply.Kind.ACCEPT: "参训", Reply.Kind.LEAVE: "请假", Reply.Kind.SUBSTITUTE: "更换人选"}
DECISIONS = {Reply.Decision.PENDING: "待审批", Reply.Decision.APPROVED: "同意", Reply.Decision.REFUSED: "不同意"}
REASONS = {
    Reply.Reason.DUTY: "不能调整的公务",
    Reply.Reason.MEETING: "两代会等法定会议",
    Reply.Reason.HEALTH: "健康原因",
    Reply.Reason.FAMILY: "特殊家庭事务",
    Reply.Reason.ABROAD: "因公出差出国",
    Reply.Reason.OTHER: "其他",
}


def _answer(reply: Reply) -> str:
    parts = [ANSWERS[Reply.Kind(reply.kind)]]
    if reply.reason:
        parts.append(REASONS[Reply.Reason(reply.reason)])
    if reply.substitute:
        parts.append(f"拟更换为{reply.substitute.name}")
    if reply.decision in DECISIONS:
        parts.append(DECISIONS[Reply.Decision(reply.decision)])
    return "；".join(parts)
