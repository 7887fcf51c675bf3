"""Who may open a training record: whoever sees the person, and the person. Every opening by somebody else is kept and shown to the person.

Extracts and promotion checks are the department's: they gather many records at once.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.people.models import Account


def may_list_records(user: Account) -> Verdict:
    if user.is_department or user.is_auditor or user.is_liaison:
        return YES
    return no(_("Only the department, the auditor and unit liaisons look through training records."))


def may_extract(user: Account) -> Verdict:
    """Ask for a statutory extract or the yearly statistics of the own scope, and take the file."""
    if user.is_department and user.scope_unit_id:
        return YES
    return no(_("Only the department takes extracts of the training records."))


def may_check_promotion(user: Account) -> Verdict:
    """Hold the training of named people against what they owed; for those who prepare a decision about them."""
    if user.is_department and user.scope_unit_id:
        return YES
    return no(_("Only the department checks the training of people before a promotion."))
