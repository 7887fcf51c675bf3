"""Reading accounts."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from zhixing.base import jobs
from zhixing.base.models import Job, StoredFile
from zhixing.base.problems import NotFound
from zhixing.people.models import Account, Role, Unit


def accounts_for(user: Account) -> QuerySet[Account]:
    """The accounts of the user's subtree."""
    visible: QuerySet[Account] = Account.objects.visible_to(user)
    return visible.select_related("scope_unit", "person", "person__unit")


def account_for(user: Account, pk: int) -> Account:
    """One account in scope; raises ``NotFound``."""
    account = accounts_for(user).filter(pk=pk).first()
    if account is None:
        raise NotFound
    return account


def has_second_step(account: Account) -> bool:
    return bool(Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists())


def without_liaison(unit: Unit) -> QuerySet[Unit]:
    """Open units at or below ``unit`` for which nobody is liaison."""
    liaison = Account.objects.filter(role=Role.LIAISON, scope_unit=OuterRef("pk"), is_active=True)
    return Unit.objects.within(unit).filter(~Exists(liaison), closed_on=None).order_by("path")


def slips_of(user: Account, job_id: str) -> tuple[Job, StoredFile | None]:
    """The job of a bulk that ``user`` ordered, and its sheet while it waits to be fetched; raises ``NotFound`` for others."""
    job = jobs.seen_by(user, job_id)
    if job.kind != "people.open_accounts" or job.owner_id != user.pk:
        raise NotFound
    return job, StoredFile.objects.filter(pk=job.result.get("slips"), kind="slips").first()
