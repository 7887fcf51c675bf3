"""What two lists come to, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zhixing.base.problems import Text
from zhixing.base.templatetags.pages import number
from zhixing.callups.comparing import Shares, Worth

SIDES = {
    "one": gettext_lazy("only in A"),
    "other": gettext_lazy("only in B"),
    "both": gettext_lazy("in both"),
}


def comparison_answer(shares: Shares) -> str:
    """The first line of the comparison."""
    if shares.is_same:
        return _("Both lists call the same people to the same classes")
    figures = {"one": number(shares.one), "other": number(shares.other), "both": number(shares.both)}
    return _("%(both)s call-ups are in both lists, %(one)s only in A, %(other)s only in B") % figures


def worth_rows(one: Worth, other: Worth) -> list[tuple[Text, str, str, str]]:
    """(what, A, B, which is more) of what the lists come to; what counts against a list stands at the end."""
    rows: list[tuple[Text, int, int]] = [
        (gettext_lazy("seats filled"), one.callups, other.callups),
        (gettext_lazy("people called"), one.people, other.people),
        (gettext_lazy("call-ups of people with overdue hours"), one.overdue, other.overdue),
        (gettext_lazy("call-ups of people behind with hours"), one.behind, other.behind),
        (gettext_lazy("make-ups that find a class"), one.make_ups, other.make_ups),
        (gettext_lazy("call-ups after two years or more without training"), one.long_waits, other.long_waits),
        (gettext_lazy("second and further call-ups of a person"), one.second, other.second),
        (gettext_lazy("call-ups to a theme had within a year"), one.same_theme, other.same_theme),
        (gettext_lazy("call-ups of people trained or called this year"), one.this_year, other.this_year),
        (gettext_lazy("class runs below their fewest seats"), one.short, other.short),
        (gettext_lazy("decided by hand"), one.by_hand, other.by_hand),
    ]
    return [(what, number(a), number(b), _more(a, b)) for what, a, b in rows]


def _more(one: int, other: int) -> str:
    if one == other:
        return _("equally many")
    n = abs(one - other)
    if one > other:
        return ngettext("A has %(n)s more", "A has %(n)s more", n) % {"n": number(n)}
    return ngettext("B has %(n)s more", "B has %(n)s more", n) % {"n": number(n)}
