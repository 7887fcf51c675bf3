"""Class runs beside each other (评价比较): raw and corrected, with what is not known; institutions; and one year beside another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET

from zhixing.base.asked import whole_number
from zhixing.base.charts import Chart
from zhixing.base.exports import excel
from zhixing.base.markup import page_about
from zhixing.evaluations import permissions, rules
from zhixing.evaluations.comparing_words import why_not
from zhixing.evaluations.queries.comparing import (
    Asked,
    Choices,
    Compared,
    Comparison,
    Held,
    Stood,
    YearChange,
    choices_for,
    comparison_of,
)
from zhixing.people.views.request import SignedInRequest

NAMES_MOST = 4
"""Of a tie group so many are named; the rest is in the table."""


@require_GET
def class_runs(request: SignedInRequest) -> HttpResponse:
    permissions.may_compare(request.user).require()
    choices, asked = _asked(request)
    found = comparison_of(request.user, asked) if asked else None
    context: dict[str, object] = {
        "choices": choices,
        "asked": asked,
        "least": rules.in_force().least,
        "query": request.GET.urlencode(),
    }
    if found and asked:
        context |= {
            "runs": found.runs,
            "why_not": why_not(found.runs),
            "chart": chart_of(found.runs, str(_("Class runs of %(year)s") % {"year": asked.year})),
            "rows": [(one, page_about("evaluations:class_run", one.key)) for one in found.runs.stood],
            "ties": [tie_sentence(found.runs, group) for group in found.runs.groups],
            "institutions": [(one, apart_sentence(one)) for one in found.institutions],
            "changes": [(one, change_sentence(one)) for one in found.changes],
            "before": asked.year - 1,
        }
    return render(request, "evaluations/class_runs_beside.html", context)


@require_GET
def book(request: SignedInRequest) -> HttpResponse:
    """The same figures as Excel."""
    permissions.may_compare(request.user).require()
    _choices, asked = _asked(request)
    found = comparison_of(request.user, asked) if asked else None
    headings = [_("class run"), _("sheets"), _("raw mean"), _("corrected mean"), _("95 % from"), _("to")]
    headings += [_("place from"), _("to"), _("probability of the first"), _("probability of the last")]
    headings += [_("cannot be told apart from so many others")]
    return excel(_("Class runs beside each other"), headings, _rows(found) if found else [])


def _rows(found: Comparison) -> Iterator[list[object]]:
    for one in found.runs.stood:
        means = [round(value, 1) for value in (one.raw, one.corrected, one.low, one.high)]
        chances = [round(one.p_top, 2), round(one.p_bottom, 2)]
        yield [one.name, one.n, *means, one.rank_low, one.rank_high, *chances, one.others]


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


def chart_of(found: Compared, title: str) -> Chart | None:
    """The caterpillar plot: the highest corrected mean first."""
    if not found.stood:
        return None
    return Chart(
        title,
        [one.name for one in found.stood],
        {
            _("corrected mean"): [round(one.corrected, 1) for one in found.stood],
            _("raw mean"): [round(one.raw, 1) for one in found.stood],
        },
        kind="interval",
        unit=_("points of 100"),
        links=[page_about("evaluations:class_run", one.key) for one in found.stood],
        intervals=[(round(one.low, 1), round(one.high, 1)) for one in found.stood],
        interval_label=_("95 % range"),
    )


def tie_sentence(found: Compared, group: Sequence[Stood]) -> str:
    """Who cannot be told apart from whom; or that one can be told from all others."""
    if len(group) == 1:
        return _("%(name)s can be told from all others.") % {"name": group[0].name}
    if len(group) == len(found.stood):
        return _("None of them can be told from any other: their order is no more than chance could make.")
    names = pgettext("between names", ", ").join(one.name for one in group[:NAMES_MOST])
    more = len(group) - NAMES_MOST
    if more <= 0:
        return _("Cannot be told apart: %(names)s.") % {"names": names}
    return ngettext(
        "Cannot be told apart: %(names)s, and %(more)s more.",
        "Cannot be told apart: %(names)s, and %(more)s more.",
        more,
    ) % {"names": names, "more": more}


def apart_sentence(one: Held) -> str:
    if one.low is None and one.runs > 1:
        return _("All sheets say the same: there is nothing to reckon a range from.")
    if one.low is None:
        return _("One class run tells nothing of its institution.")
    if not one.apart:
        return _("Cannot be told from any other.")
    return _("Can be told from: %(names)s.") % {"names": pgettext("between names", ", ").join(one.apart)}


def change_sentence(one: YearChange) -> str:
    if one.confounded:
        return _("The form changed with the year: nobody can say whether the class runs did.")
    if not one.is_told or one.more is None:
        return _("The two years cannot be told apart.")
    return _("Better than the year before.") if one.more > 0 else _("Worse than the year before.")
