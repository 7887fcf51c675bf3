"""Exemptions (减免): days on which somebody does not owe a rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.obligations import permissions
from zhixing.obligations.actions.standings import enqueue_refresh
from zhixing.obligations.models import Exemption
from zhixing.obligations.queries.policies import policy_in_force, rule_titles
from zhixing.people.models import Account, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExemption:
    """From ``from_on`` to ``to_on``, both included, ``person`` does not owe the rule of code ``rule``."""

    person: Person
    rule: str
    from_on: dt.date
    to_on: dt.date
    reason: str


@transaction.atomic
def add_exemption(new: NewExemption, by: Account) -> Exemption:
    """Raises ``Invalid`` for days in the wrong order, a rule that the policy in force does not know, or no reason."""
    permissions.may_exempt(by, new.person).require()
    if new.to_on < new.from_on:
        raise Invalid(_("The last day lies before the first."))
    if new.rule not in rule_titles(policy_in_force(timezone.localdate())):
        raise Invalid(_("The policy in force has no rule “%(rule)s”.") % {"rule": new.rule})
    reason = written(new.reason, Exemption.reason.field, missing=_("Say why the person is exempt."))
    exemption = Exemption.objects.create(
        person=new.person,
        rule=new.rule,
        from_on=new.from_on,
        to_on=new.to_on,
        reason=reason,
        recorded_at=timezone.now(),
        recorded_by_id=by.pk,
    )
    audit.record(
        "obligations.exempted",
        exemption,
        by=by,
        person=new.person.pk,
        rule=new.rule,
        from_on=new.from_on,
        to_on=new.to_on,
    )
    enqueue_refresh([new.person.pk], by=by)
    return exemption


@transaction.atomic
def withdraw_exemption(exemption: Exemption, by: Account) -> None:
    """From now on it does not count; what was known before stays known. Raises ``Conflict`` when it is withdrawn already."""
    permissions.may_withdraw_exemption(by, exemption).require()
    if not Exemption.objects.filter(pk=exemption.pk, withdrawn_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by_id=by.pk
    ):
        raise Conflict(_("Someone else withdrew this exemption a moment ago."))
    audit.record("obligations.exemption_withdrawn", exemption, by=by, person=exemption.person_id, rule=exemption.rule)
    enqueue_refresh([exemption.person_id], by=by)


def move_exemption(exemption: Exemption, target: Person, by: Account) -> bool:
    """Withdraw it and let ``target`` have the same days, whatever the policy of today calls its rule; False where ``target`` has them already."""
    withdraw_exemption(exemption, by)
    same = {"rule": exemption.rule, "from_on": exemption.from_on, "to_on": exemption.to_on}
    if target.exemptions.filter(**same, withdrawn_at=None).exists():
        return False
    made = Exemption.objects.create(
        person=target, **same, reason=exemption.reason, recorded_at=timezone.now(), recorded_by_id=by.pk
    )
    audit.record("obligations.exempted", made, by=by, person=target.pk, moved_from=exemption.pk, **same)
    enqueue_refresh([target.pk], by=by)
    return True
