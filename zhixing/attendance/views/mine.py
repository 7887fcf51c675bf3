"""The trainee's own page: where I was, what it earned, how much leave is left, and what I can do about it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from zhixing.attendance import permissions, queries, rules
from zhixing.attendance.queries import Attendance
from zhixing.classwork.queries import leaders_of, own_members
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun


@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    rows = queries.attendances_of(request.user)
    members = own_members(row.callup.pk for row in rows)
    leaders = leaders_of(members.values())
    for row in rows:
        for mark in row.marks:
            mark.may_appeal = permissions.may_appeal(request.user, mark, now)  # type: ignore[attr-defined]
        row.member = members.get(row.callup.pk)
        row.leader = leaders.get((row.member.class_run_id, row.member.group or 0), "") if row.member else ""
        row.may_ask = permissions.may_ask_leave(request.user, row.callup)
    context = {
        "rows": rows,
        "current": _current(rows),
        "appeal_days": rules.in_force().appeal_days,
    }
    return render(request, "attendance/mine.html", context)


def _current(rows: list[Attendance]) -> Attendance | None:
    """The class run under way, else the next one."""
    live = [row for row in reversed(rows) if row.callup.state in permissions.ON_THE_LIST]
    running = [row for row in live if row.callup.class_run.state == ClassRun.State.RUNNING]
    return next(iter(running or live), None)
