"""What is wrong with the needs, programmes and institutions of a plan, as an officer reads it: by their names, money in yuan, and where to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.engine.plan.faults import Fault, PlanFault
from zhixing.plans.money import money
from zhixing.plans.proposal_words import FAULTS

TABLES: Final = {
    "institutions": gettext_lazy("The institution “%(title)s”"),
    "programmes": gettext_lazy("The programme “%(title)s”"),
    "needs": gettext_lazy("The need “%(title)s”"),
}
FIELDS: Final = {
    "rate_cents": gettext_lazy("rate per person and day (yuan)"),
    "person_day_cents": gettext_lazy("money per person and day (yuan)"),
    "run_cents": gettext_lazy("money per run (yuan)"),
    "methods": gettext_lazy("hours by method"),
    "hours": gettext_lazy("hours by content block"),
    "leader_tenths": gettext_lazy("hours taught by leading cadres"),
    "teacher_days": gettext_lazy("teacher days by topic"),
    "capacities": gettext_lazy("what it has room for"),
}
MEND: Final = {
    "institutions": gettext_lazy("Mend it under “What institutions have room for”."),
    "programmes": gettext_lazy("Mend it under “Programmes”."),
    "needs": gettext_lazy("Reckon the needs anew."),
}
MONEY: Final = {
    Fault.MONEY_IN_YUAN: gettext_lazy("%(money)s for a person and day is too little: at least 10 yuan, or nothing"),
    Fault.MONEY_ABSURD: gettext_lazy("%(money)s is more than can be: type yuan"),
    Fault.MONEY_NEGATIVE: gettext_lazy("%(money)s is below zero"),
}


def told_faults(faults: Iterable[PlanFault]) -> str:
    """Sentences without the places of the document that the engine read."""
    return " ".join(dict.fromkeys(_told(one).strip() for one in faults))


def _told(one: PlanFault) -> str:
    table, _dot, rest = one.place.partition(".")
    table = table.partition("[")[0]
    field = FIELDS.get(rest.partition(".")[0].partition("[")[0])
    about = str(TABLES[table]) % {"title": one.title} if table in TABLES and one.title else ""
    words = {"about": about, "field": field, "what": _what(one), "mend": MEND.get(table, "")}
    if about and field:
        return _("%(about)s, %(field)s: %(what)s. %(mend)s") % words
    return (_("%(about)s: %(what)s. %(mend)s") if about else _("%(what)s. %(mend)s")) % words


def _what(one: PlanFault) -> str:
    if one.fault in MONEY and one.value.lstrip("-").isdecimal():
        return str(MONEY[one.fault]) % {"money": money(int(one.value))}
    if one.fault is Fault.HOURS_DIFFER:
        return _("the hours do not add up to those of the run")
    return str(FAULTS[one.fault]).format(value=one.value, known=one.known)
