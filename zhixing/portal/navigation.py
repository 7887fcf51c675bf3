"""The navigation of each role, as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhixing.people.models import Account, Role

DEPARTMENT, SCHOOL, LIAISON, TRAINEE, TEACHER, AUDITOR = (
    Role.DEPARTMENT,
    Role.SCHOOL,
    Role.LIAISON,
    Role.TRAINEE,
    Role.TEACHER,
    Role.AUDITOR,
)


@dataclass(frozen=True)
class Place:
    """One item: its label, the name of its URL, its icon and the roles that see it; not for class heads unless ``heads``."""

    label: str | Promise
    name: str
    icon: str
    roles: tuple[str, ...]
    heads: bool = True

    @cached_property
    def url(self) -> str:
        return reverse(self.name)


@dataclass(frozen=True)
class Section:
    label: str | Promise
    places: tuple[Place, ...]


EVERYONE = tuple(Role.values)
OFFICERS = (DEPARTMENT, AUDITOR)
SECTIONS = (
    Section(
        _("Desk"),
        (
            Place(_("Home"), "portal:home", "home", EVERYONE),
            Place(_("My call-ups"), "callups:mine", "send", (TRAINEE,)),
            Place(_("My attendance"), "attendance:mine", "calendar-check", (TRAINEE,)),
            Place(_("My hours"), "obligations:mine", "progress-check", (TRAINEE,)),
            Place(_("My record"), "archive:mine", "archive", (TRAINEE,)),
            Place(_("My sessions"), "timetables:mine", "chalkboard", (TEACHER,)),
            Place(_("My invitations"), "evaluations:my_invitations", "message-report", (TEACHER,)),
            Place(_("My questionnaires"), "evaluations:mine", "clipboard-check", (TRAINEE, TEACHER, SCHOOL, LIAISON)),
            Place(_("What I need for my work"), "needs:mine", "progress-check", (TRAINEE, LIAISON)),
            Place(_("Replies"), "callups:replies", "inbox", (*OFFICERS, LIAISON)),
        ),
    ),
    Section(
        _("People and hours"),
        (
            Place(_("People"), "people:persons", "users", (*OFFICERS, LIAISON)),
            Place(_("Units"), "people:units", "hierarchy-2", (*OFFICERS, LIAISON)),
            Place(_("Roster imports"), "people:imports", "file-import", OFFICERS),
            Place(_("Standings"), "obligations:standings", "progress-check", (*OFFICERS, LIAISON)),
            Place(_("Training records"), "archive:records", "archive", (*OFFICERS, LIAISON)),
            Place(_("Promotion checks"), "archive:checks", "user-check", (DEPARTMENT,)),
            Place(_("Extracts"), "archive:extracts", "table-export", (DEPARTMENT,)),
            Place(_("Outside training"), "obligations:external", "certificate", (*OFFICERS, LIAISON)),
            Place(_("Exemptions"), "obligations:exemptions", "circle-minus", OFFICERS),
            Place(_("Appeals about hours"), "obligations:entry_appeals", "scale", (*OFFICERS, LIAISON)),
            Place(_("Policies"), "obligations:policies", "gavel", OFFICERS),
        ),
    ),
    Section(
        _("Classes"),
        (
            Place(_("Annual plans"), "plans:plans", "clipboard-list", (*OFFICERS, SCHOOL, LIAISON), heads=False),
            Place(_("Programmes"), "plans:programmes", "list-details", (*OFFICERS, SCHOOL), heads=False),
            Place(_("Class runs"), "plans:class_runs", "calendar-stats", (*OFFICERS, SCHOOL, LIAISON, TEACHER)),
            Place(_("Resource banks"), "resources:banks", "database", (*OFFICERS, SCHOOL, TEACHER)),
            Place(_("Teachers"), "resources:teachers", "chalkboard", (*OFFICERS, SCHOOL)),
            Place(_("Coverage map"), "resources:coverage", "layout-dashboard", (*OFFICERS, SCHOOL)),
            Place(_("Materials"), "classwork:materials", "book", (*OFFICERS, SCHOOL)),
            Place(_("Foresight"), "portal:foresight", "chart-line", (*OFFICERS, LIAISON)),
            Place(_("Call-up runs"), "callups:runs", "target-arrow", OFFICERS),
            Place(_("What the units carry"), "callups:burden", "scale", (*OFFICERS, LIAISON)),
            Place(_("Busy times"), "callups:busy", "calendar-off", (*OFFICERS, LIAISON)),
            Place(_("Called by others"), "callups:outside", "building-bank", (*OFFICERS, LIAISON)),
            Place(_("Make-ups"), "callups:make_ups", "refresh", (*OFFICERS, LIAISON)),
            Place(_("Registers"), "attendance:registers", "checklist", (*OFFICERS, SCHOOL, TEACHER)),
            Place(_("Leave"), "attendance:leaves", "clipboard-check", (*OFFICERS, SCHOOL)),
            Place(_("Withdrawals"), "attendance:withdrawals", "user-minus", (*OFFICERS, SCHOOL)),
            Place(_("Appeals"), "attendance:appeals", "scale", (*OFFICERS, SCHOOL)),
        ),
    ),
    Section(
        _("Needs"),
        (
            Place(_("Needs board"), "needs:board", "chart-dots", (*OFFICERS, LIAISON)),
            Place(_("Problems of work"), "needs:problems", "message-report", (*OFFICERS, LIAISON)),
            Place(_("Needs surveys"), "needs:surveys", "clipboard-check", (*OFFICERS, LIAISON)),
            Place(_("Priorities of the authority"), "needs:priorities", "target-arrow", OFFICERS),
            Place(_("Competency frameworks"), "needs:frameworks", "sitemap", (*OFFICERS, SCHOOL, LIAISON), heads=False),
            Place(_("Evidence of needs"), "needs:evidence", "list-check", OFFICERS),
        ),
    ),
    Section(
        _("Evaluation"),
        (
            Place(_("Diagnosis"), "portal:diagnosis", "chart-dots", (*OFFICERS, SCHOOL), heads=False),
            Place(_("Evaluation board"), "evaluations:board", "layout-dashboard", (*OFFICERS, SCHOOL)),
            Place(_("Evaluations compared"), "evaluations:class_runs_beside", "chart-dots", (*OFFICERS, SCHOOL)),
            Place(_("Mild and strict raters"), "evaluations:severity", "scale", (DEPARTMENT,)),
            Place(_("Assessments"), "evaluations:assessments", "report-analytics", (*OFFICERS, SCHOOL)),
            Place(_("Improvements"), "evaluations:improvements", "list-check", (*OFFICERS, SCHOOL), heads=False),
            Place(_("Courses to keep"), "evaluations:courses", "book", (*OFFICERS, SCHOOL)),
            Place(_("Invitations"), "evaluations:invitations", "user-check", (*OFFICERS, SCHOOL), heads=False),
            Place(
                _("Appeals against decisions"),
                "evaluations:appeals",
                "scale",
                (*OFFICERS, SCHOOL, TEACHER),
                heads=False,
            ),
            Place(_("Studies of effects"), "evaluations:studies", "chart-dots", OFFICERS),
            Place(_("Indicator systems"), "evaluations:systems", "sitemap", (*OFFICERS, SCHOOL)),
            Place(_("Surveys"), "evaluations:surveys", "message-report", (*OFFICERS, SCHOOL, TEACHER)),
            Place(_("Forms"), "evaluations:forms", "checklist", OFFICERS),
            Place(_("Launch rules"), "evaluations:rules", "clock", OFFICERS),
        ),
    ),
    Section(
        _("Installation"),
        (
            Place(_("Accounts"), "people:accounts", "user-cog", OFFICERS),
            Place(_("Audit trail"), "portal:trail", "history", OFFICERS),
            Place(_("Long work"), "base:jobs", "clock", (DEPARTMENT, SCHOOL, LIAISON)),
        ),
    ),
)
PLACES = {place.name: place for section in SECTIONS for place in section.places}
FURTHER = (Place(_("Vocabulary of topics"), "resources:topics", "list-check", (*OFFICERS, SCHOOL, TEACHER)),)
"""Pages that lie below another place: not in the navigation, but led to by name."""
PHONE_BAR = ("portal:home", "callups:mine", "attendance:mine", "obligations:mine", "archive:mine")


def navigation_for(user: Account, path: str) -> list[dict[str, Any]]:
    """Sections with the items that ``user`` may open; the item of the current page is ``active``."""
    shown = [(section, [place for place in section.places if _may_open(user, place)]) for section in SECTIONS]
    here = _here([place for _section, places in shown for place in places], path)
    return [
        {"label": section.label, "items": [_item(place, here) for place in places]}
        for section, places in shown
        if places
    ]


def _may_open(user: Account, place: Place) -> bool:
    return user.role in place.roles and (place.heads or not user.is_class_head)


def place_for(user: Account, name: str) -> Place | None:
    """The place of this name, when ``user`` may open it."""
    place = PLACES.get(name) or next((one for one in FURTHER if one.name == name), None)
    return place if place is not None and _may_open(user, place) else None


def phone_bar_for(user: Account, path: str) -> list[dict[str, Any]]:
    """The shortcuts at the foot of a trainee's phone; other roles have none."""
    if not user.is_trainee:
        return []
    shown = [PLACES[name] for name in PHONE_BAR]
    return [_item(place, _here(shown, path)) for place in shown]


def _here(places: list[Place], path: str) -> Place | None:
    """The place that ``path`` lies in, the innermost where one holds another: units lie in people."""
    holding = [p for p in places if (path == p.url if p.url == "/" else path.startswith(p.url))]
    return max(holding, key=lambda place: len(place.url), default=None)


def _item(place: Place, here: Place | None) -> dict[str, Any]:
    return {"label": place.label, "url": place.url, "icon": place.icon, "active": place is here}
