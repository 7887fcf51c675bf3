"""The paper sheet of one day: to print, to download, to bring back."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from zhixing.attendance import actions, papers, queries
from zhixing.attendance.forms import SheetForm
from zhixing.attendance.models import Register
from zhixing.base.files import hand_out
from zhixing.base.problems import NotFound
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import class_run_for


def _day(request: SignedInRequest, pk: int, on: str) -> tuple[ClassRun, list[Register]]:
    """The class run with its registers of one day; no such day, or none in scope, is no page."""
    class_run = class_run_for(request.user, pk)
    try:
        day = dt.date.fromisoformat(on)
    except ValueError:
        raise NotFound from None
    registers = queries.registers_of_day(request.user, class_run, day)
    if not registers:
        raise NotFound
    return class_run, registers


@require_GET
def sheet(request: SignedInRequest, pk: int, on: str) -> HttpResponse:
    """A4, ready to print: names and a box to sign for each half day."""
    class_run, registers = _day(request, pk, on)
    rows = papers.sheet_rows(class_run, registers)
    context = {
        "class_run": class_run,
        "registers": registers,
        "on": registers[0].session.on,
        "rows": rows,
        "grouped": any(row.group for row in rows),
    }
    return render(request, "attendance/sheet.html", context)


@require_GET
def sheet_file(request: SignedInRequest, pk: int, on: str) -> HttpResponse:
    class_run, registers = _day(request, pk, on)
    return hand_out(papers.sheet_book(class_run, registers), papers.sheet_name(class_run, registers, ".xlsx"))


@require_GET
def sheet_pdf(request: SignedInRequest, pk: int, on: str) -> HttpResponse:
    class_run, registers = _day(request, pk, on)
    return hand_out(
        papers.sheet_pdf(class_run, registers), papers.sheet_name(class_run, registers, ".pdf"), inline=True
    )


@require_http_methods(["GET", "POST"])
def bring_back(request: SignedInRequest, pk: int, on: str) -> HttpResponse:
    """Upload the sheet as it was filled in; rows to mend are listed and nothing is entered until they are."""
    class_run, registers = _day(request, pk, on)
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if request.method == "POST" and form.is_valid():
        day = registers[0].session.on
        done = actions.import_sheet(class_run, day, form.cleaned_data["sheet"], by=request.user)
        messages.success(request, _("%(entered)s marks entered, %(known)s already said so.") % vars(done))
        return redirect("attendance:register", registers[0].pk)
    context = {"class_run": class_run, "registers": registers, "on": registers[0].session.on, "form": form}
    return render(request, "attendance/bring_back.html", context, status=422 if form.errors else 200)
