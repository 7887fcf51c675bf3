"""Lists: search, filter, sort, page and export one queryset, as the table of a page or as the part that htmx swaps.

A list costs one query for its rows and at most one for its count, which stops at ``COUNT_CAP``. The caller gives a queryset that already
is in scope and selects what the columns read; nothing here follows a relation by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.manager import BaseManager
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _

from zhixing.base.asked import whole_number
from zhixing.base.exports import excel
from zhixing.base.markup import escaped, linked
from zhixing.base.problems import Text
from zhixing.base.tables.write import Linked

COUNT_CAP = 10_000
CHIPS_MAX = 6
SEARCH_WORDS_MAX = 5
EXPORT_CHUNK = 2_000

Export = Callable[[str, Sequence[str], Iterable[Sequence[Any]]], HttpResponse]


@dataclass(frozen=True)
class Column:
    """One column. ``key`` is the path of the value on a row (``person__unit__name``; methods are called, dict rows work too).

    ``sort`` names the fields to order by; ``value`` computes the plain value (also exported), ``show`` the displayed cell (may be
    marked safe), ``link`` the page behind the cell (in the export, too). A ``long`` text may be broken anywhere, lest the columns after it be out of sight.
    """

    key: str
    label: Text
    sort: str | tuple[str, ...] = ()
    numeric: bool = False
    long: bool = False
    value: Callable[[Any], Any] | None = None
    show: Callable[[Any], Any] | None = None
    link: Callable[[Any], str] | None = None

    @property
    def sort_fields(self) -> tuple[str, ...]:
        return (self.sort,) if isinstance(self.sort, str) else self.sort

    def plain(self, row: Any) -> Any:
        """Return the value of this column for export."""
        return self.value(row) if self.value else follow(row, self.key)

    def shown(self, row: Any) -> Any:
        """Return the displayed cell: numbers grouped, dates ISO, nothing as a dash."""
        return self.show(row) if self.show else displayed(self.plain(row))

    @property
    def start(self) -> SafeString:
        """The opening tag of a cell; on a phone its label stands beside it."""
        kind = SafeString(' class="zx-number"' if self.numeric else ' class="zx-long"' if self.long else "")
        return format_html('<td role="cell" data-label="{}"{}>', self.label, kind)


@dataclass(frozen=True)
class Filter:
    """A choice that narrows the list. By default it filters ``field`` (or ``key``) for the chosen value; ``apply`` replaces that.

    Up to ``CHIPS_MAX`` choices are shown as chips, more as a drop-down; ``chips=False`` suits few but long ones.
    """

    key: str
    label: Text
    choices: Sequence[tuple[str, Text]]
    field: str = ""
    apply: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None
    chips: bool = True

    @property
    def as_chips(self) -> bool:
        return self.chips and len(self.choices) <= CHIPS_MAX

    def narrow(self, rows: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        """Return the rows that match the chosen value."""
        return self.apply(rows, chosen) if self.apply else rows.filter(**{self.field or self.key: chosen})


@dataclass(frozen=True)
class Empty:
    """What to say, and what to do next, when there is nothing at all (a search without a hit is answered by the list itself)."""

    title: Text
    text: Text = ""
    url: str = ""
    label: Text = ""
    icon: str = "inbox"


@dataclass
class Listing:
    """The state of one list on one request; ``name`` is unique on the page and names the exported file.

    ``search`` names the fields a word may occur in. ``tie`` is the field that makes every order total (a grouped queryset has no ``pk``).
    ``selectable`` rows are posted to ``bulk_url`` as ``selected``, by the buttons that ``bulk_template`` renders. ``rows_template``
    renders the ``<tr>`` elements from ``rows`` where cells alone will not do.
    """

    request: HttpRequest
    rows: QuerySet[Any] | BaseManager[Any]
    columns: Sequence[Column]
    name: str = "list"
    label: Text = ""
    search: Sequence[str] = ()
    search_label: Text = ""
    filters: Sequence[Filter] = ()
    page_size: int = 50
    tie: str = "pk"
    selectable: bool = False
    bulk_template: str = ""
    bulk_url: str = ""
    rows_template: str = ""
    export: Export | None = excel
    empty: Empty | None = None
    _chosen: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        asked = self.request.GET
        for one in self.filters:
            value = asked.get(one.key, "")
            if value in {str(key) for key, _label in one.choices}:
                self._chosen[one.key] = value

    # What was asked

    @property
    def element_id(self) -> str:
        return f"list-{self.name}"

    @cached_property
    def words(self) -> str:
        """The search text, trimmed; a NUL in it, which PostgreSQL takes in no text, is left out."""
        return self.request.GET.get("q", "").replace("\0", "").strip()[:100] if self.search else ""

    @cached_property
    def sorted_by(self) -> tuple[Column | None, bool]:
        """The column to sort by and whether downwards; an unknown or unsortable key sorts by nothing."""
        asked = self.request.GET.get("sort", "")
        key, down = asked.removeprefix("-"), asked.startswith("-")
        column = next((c for c in self.columns if c.key == key and c.sort_fields), None)
        return column, down and column is not None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self._chosen)

    # The rows

    @cached_property
    def filtered(self) -> QuerySet[Any]:
        """All rows that match, sorted, not paged."""
        rows = self.rows.all()
        for one in self.filters:
            if one.key in self._chosen:
                rows = one.narrow(rows, self._chosen[one.key])
        if self.words:
            rows = rows.filter(self._search_condition())
        column, down = self.sorted_by
        if column is not None:
            return rows.order_by(*(f"{'-' if down else ''}{name}" for name in column.sort_fields), self.tie)
        given = [*rows.query.order_by] if rows.query.order_by else [*(rows.model._meta.ordering or ())]
        return rows.order_by(*given, self.tie)

    def _search_condition(self) -> Q:
        words = self.words.split()[:SEARCH_WORDS_MAX]
        return reduce(
            and_, (reduce(or_, (Q(**{f"{name}__icontains": word}) for name in self.search)) for word in words)
        )

    @cached_property
    def page(self) -> int:
        """The page asked for, counting from 1; no page lies beyond the counted rows."""
        asked = whole_number(self.request.GET.get("page", "")) or 1
        return min(asked, COUNT_CAP // self.page_size)

    @cached_property
    def _fetched(self) -> list[Any]:
        start = (self.page - 1) * self.page_size
        return list(self.filtered[start : start + self.page_size + 1])

    @property
    def shown(self) -> list[Any]:
        """The rows of this page."""
        return self._fetched[: self.page_size]

    @cached_property
    def count(self) -> int:
        """How many rows match, at most ``COUNT_CAP``; a list of one page is not counted by a second query."""
        start = (self.page - 1) * self.page_size
        if 0 < len(self._fetched) <= self.page_size or not (start or self._fetched):
            return start + len(self._fetched)
        rows = self.filtered.order_by()
        if rows.query.group_by is None:  # rows that are groups are what is counted
            rows = rows.values(self.tie)  # without what is computed for shown rows
        return rows[:COUNT_CAP].count()

    @property
    def is_capped(self) -> bool:
        return self.count >= COUNT_CAP

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.page_size))

    # What the template shows

    @property
    def headings(self) -> list[dict[str, Any]]:
        """Each column with its sort link and its ``aria-sort``."""
        column, down = self.sorted_by
        return [
            {
                "label": one.label,
                "numeric": one.numeric,
                "url": self.url(sort=self._next_sort(one), page="") if one.sort_fields else "",
                "order": ("descending" if down else "ascending") if one is column else "",
            }
            for one in self.columns
        ]

    def _next_sort(self, one: Column) -> str:
        column, down = self.sorted_by
        return f"-{one.key}" if one is column and not down else one.key

    @property
    def table_rows(self) -> Iterator[SafeString]:
        """The rows of this page as ``<tr>`` elements, with a box to tick if rows are selectable. Made here: a template takes far longer."""
        starts = [(one, one.start) for one in self.columns]
        for row in self.shown:
            cells = "".join(
                f"{start}{linked(one.shown(row), one.link(row) if one.link else '')}</td>" for one, start in starts
            )
            yield SafeString(f'<tr role="row">{self._tick_box(row) if self.selectable else ""}{cells}</tr>')

    def _tick_box(self, row: Any) -> SafeString:
        """The box that selects ``row``, named for screen readers by the row's first column."""
        return format_html(
            '<td role="cell" class="zx-tick"><input type="checkbox" class="form-check-input" name="selected" value="{}"'
            ' form="{}-bulk" x-on:change="one" aria-label="{}"></td>',
            follow(row, "pk") or follow(row, "id"),
            self.element_id,
            _("Select %(what)s") % {"what": self.columns[0].shown(row)},
        )

    @property
    def choices(self) -> list[dict[str, Any]]:
        """Each filter with its options: (value, label, whether it is chosen), and as markup where there are hundreds."""
        return [
            {
                "filter": one,
                "chosen": self._chosen.get(one.key, ""),
                "id": f"{self.element_id}-{one.key}",
                "options": [(value, label, self._chosen.get(one.key) == str(value)) for value, label in one.choices],
                "markup": "" if one.as_chips else _options(one.choices, self._chosen.get(one.key)),
            }
            for one in self.filters
        ]

    @property
    def sort_asked(self) -> str:
        column, down = self.sorted_by
        return f"{'-' if down else ''}{column.key}" if column else ""

    def url(self, **changes: str) -> str:
        """Return the address of this list with some values changed; an empty value is left out."""
        state = {"q": self.words, **self._chosen, "sort": self.sort_asked, "page": str(self.page), **changes}
        kept = {key: value for key, value in state.items() if value and (key, value) != ("page", "1")}
        return f"{self.request.path}?{urlencode(kept)}" if kept else self.request.path

    @property
    def previous_url(self) -> str:
        return self.url(page=str(self.page - 1)) if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        return self.url(page=str(self.page + 1)) if self.page < self.pages else ""

    @property
    def export_url(self) -> str:
        return self.url(export=self.name, page="") if self.export else ""

    @property
    def first(self) -> int:
        return (self.page - 1) * self.page_size + 1 if self.shown else 0

    @property
    def last(self) -> int:
        return (self.page - 1) * self.page_size + len(self.shown)

    # Answers

    def response(self, template: str, context: Mapping[str, Any] | None = None) -> HttpResponse:
        """Answer the request: the Excel file when asked, the swapped part for htmx, else the whole page with ``listing``."""
        if self.export and self.request.GET.get("export") == self.name:
            return self.export(self.name, [str(column.label) for column in self.columns], self._exported())
        part = self.request.headers.get("HX-Target") == self.element_id
        name = "base/parts/table_rows.html" if part else template
        answer = render(self.request, name, {**(context or {}), "listing": self})
        patch_vary_headers(answer, ("HX-Request", "HX-Target"))
        return answer

    def _exported(self) -> Iterator[list[Any]]:
        for row in self.filtered.iterator(chunk_size=EXPORT_CHUNK):
            yield [self._cell(column, row) for column in self.columns]

    def _cell(self, column: Column, row: Any) -> Any:
        """The plain value, with the address of its page: a file is opened elsewhere, so the address says where we are."""
        value, path = column.plain(row), column.link(row) if column.link else ""
        return Linked(value, self.request.build_absolute_uri(path)) if path else value


