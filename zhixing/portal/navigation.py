"""The navigation of each role, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    """One item: its label, the name of its URL, its icon and the roles that see it."""

    label: str | Promise
    name: str
    icon: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    label: str | Promise
    places: tuple[Place, ...]
    items: list[dict[str, Any]] = field(default_factory=list)


EVERYONE = tuple(Role.values)
SECTIONS = (Section(_("Desk"), (Place(_("Home"), "portal:home", "home", EVERYONE),)),)


def navigation_for(user: Account, path: str) -> list[dict[str, Any]]:
    """Sections with the items that ``user`` may open; the item of the current page is ``active``."""
    shown = []
    for section in SECTIONS:
        items = [_item(place, path) for place in section.places if user.role in place.roles]
        if items:
            shown.append({"label": section.label, "items": items})
    return shown


def _item(place: Place, path: str) -> dict[str, Any]:
    url = reverse(place.name)
    active = path == url if url == "/" else path.startswith(url)
    return {"label": place.label, "url": url, "icon": place.icon, "active": active}
