"""The board of a run, units × class runs, and one cell of it: who of the unit is called to the class, who is not, each with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.asked import whole_number, whole_numbers
from zhixing.base.exports import excel
from zhixing.base.markup import escaped
from zhixing.base.tables.write import Column as SheetColumn
from zhixing.base.tables.write import Content, Table
from zhixing.callups import permissions, queries, sentences
from zhixing.callups.board import Board, Row, Seats, across, board_of, holding, in_cell
from zhixing.callups.models import CallupRun
from zhixing.callups.sentences import Names
from zhixing.callups.views.cells import move_cell, name_cell, state_cell, why_cell
from zhixing.callups.views.left_out import LeftOutListing
from zhixing.callups.views.runs import run_context, run_tabs
from zhixing.people.models import Account, Unit
from zhixing.people.queries import unit_for
from zhixing.people.views.request import SignedInRequest

ACROSS = 10
"""Class runs on one page of the board."""
PAGES_MOST = 1_000
"""More class runs than these pages hold are searched; a number beyond any column is no page."""
IN_MOST = 200
"""People on the list whom a cell shows; more are searched on the list of the class run."""


@require_GET
def board(request: SignedInRequest, pk: int) -> HttpResponse:
    """``?q=`` narrows the class runs, ``page`` leafs through them, ``open`` names the units that are unfolded."""
    found = queries.run_for(request.user, pk)
    words = request.GET.get("q", "").replace("\0", "").strip()[:100]
    rows = across(found, words)
    if request.GET.get("export") == "board":
        return _book(found, request.user, list(rows))
    opened = sorted(set(whole_numbers(request.GET.getlist("open"))))
    page = min(whole_number(request.GET.get("page", "")) or 1, PAGES_MOST)
    shown = list(rows[(page - 1) * ACROSS : page * ACROSS + 1])
    made = board_of(found, request.user, shown[:ACROSS], opened)
    state = _State(request.path, words, page, opened)
    context = {
        "run": found,
        "board": made,
        "heads": _heads(found, made),
        "lines": _lines(found, made, state),
        "words": words,
        "opened": opened,
        "previous_url": state.url(page=page - 1) if page > 1 else "",
        "next_url": state.url(page=page + 1) if len(shown) > ACROSS else "",
        "export_url": state.url(page=1, export="board"),
        "first": (page - 1) * ACROSS + 1,
        "last": (page - 1) * ACROSS + len(made.class_runs),
    }
    if request.headers.get("HX-Target") == "board":
        return render(request, "callups/parts/board.html", context)
    context |= run_context(request.user, found) | {"tabs": run_tabs(found, "board")}
    return render(request, "callups/board.html", context)


def _heads(found: CallupRun, made: Board) -> list[tuple[Any, int]]:
    """Each class run with how many hold a seat in it."""
    held = holding(found, [one.pk for one in made.class_runs])
    return [(one, held.get(one.pk, 0)) for one in made.class_runs]


class _State:
    """What the board was asked for, and the address of it with something changed."""

    def __init__(self, path: str, words: str, page: int, opened: Iterable[int]) -> None:
        self.path, self.words, self.page, self.opened = path, words, page, list(opened)

    def url(self, *, page: int | None = None, opened: Iterable[int] | None = None, export: str = "") -> str:
        at = self.page if page is None else page
        asked = [("q", self.words), ("page", str(at) if at > 1 else ""), ("export", export)]
        asked += [("open", str(unit)) for unit in (self.opened if opened is None else opened)]
        kept = [(key, value) for key, value in asked if value]
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def turned(self, row: Row) -> str:
        """The address with one unit folded or unfolded."""
        rest = [unit for unit in self.opened if unit != row.unit.pk]
        return self.url(opened=rest if row.is_open else [*rest, row.unit.pk])


def _lines(found: CallupRun, made: Board, state: _State) -> Iterator[dict[str, Any]]:
    """The rows for the template. The cells are made here: a template takes far longer for a thousand of them."""
    words = _("full"), _("%(n)s short")
    starts = [(one.pk, f'<td role="cell" data-label="{escaped(one.name)}"') for one in made.class_runs]
    before, _zero, after = reverse("callups:cell", args=[found.pk, 0, 0]).rpartition("0/0")
    for row in made.rows:
        unit = row.unit.pk
        cells = "".join(
            start
            + _cell(made.used.get((unit, pk), 0), made.quotas.get((unit, pk)), f"{before}{unit}/{pk}{after}", words)
            for pk, start in starts
        )
        yield {"row": row, "turn_url": state.turned(row), "cells": SafeString(cells)}


def _cell(used: int, seats: Seats | None, url: str, words: tuple[str, str]) -> str:
    """The rest of a cell; ``words`` say what its colour says: full, so many short."""
    if not used and seats is None:
        return ' class="cu-cell cu-nobody">·</td>'
    tone, word = _state_of(used, seats, words)
    tone = tone or ("" if used else " cu-zero")
    said = f"{used}<small>/{seats.most}</small>" if seats else str(used)
    mark = f"<em>{escaped(word)}</em>" if word else ""
    return f' class="cu-cell{tone}"><a href="{url}">{said}{mark}</a></td>'


def _state_of(used: int, seats: Seats | None, words: tuple[str, str]) -> tuple[str, str]:
    """The colour of a cell and the word that says the same."""
    if seats is None:
        return "", ""
    full, short = words
    if used < seats.least:
        return " cu-under", short % {"n": seats.least - used}
    return (" cu-full", full) if used >= seats.most else ("", "")


def _book(found: CallupRun, user: Account, class_runs: list[Any]) -> HttpResponse:
    """Two sheets, seats used and quotas: every unit that has either, all class runs. A row is made when it is written."""
    everything = set(Unit.objects.visible_to(user).values_list("pk", flat=True))
    made = board_of(found, user, class_runs, everything)
    heads = [_("unit"), _("code of the unit"), _("level in the tree"), _("call-ups of this run")]
    names = [f"{one.code} {one.name}" for one in class_runs]
    keys = [one.pk for one in class_runs]
    used = ([*_unit_cells(row), row.total, *(made.used.get((row.unit.pk, key)) for key in keys)] for row in made.rows)
    quotas = ([*_unit_cells(row), *(_most(made, row.unit.pk, key) for key in keys)] for row in made.rows)
    columns = [SheetColumn(title, Content.NUMBER) for title in (*heads[:3], *names)]
    return excel("board", [*heads, *names], used, [Table(_("quota"), columns, quotas)])


def _most(made: Board, unit: int, class_run: int) -> int | None:
    seats = made.quotas.get((unit, class_run))
    return seats.most if seats else None


def _unit_cells(row: Row) -> list[Any]:
    return [row.unit.name, row.unit.code, row.level + 1]


@require_GET
def cell(request: SignedInRequest, pk: int, unit_pk: int, class_run_pk: int) -> HttpResponse:
    """Who of the unit is called to the class and who is eligible and not called; a planner moves people between the two."""
    found = queries.run_for(request.user, pk)
    class_run = queries.class_run_of(found, class_run_pk)
    unit = unit_for(request.user, unit_pk)
    may_change = permissions.may_change_run(request.user, found)
    listing = LeftOutListing.of_cell(request, found, class_run, unit, movable=bool(may_change))
    called = list(in_cell(found, request.user, unit, class_run)[: IN_MOST + 1])
    quota = class_run.quotas.filter(unit=unit).first()
    names = Names()
    pins = found.pins.filter(class_run=class_run, person__unit__path__startswith=unit.path)
    context = {
        "run": found,
        "reasons_of": sentences.reasons_of(found),
        "unit": unit,
        "class_run": class_run,
        "quota": quota,
        "called": [_called(found, callup, names, may_change) for callup in called[:IN_MOST]],
        "is_cut": len(called) > IN_MOST,
        "seats": quota.seats_max if quota else class_run.seats_max,
        "may_change": may_change,
        "pins": pins.select_related("person").order_by("-id")[:20],
        "usual_reasons": list(found.pins.order_by().values_list("reason", flat=True).distinct()[:8]),
    }
    return listing.response("callups/cell.html", context)


def _called(found: CallupRun, callup: Any, names: Names, may_change: Any) -> dict[str, Any]:
    """A row of those called: one of this run can be taken off, a seat that another list gave stands."""
    own = callup.run_id == found.pk
    movable = may_change and own and callup.state == callup.State.PROPOSED
    return {
        "name": name_cell(found.pk, callup.person, callup.class_run_id) if own else callup.person.name,
        "person": callup.person,
        "unit": callup.unit.name,
        "why": why_cell(callup, names) if own else sentences.standing_sentence(callup),
        "state": "" if callup.state == callup.State.PROPOSED else state_cell(callup),
        "move": move_cell(found.pk, callup.person, callup.class_run_id, chosen=False) if movable else "",
    }