def follow(row: Any, path: str) -> Any:
    """Return the value at ``path`` (parts joined by ``__``) of an object or a dict; methods are called, ``None`` ends the way."""
    if isinstance(row, Mapping):
        return row.get(path)
    for part in [path] if hasattr(row, path) else path.split("__"):
        if row is None:
            return None
        row = getattr(row, part)
        row = row() if callable(row) else row
    return row


def displayed(value: Any) -> Any:
    """Write a plain value for a cell."""
    match value:
        case None | "":
            return "—"
        case bool():
            return _("yes") if value else _("no")
        case dt.datetime():
            return _one_word(f"{localtime(value) if is_aware(value) else value:%Y-%m-%d %H:%M}")
        case dt.date():
            return _one_word(value.isoformat())
        case int() | float():
            return f"{value:,}"
    return value


def _options(choices: Sequence[tuple[str, Text]], chosen: str | None) -> SafeString:
    """The options of a drop-down. Made here: a template takes far longer."""
    marked = (
        f'<option value="{escaped(value)}"{" selected" if chosen == str(value) else ""}>{escaped(label)}</option>'
        for value, label in choices
    )
    return SafeString("".join(marked))


def _one_word(moment: str) -> SafeString:
    """A day or a minute, which the browser must not break at its hyphens."""
    return SafeString(f"<time>{escaped(moment)}</time>")
