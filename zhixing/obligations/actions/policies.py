"""Signing policies: a version is read strictly, kept for ever, and holds from its day on."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine import policies
from zhixing.obligations import permissions
from zhixing.obligations.actions.standings import ask_refresh
from zhixing.obligations.models import Policy
from zhixing.obligations.shipped import shipped_policy
from zhixing.people.models import Account


@transaction.atomic
def sign_policy(text: str, *, by: Account) -> Policy:
    """Keep a new version. Raises ``Invalid`` naming every fault, ``Conflict`` when this very text is signed already."""
    permissions.may_sign(by).require()
    made = _keep(text, by)
    audit.record("obligations.policy_signed", made, by=by, code=made.code, version=made.version)
    ask_refresh(None, by=by)
    return made


def install_shipped_policy() -> Policy:
    """The national policy as the first version of an installation that has none; otherwise the one that is there."""
    return Policy.objects.last() or _keep(shipped_policy(), None)


def _keep(text: str, by: Account | None) -> Policy:
    try:
        read = policies.parse(text)
    except policies.PolicyError as error:
        raise Invalid("\n".join(str(problem) for problem in error.problems)) from error
    last = Policy.objects.filter(code=read.code).aggregate(n=Max("version"))["n"] or 0
    try:
        with transaction.atomic():
            return Policy.objects.create(
                code=read.code,
                version=last + 1,
                title=read.title or "",
                text=text,
                digest=read.digest,
                basis=read.basis or "",
                in_force_from=read.in_force_from,
                signed_by_id=by.pk if by else None,
            )
    except IntegrityError as error:
        raise Conflict(_("This very text is signed already.")) from error
