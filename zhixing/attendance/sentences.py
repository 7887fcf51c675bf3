"""What a file of rules of attendance and leave is found to be, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhixing.attendance.rules import Rules


def sound(name: str, rules: Rules) -> str:
    """That nothing is wrong with the file ``name``."""
    rungs = len(rules.ladder)
    text = ngettext(
        "%(name)s: no problems: %(code)s, rules of attendance and leave, %(rungs)s rung",
        "%(name)s: no problems: %(code)s, rules of attendance and leave, %(rungs)s rungs",
        rungs,
    )
    return text % {"name": name, "code": rules.code, "rungs": rungs}


def not_of_hours(name: str) -> str:
    """That the file ``name`` is no policy."""
    text = _("%(name)s: these are rules of attendance and leave, not of hours: check them with `zhixing policy check`")
    return text % {"name": name}
