"""The working days of this installation, from ``policies/holidays.toml``, and what is wrong with such a file, in words."""

from __future__ import annotations

from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.policy_files import policy_file
from zhixing.base.problems import Invalid
from zhixing.engine.workdays import Fault, Workdays, WorkdaysError, WorkdaysFault, parse

WORDS = {
    Fault.NOT_TOML: gettext_lazy("this is no TOML: %(value)s"),
    Fault.BAD_YEAR: gettext_lazy("“%(value)s” is no year; each table is called by its year, such as [2026]"),
    Fault.NO_SOURCE: gettext_lazy("say in source which paper states it"),
    Fault.NO_HOLIDAYS: gettext_lazy("the year lists no holidays"),
    Fault.UNKNOWN_KEY: gettext_lazy("“%(value)s” is not known here"),
    Fault.NO_NAME: gettext_lazy("the holiday has no name"),
    Fault.BAD_SPAN: gettext_lazy("off is the first and the last day, at most 15 days: %(value)s"),
    Fault.BAD_DATE: gettext_lazy("“%(value)s” is no date; write 2026-10-01 without quotation marks"),
    Fault.OTHER_YEAR: gettext_lazy("%(value)s lies far from the year"),
    Fault.NO_WEEKEND: gettext_lazy("%(value)s is no weekend day: only such days are worked instead"),
    Fault.OFF_AND_WORKED: gettext_lazy("%(value)s is both off and worked"),
}


def said(one: WorkdaysFault) -> str:
    return f"{one.where}: {WORDS[one.fault] % {'value': one.value}}".removeprefix(": ")


def sound(name: str, found: Workdays) -> str:
    """That nothing is wrong with the file ``name``."""
    years = "、".join(map(str, sorted(found.years)))
    words = {"name": name, "years": years, "off": len(found.off), "worked": len(found.worked)}
    return _("%(name)s: no problems: %(years)s, %(off)s days off, %(worked)s weekend days worked") % words


def unstated(year: int) -> str:
    """That the holidays of ``year`` are not known; nothing where they are."""
    if year in in_force().years:
        return ""
    words = {"year": year}
    return _("No public holidays of %(year)s are stated yet: only weekends count as days off.") % words


@cache
def in_force() -> Workdays:
    """Read once. Raises ``Invalid`` with every fault of the file."""
    try:
        return parse(policy_file("holidays.toml").read_text(encoding="utf-8"))
    except WorkdaysError as error:
        raise Invalid(_("policies/holidays.toml cannot be read: ") + "; ".join(map(said, error.faults))) from error
