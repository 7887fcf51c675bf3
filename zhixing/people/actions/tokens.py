"""Making, revoking and honouring the tokens of programs."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid, NotFound
from zhixing.people import permissions
from zhixing.people.models import Account, ApiToken

PREFIX = "zx_"
LIFE_MAX = dt.timedelta(days=366)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def create_token(name: str, *, expires_on: dt.date, by: Account) -> tuple[ApiToken, str]:
    """A token for the own account; the second value is shown once. At most a year long."""
    permissions.may_hold_token(by).require()
    today = timezone.localdate()
    if not today < expires_on <= today + LIFE_MAX:
        raise Invalid(_("A token lives from one day to one year."))
    token = PREFIX + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(account=by, name=name.strip(), digest=digest_of(token), expires_on=expires_on)
    audit.record("people.token_created", made, by=by, expires_on=expires_on)
    return made, token


@transaction.atomic
def revoke_token(token: ApiToken, *, by: Account) -> None:
    """End a token of the own account at once. Raises ``NotFound`` for another's, ``Conflict`` when it was revoked already."""
    if token.account_id != by.pk:
        raise NotFound
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        raise Conflict(_("This token is revoked already."))
    audit.record("people.token_revoked", token, by=by)


def revoke_all(account: Account, *, by: Account) -> None:
    """End every token of an account whose password was lost: whoever found it may have made one."""
    for token in ApiToken.objects.filter(account=account, revoked_at=None):
        ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
        audit.record("people.token_revoked", token, by=by)


def account_of(token: str) -> Account | None:
    """The active account of a live token; the day of use is kept."""
    today = timezone.localdate()
    found = (
        ApiToken.objects.filter(
            digest=digest_of(token), revoked_at=None, expires_on__gte=today, account__is_active=True
        )
        .select_related("account__scope_unit", "account__person")
        .first()
    )
    if found is None or not permissions.may_hold_token(found.account):  # the role may have changed since
        return None
    if found.last_used_on != today:
        ApiToken.objects.filter(pk=found.pk).update(last_used_on=today)
    return found.account
