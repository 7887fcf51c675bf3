"""The diagnosis on one page, and the rows behind each index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.asked import whole_number
from zhixing.base.charts import Chart
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import hours
from zhixing.people.models import Account
from zhixing.people.views.request import SignedInRequest
from zhixing.plans import queries as plans
from zhixing.plans.models import ClassRun
from zhixing.portal.diagnosis import CODES, Diagnosis, Scope, diagnose
from zhixing.portal.diagnosis.dials import dial_of
from zhixing.portal.diagnosis.indices import CONTENT, METHODS, RELEVANCE, STAFFING
from zhixing.portal.diagnosis.telling import WORDS, doors_of, hundred, notes_of, sentence_of
from zhixing.resources.models import Method, Teacher

YEAR_FIRST, YEAR_LAST = 2000, 2100
Rows = Mapping[int, Mapping[str, Any]]


def _refuse_others(user: Account) -> None:
    """Department and auditor look at their subtree, an institution at itself; a class head at nothing of the whole."""
    if not (user.is_department or user.is_auditor or user.is_school) or user.is_class_head:
        raise NotFound


def _years(request: SignedInRequest) -> tuple[int, list[int]]:
    """The year asked for, else the latest that has begun; and all that have class runs."""
    today = timezone.localdate().year
    years = plans.years(request.user) or [today]
    asked = whole_number(request.GET.get("year", ""))
    begun = [year for year in years if year <= today]
    return (asked if asked in years else (begun or years)[0]), years


@require_GET
def diagnosis(request: SignedInRequest) -> HttpResponse:
    _refuse_others(request.user)
    year, years = _years(request)
    found = diagnose(Scope(request.user), year, timezone.localdate())
    problems = [
        {
            "code": one.code,
            "words": WORDS[one.code],
            "value": hundred(one.index.value),
            "dial": dial_of(one.index, one.before.value),
            "sentence": sentence_of(one),
            "notes": notes_of(one),
            "rows_url": reverse("portal:diagnosis_rows", args=[year, one.code]),
            "has_rows": bool(one.rows),
            "doors": doors_of(request.user, one.code),
        }
        for one in found.problems
    ]
    known = sum(one.index.value is not None for one in found.problems)
    context = {"found": found, "problems": problems, "years": years, "known": known, "chart": _trend(found)}
    return render(request, "portal/diagnosis.html", context)


def _trend(found: Diagnosis) -> Chart | None:
    """One line for each index, from the first year of which something is known; nothing where that is a single one."""
    told = [year for one in found.problems for year, index in one.trend if index.value is not None]
    years = range(min(told, default=found.year), found.year + 1)
    lines = {
        str(WORDS[one.code].index): [
            None if index.value is None else round(100 * index.value, 1) for year, index in one.trend if year in years
        ]
        for one in found.problems
    }
    return Chart(_("Over the years"), [str(year) for year in years], lines, kind="line") if len(set(told)) > 1 else None


@require_GET
def diagnosis_rows(request: SignedInRequest, year: int, code: str) -> HttpResponse:
    """What stands behind one index: class runs, or of staffing the teachers by name."""
    _refuse_others(request.user)
    if code not in CODES or not YEAR_FIRST <= year <= YEAR_LAST:
        raise NotFound
    problem = diagnose(Scope(request.user), year, timezone.localdate()).problem(code)
    kind: Any = Teacher if code == STAFFING else ClassRun
    found: QuerySet[Any] = kind.objects.filter(pk__in=list(problem.rows))
    found = found.select_related("institution")
    listing = Listing(
        request,
        found,
        COLUMNS[code](problem.rows),
        name=f"diagnosis-{code}",
        label=_("Rows behind the index"),
        search=("name", "topics") if code == STAFFING else ("name", "code", "theme", "institution__name"),
        search_label=_("Name or topic") if code == STAFFING else _("Name, code, theme or institution"),
        filters=(Filter("group", _("teacher group"), Teacher.Group.choices),) if code == STAFFING else (),
        export=excel,
        empty=Empty(_("No rows"), str(WORDS[code].nothing)),
    )
    context = {
        "words": WORDS[code],
        "problem": problem,
        "year": year,
        "value": hundred(problem.index.value),
        "sentence": sentence_of(problem),
        "doors": doors_of(request.user, code),
    }
    return listing.response("portal/diagnosis_rows.html", context)


def _class_run() -> list[Column]:
    return [
        Column("code", _("code"), sort="code"),
        Column("name", _("class run"), sort="name", link=lambda c: page_about("plans:class_run", c.pk)),
        Column("institution", _("training institution"), sort="institution__path"),
        Column("starts_on", _("starts on"), sort="starts_on"),
    ]


def _share(rows: Rows, name: str, label: str) -> Column:
    def value(row: Any) -> int | None:
        found = rows[row.pk].get(name)
        return None if found is None else round(100 * found)

    return Column(name, label, numeric=True, value=value)


def _tenths(rows: Rows, name: str, label: str) -> Column:
    return Column(
        name,
        label,
        numeric=True,
        value=lambda row: rows[row.pk][name] / 10,
        show=lambda row: hours(rows[row.pk][name]),
    )


def _plain(rows: Rows, name: str, label: str) -> Column:
    return Column(name, label, numeric=True, value=lambda row: rows[row.pk].get(name))


def _method_columns(rows: Rows) -> list[Column]:
    def mix(row: Any) -> str:
        return "、".join(f"{Method(one).label} {hours(tenths)}" for one, tenths in rows[row.pk]["methods"].items())

    return [
        *_class_run(),
        _tenths(rows, "tenths", _("hours")),
        Column("mix", _("hours by method"), value=mix, long=True),
        _share(rows, "index", _("diversity (of 100)")),
    ]


def _content_columns(rows: Rows) -> list[Column]:
    return [
        *_class_run(),
        Column("theme", _("theme"), sort="theme"),
        _tenths(rows, "tenths", _("hours")),
        _tenths(rows, "by_link", _("traced by link")),
        _tenths(rows, "by_plan", _("by plan")),
        _tenths(rows, "by_course", _("by course")),
        _tenths(rows, "by_title", _("by title")),
        _tenths(rows, "by_theme", _("by theme")),
        _share(rows, "index", _("traced (%)")),
    ]


def _staffing_columns(rows: Rows) -> list[Column]:
    """By name: this is no ranking."""
    return [
        Column("name", _("Name"), sort="name", link=lambda t: page_about("resources:teacher", t.pk)),
        Column("get_group_display", _("teacher group"), sort="group"),
        Column("topics", _("topics"), long=True),
        _plain(rows, "class_runs", _("number of class runs")),
        _tenths(rows, "tenths", _("hours taught")),
        _share(rows, "index", _("share of the hours (%)")),
    ]


def _relevance_columns(rows: Rows) -> list[Column]:
    def gain(row: Any) -> str:
        found = rows[row.pk]
        if "gain" not in found:
            return _("not measured")
        return f"{found['gain']:+.1f} ({found['gain_lower']:+.1f} – {found['gain_upper']:+.1f})"

    return [
        *_class_run(),
        _plain(rows, "called", _("people called")),
        _share(rows, "owed", _("owed before (%)")),
        _share(rows, "index", _("match (of 100)")),
        Column("gain", _("gain between two tests"), value=gain),
    ]


COLUMNS = {
    METHODS: _method_columns,
    CONTENT: _content_columns,
    STAFFING: _staffing_columns,
    RELEVANCE: _relevance_columns,
}
