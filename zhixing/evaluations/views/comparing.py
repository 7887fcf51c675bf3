"""Class runs beside each other (评价比较): raw, shrunken, and corrected for whom they hold, with what is not known; institutions; one year beside another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.asked import whole_number
from zhixing.base.charts import Chart
from zhixing.base.exports import excel
from zhixing.base.markup import page_about
from zhixing.engine.ratings.compared import Alone, Beside, Stood
from zhixing.evaluations import comparing_words as words
from zhixing.evaluations import permissions, rules
from zhixing.evaluations.queries.comparing import Asked, Choices, Comparison, choices_for, comparison_of
from zhixing.people.views.request import SignedInRequest

PLAIN: Final = "shrunken"
"""What the address says of the order by the means without the correction for the mix of cases."""


@dataclass(frozen=True)
class Row:
    """A class run as the page shows it: ``one`` as it stands in the order chosen, ``plain`` and ``mixed`` its two corrected means; ``others``: of how many it
    cannot be told apart."""

    name: str
    url: str
    one: Stood
    plain: Stood
    mixed: Stood | None
    others: int


@require_GET
def class_runs(request: SignedInRequest) -> HttpResponse:
    permissions.may_compare(request.user).require()
    choices, asked = _asked(request)
    found = comparison_of(request.user, asked) if asked else None
    context: dict[str, object] = {"choices": choices, "asked": asked, "least": rules.in_force().least}
    if found and asked:
        context |= _of_runs(request, found, asked) | {
            "why_not": words.why_not(found.runs),
            "alone": [(one, found.names.get(one.level, ""), _url(one)) for one in found.runs.alone],
            "alone_sentence": words.alone_sentence(),
            "institutions": [
                (one, found.schools.get(one.level, ""), words.apart_sentence(one, found.schools))
                for one in found.institutions
            ],
            "is_corrected": any(one.corrected is not None or one.alone for one in found.institutions),
            "changes": [(one, found.schools.get(key, ""), words.change_sentence(one)) for key, one in found.changes],
            "before": asked.year - 1,
        }
    return render(request, "evaluations/class_runs_beside.html", context)


def _of_runs(request: SignedInRequest, found: Comparison, asked: Asked) -> dict[str, object]:
    """Of class runs in the order that the address asks for."""
    query = request.GET.copy()
    query.pop("by", None)
    is_plain = request.GET.get("by") == PLAIN and found.runs.mixed is not None
    order = found.runs.plain if is_plain else found.runs.best
    if order is None:
        return {"query": query.urlencode()}
    rows = _rows(found, order)
    tabs = (
        {"label": _("By means corrected for whom they hold"), "url": f"?{query.urlencode()}", "active": not is_plain},
        {"label": _("By shrunken means"), "url": f"?{_with(query, PLAIN)}", "active": is_plain},
    )
    return {
        "runs": order,
        "query": query.urlencode(),
        "mixed": found.runs.mixed,
        "tabs": tabs if found.runs.mixed else (),
        "rows": rows,
        "chart": _chart(rows, _("Class runs of %(year)s") % {"year": asked.year}),
        "ties": [words.tie_sentence(order, group, found.names) for group in order.groups],
        "mix": list(words.mix_sentences(found.runs, found.names)),
    }


def _with(query: object, by: str) -> str:
    copied = query.copy()  # type: ignore[attr-defined]
    copied["by"] = by
    return str(copied.urlencode())


def _url(one: Stood | Alone) -> str:
    return page_about("evaluations:class_run", int(one.level))


def _rows(found: Comparison, order: Beside) -> list[Row]:
    plain, mixed = found.runs.plain, found.runs.mixed
    rows = []
    for one in order.stood:
        own = plain.at(one.level) if plain else None
        assert own is not None  # both orders hold the same class runs
        fair = mixed.at(one.level) if mixed else None
        rows.append(Row(found.names.get(one.level, ""), _url(one), one, own, fair, order.others(one)))
    return rows


@require_GET
def book(request: SignedInRequest) -> HttpResponse:
    """The same figures as Excel."""
    permissions.may_compare(request.user).require()
    _choices, asked = _asked(request)
    found = comparison_of(request.user, asked) if asked else None
    headings = [_("class run"), _("sheets")]
    for mean in (_("raw mean"), _("shrunken mean"), _("corrected for whom it holds")):
        headings += [mean, _("95 % from"), _("to")]
    headings += [_("place from"), _("to"), _("probability of the first"), _("probability of the last")]
    headings += [_("cannot be told apart from so many others"), _("note")]
    return excel(_("Class runs beside each other"), headings, _book_rows(found) if found else [])


def _book_rows(found: Comparison) -> Iterator[list[object]]:
    for row in _rows(found, found.runs.best) if found.runs.best else ():
        one, fair = row.one, row.mixed
        raw = _rounded(one.raw, one.raw_low, one.raw_high)
        plain = _rounded(row.plain.corrected, row.plain.low, row.plain.high)
        mixed = _rounded(fair.corrected, fair.low, fair.high) if fair else [None] * 3
        chances = [round(one.p_top, 2), round(one.p_bottom, 2)]
        yield [row.name, one.n, *raw, *plain, *mixed, one.rank_low, one.rank_high, *chances, row.others, ""]
    for lone in found.runs.alone:
        raw = _rounded(lone.raw, lone.raw_low, lone.raw_high)
        yield [found.names.get(lone.level, ""), lone.n, *raw, *[None] * 11, words.alone_sentence()]


def _rounded(*figures: float | None) -> list[float | None]:
    return [None if one is None else round(one, 1) for one in figures]


def _asked(request: SignedInRequest) -> tuple[Choices, Asked | None]:
    """What the address asks for, or else what is likeliest; nothing where nothing may be shown."""
    form, year, school = (whole_number(request.GET.get(name, "")) for name in ("form", "year", "institution"))
    choices = choices_for(request.user, form)
    if choices.form is None or not choices.years:
        return choices, None
    return choices, Asked(
        choices.form,
        year if year is not None and year in choices.years else choices.years[0],
        school if school in dict(choices.institutions) else None,
    )


def _chart(rows: list[Row], title: str) -> Chart:
    """The caterpillar plot: the highest mean of the order chosen first, its range, and the other means as further points."""
    series: dict[str, list[float | int | None]] = {}
    if rows[0].mixed:
        series[_("corrected for whom it holds")] = [
            round(row.mixed.corrected, 1) if row.mixed else None for row in rows
        ]
    series[_("shrunken mean")] = [round(row.plain.corrected, 1) for row in rows]
    series[_("raw mean")] = [round(row.one.raw, 1) for row in rows]
    return Chart(
        title,
        [row.name for row in rows],
        series,
        kind="interval",
        unit=_("points of 100"),
        links=[row.url for row in rows],
        intervals=[(round(row.one.low, 1), round(row.one.high, 1)) for row in rows],
        interval_label=_("95 % range"),
    )
