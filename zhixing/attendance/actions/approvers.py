"""Naming the class head and others of the ladder for one class run."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from zhixing.attendance import permissions
from zhixing.attendance.models import NamedApprover
from zhixing.attendance.queries.approvers import nameable, named_on, staff_of
from zhixing.base import audit
from zhixing.base.problems import Invalid
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

Named = Mapping[str, tuple[Account | None, Account | None]]


@transaction.atomic
def name_approvers(class_run: ClassRun, named: Named, *, by: Account) -> int:
    """Replace who is named: code of the approver → account and deputy; without an account any staff decides. Returns how many are named."""
    permissions.may_name_approvers(by, class_run).require()
    ClassRun.objects.select_for_update(of=("self",)).get(pk=class_run.pk)
    _check(class_run, named)
    before = {code: one.account_id for code, one in named_on(class_run).items()}
    NamedApprover.objects.filter(class_run=class_run).delete()
    rows = NamedApprover.objects.bulk_create(
        NamedApprover(class_run=class_run, approver=code, account=account, deputy=deputy)
        for code, (account, deputy) in named.items()
        if account is not None
    )
    after = {one.approver: [one.account_id, one.deputy_id] for one in rows}
    audit.record("attendance.approvers_named", class_run, by=by, before=before, after=after)
    return len(rows)


def _check(class_run: ClassRun, named: Named) -> None:
    if unknown := set(named) - {one.code for one in nameable()}:
        raise ValueError(f"no approver of the institution: {sorted(unknown)}")
    staff = set(staff_of(class_run).values_list("pk", flat=True))
    for account, deputy in named.values():
        if any(one is not None and one.pk not in staff for one in (account, deputy)):
            raise Invalid(_("Only staff of the institution that holds the class run can be named."))
        if deputy is not None and account in (None, deputy):
            raise Invalid(_("A deputy stands in for somebody else: name that person first."))
