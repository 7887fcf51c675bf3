"""What units carry against their share, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from zhixing.base.problems import Text

NOTABLE = 25
"""A burden nearer to the share than a quarter of it is about the share."""
MORE, LESS, KEPT = "more", "less", "kept"

UNIT_CARRIED: Mapping[str, Text] = {
    MORE: gettext_lazy("the unit carried more than its share"),
    LESS: gettext_lazy("the unit carried less than its share"),
}
"""For the reasons of a person: what is worth a word."""
_KEPT: Mapping[str, Text] = {
    MORE: gettext_lazy("more than its share"),
    LESS: gettext_lazy("less than its share"),
    KEPT: gettext_lazy("about its share"),
}


def standing_of(load: int) -> str:
    """``MORE``, ``LESS`` or ``KEPT`` of a load in hundredths of the share."""
    return KEPT if abs(load) < NOTABLE else MORE if load > 0 else LESS


def share_kept(load: int) -> str:
    return str(_KEPT[standing_of(load)])
