"""Exemptions: added with a reason, withdrawn, never deleted."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.obligations import permissions
from zhixing.obligations.actions.standings import ask_refresh
from zhixing.obligations.models import Exemption
from zhixing.obligations.queries.policies import policy_in_force, rule_titles
from zhixing.people.models import Account, Person


@transaction.atomic
def add_exemption(
    person: Person, *, rule: str, from_on: dt.date, to_on: dt.date, reason: str, by: Account
) -> Exemption:
    """Free a person from a rule for some days, both included."""
    permissions.may_exempt(by, person).require()
    if to_on < from_on:
        raise Invalid(_("The exemption ends before it begins."))
    if not reason.strip():
        raise Invalid(_("Say why the person is exempt."))
    if rule not in rule_titles(policy_in_force(timezone.localdate())):
        raise Invalid(_("The policy in force has no such rule."))
    made = Exemption.objects.create(
        person=person,
        rule=rule,
        from_on=from_on,
        to_on=to_on,
        reason=reason.strip(),
        recorded_at=timezone.now(),
        recorded_by_id=by.pk,
    )
    audit.record("obligations.exemption_added", made, by=by, person=person.pk, rule=rule)
    ask_refresh({person.pk}, by=by)
    return made


@transaction.atomic
def withdraw_exemption(exemption: Exemption, *, by: Account) -> None:
    permissions.may_withdraw_exemption(by, exemption).require()
    withdrawn = Exemption.objects.filter(pk=exemption.pk, withdrawn_at=None)
    if not withdrawn.update(withdrawn_at=timezone.now(), withdrawn_by_id=by.pk):
        raise Conflict(_("This exemption has been withdrawn already."))
    audit.record("obligations.exemption_withdrawn", exemption, by=by, person=exemption.person_id)
    ask_refresh({exemption.person_id}, by=by)
