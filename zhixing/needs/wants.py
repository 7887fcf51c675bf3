"""How people would like to learn: the methods of teaching (教学方式) that a sheet offers."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Text

TOPICS_MOST: Final = 3
METHODS: Final[dict[str, Text]] = {
    "lecture": _("Lecture"),
    "discussion": _("Discussion"),
    "case": _("Case study"),
    "simulation": _("Simulation"),
    "on_site": _("On-site teaching"),
    "interview": _("Interview with those who did it"),
    "project": _("Action learning on a real task"),
    "online": _("Online"),
}
