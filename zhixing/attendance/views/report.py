"""Attendance across class runs. Class runs are compared, persons never (H2)."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from zhixing.attendance import permissions, queries
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.people.views.request import SignedInRequest

COLUMNS = (
    Column("code", gettext_lazy("code"), sort="code"),
    Column(
        "name",
        gettext_lazy("class run"),
        sort="name",
        link=lambda run: reverse("attendance:class_run", args=[run.pk]),
    ),
    Column("starts_on", gettext_lazy("starts on"), sort="starts_on"),
    Column("registers", gettext_lazy("registers"), sort="registers", numeric=True),
    Column("closed", pgettext_lazy("register", "closed"), sort="closed", numeric=True),
    Column("there", gettext_lazy("there"), sort="there", numeric=True),
    Column("late", gettext_lazy("late"), sort="late", numeric=True),
    Column("left_early", gettext_lazy("left early"), sort="left_early", numeric=True),
    Column("on_leave", gettext_lazy("on leave"), sort="on_leave", numeric=True),
    Column("absent", gettext_lazy("absent"), sort="absent", numeric=True),
    Column(
        "rate", gettext_lazy("attendance rate (%)"), sort="rate", numeric=True, value=lambda run: round(run.rate, 1)
    ),
)


@require_GET
def report(request: SignedInRequest) -> HttpResponse:
    permissions.may_read_report(request.user).require()
    rows = queries.attendance_by_class_run(request.user)
    years = queries.years_of_report(request.user)
    listing = Listing(
        request,
        rows,
        COLUMNS,
        name="attendance",
        label=_("Attendance by class run"),
        search=("name", "code"),
        search_label=_("Name or code"),
        filters=(Filter("year", _("year"), [(str(year), str(year)) for year in years]),),
        export=excel,
        empty=Empty(_("No register has been closed yet"), icon="chart-bar"),
    )
    return listing.response("attendance/report.html", {"total": queries.attendance_in_all(request.user)})
