"""The yearly statistics as Excel and PDF."""

from __future__ import annotations

import io
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from zhixing.archive.papers.records import FOLDER
from zhixing.archive.queries.known import Question
from zhixing.archive.queries.statistics import OTHER, Line, Statistics, Sums
from zhixing.base.documents import render_pdf
from zhixing.base.tables.write import Column, Content, Table, cell_text, write_book
from zhixing.obligations.models import Channel
from zhixing.plans.models import ClassRun

Cells = list[Any]


def title_of(question: Question) -> str:
    return _("Statistics of cadre training in %(year)d") % {"year": question.on.year}


def statistics_book(made: Statistics, question: Question) -> bytes:
    content = io.BytesIO()
    about = Table(_("about this table"), [Column(_("item")), Column(_("value"))], about_lines(question))
    write_book(content, [*tables_of(made), about])
    return content.getvalue()


def figures_of(made: Statistics) -> list[dict[str, Any]]:
    """Each table as ``{"name", "heads", "rows"}``, all in texts."""
    return [
        {
            "name": table.name,
            "heads": [column.title for column in table.columns],
            "rows": [[cell_text(v, c.content) for v, c in zip(row, table.columns, strict=True)] for row in table.rows],
        }
        for table in tables_of(made)
    ]


def statistics_pdf(made: Statistics, question: Question) -> bytes:
    about = [" ".join(line) for line in about_lines(question)]
    data = {"title": title_of(question), "about": about, "tables": figures_of(made)}
    return render_pdf(FOLDER / "statistics.typ", data)


def about_lines(question: Question) -> list[Cells]:
    """How the figures were counted, so that the table can be checked."""
    known = localtime(question.known_at)
    return [
        [_("period"), f"{question.since} – {question.on}"],
        [_("as known at"), f"{known:%Y-%m-%d %H:%M}"],
        [_("unit"), question.unit.name if question.unit else _("the whole scope")],
        [_("person-time"), _("one completed training of one person; hours as credited in the ledger")],
        [_("coverage"), _("people in service on the last day who completed a training, of all in service that day")],
        [_("level"), _("of the principal posting on the last day; ranks and parallel grades are two scales")],
    ]


def tables_of(made: Statistics) -> list[Table]:
    return [_by_level(made), _by_form(made), _by_content(made)]


def _by_level(made: Statistics) -> Table:
    columns = [
        Column(_("level")), Column(_("in service"), Content.NUMBER), Column(_("trained"), Content.NUMBER),
        Column(_("coverage (%)"), Content.NUMBER), Column(_("person-times"), Content.NUMBER),
        Column(_("hours"), Content.TENTHS), Column(_("hours per head"), Content.TENTHS),
    ]  # fmt: skip
    words = {OTHER: _("other or not said")}
    lines = [(words.get(level, level), line) for level, line in made.levels.items()]
    rows = [_line(label, line) for label, line in [*lines, (_("in service, all"), made.total)]]
    gone: Cells = [
        _("left before the last day"),
        None,
        made.left.trained,
        None,
        made.left.times,
        made.left.tenths,
        None,
    ]
    return Table(_("by level"), columns, [*rows, gone])


def _line(label: str, line: Line) -> Cells:
    return [label, line.people, line.trained, line.coverage, line.times, line.tenths, line.per_head]


def _by_form(made: Statistics) -> Table:
    """Level × form: person-times and hours, those in service only."""
    columns = [Column(_("level"))]
    for channel in Channel:
        columns += [
            Column(f"{channel.label} {_('person-times')}", Content.NUMBER),
            Column(f"{channel.label} {_('hours')}", Content.TENTHS),
        ]
    words = {OTHER: _("other or not said")}
    lines = [
        *((words.get(level, level), line) for level, line in made.levels.items()),
        (_("in service, all"), made.total),
    ]
    rows = [
        [label, *(value for channel in Channel for value in _two(line.of_channel[channel]))] for label, line in lines
    ]
    people = [_("people trained"), *(v for c in Channel for v in (made.total.of_channel[c].trained, None))]
    return Table(_("by level and form"), columns, [*rows, people])


def _two(sums: Sums) -> tuple[int, int]:
    return sums.times, sums.tenths


def _by_content(made: Statistics) -> Table:
    columns = [
        Column(_("content block")), Column(_("people trained"), Content.NUMBER),
        Column(_("person-times"), Content.NUMBER), Column(_("hours"), Content.TENTHS),
    ]  # fmt: skip
    labels = {value: str(label) for value, label in ClassRun.Content.choices}
    order = [*labels, *sorted(made.contents.keys() - labels.keys())]
    rows = [
        [labels.get(content, content or _("not said")), sums.trained, sums.times, sums.tenths]
        for content in order
        if (sums := made.contents.get(content))
    ]
    return Table(_("by content block"), columns, rows)
