"""Policies are signed: each text becomes a new version that nothing changes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit, jobs
from zhixing.base.load import load
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine import policies
from zhixing.obligations import permissions
from zhixing.obligations.actions.ledger import moment_of_booking
from zhixing.obligations.actions.standings import enqueue_refresh
from zhixing.obligations.models import Policy, PolicyEffect
from zhixing.obligations.queries.comparison import Effect, weigh
from zhixing.obligations.queries.policies import signed_versions
from zhixing.obligations.sentences import policy_problems
from zhixing.obligations.shipped import shipped_policy
from zhixing.people.models import Account


def read_policy(text: str, name: str = "policy.toml", *, strict: bool = True) -> policies.Policy:
    """Parse; ``strict``, as for a signature, also refuses what formats.md §2 lets pass. Raises ``Invalid`` with every fault, its line and what to do."""
    try:
        read = policies.parse(text, name, strict=strict)
    except policies.PolicyError as error:
        raise Invalid(_("The policy has faults; nothing was signed."), policy_problems(error)) from error
    if read.is_example:
        raise Invalid(
            _(
                "This is an example of another place. Copy from it, give the copy a code of its own, and leave out “example”."
            )
        )
    return read


def gaps_of(text: str, name: str = "policy.toml") -> list[policies.PolicyProblem]:
    """Days just before or after the text's own on which no policy would be in force, were it signed now."""
    read = policies.parse(text, name)
    signed = [one for one in signed_versions() if one.policy.digest != read.digest]
    return list(policies.gaps_around(policies.Version(name, text, read), signed))


@transaction.atomic
def sign_policy(text: str, by: Account, *, accepts_gap: bool = False) -> Policy:
    """Make ``text`` the next version of its code and recompute everyone.

    Raises ``Invalid``, also where days without any policy would stand beside it, unless ``accepts_gap`` says that this is meant (it
    goes on record); and ``Conflict`` for a text signed before.
    """
    permissions.may_sign(by).require()
    policy = _keep(text, by)
    gaps = gaps_of(text)
    if gaps and not accepts_gap:
        raise Invalid(
            _("There would be days on which no policy is in force; nothing was signed."),
            policy_problems(policies.PolicyError(gaps)),
        )
    audit.record(
        "obligations.policy_signed",
        policy,
        by=by,
        code=policy.code,
        version=policy.version,
        digest=policy.digest,
        gaps=[f"{one.key}: {one.value}" for one in gaps],
    )
    enqueue_refresh(None, by=by)
    return policy


@transaction.atomic
def install_shipped_policy() -> Policy:
    """Make sure that the national policy is there; a city that has any version of it keeps its own. Returns the newest version."""
    text = shipped_policy()
    held = Policy.objects.filter(code=policies.parse(text).code).order_by("-version").first()
    if held is not None:
        return held
    return install_policy(text)


@transaction.atomic
def install_policy(text: str) -> Policy:
    """Keep ``text`` as the next version of its code without a signature: what an installation begins with. Raises as ``sign_policy`` does."""
    policy = _keep(text, None)
    audit.record("obligations.policy_installed", policy, by=None, code=policy.code, digest=policy.digest)
    return policy


def _keep(text: str, by: Account | None) -> Policy:
    read = read_policy(text, strict=by is not None)
    if earlier := Policy.objects.filter(digest=read.digest).first():
        raise Conflict(_("This very text has been signed already, as %(policy)s.") % {"policy": earlier})
    newest = Policy.objects.filter(code=read.code).aggregate(version=Max("version"))["version"] or 0
    try:
        with transaction.atomic():
            return Policy.objects.create(
                code=read.code,
                version=newest + 1,
                title=read.title[:120],
                text=text.removeprefix("\ufeff"),
                digest=read.digest,
                basis=read.basis[:200],
                in_force_from=read.in_force_from,
                signed_by_id=by.pk if by else None,
            )
    except IntegrityError as error:
        raise Conflict(_("Someone else signed a version of this policy a moment ago.")) from error


COMPARISONS_KEPT = 3
"""The effects of so many comparisons are kept, beside those before a signature; a city's are some ten thousand rows each."""


def weigh_policy(
    job: Job, text: str, on: dt.date, progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Any]:
    """The work of ``compare_policy``: keeps whom the text would touch, and answers the summary. A second run replaces the first."""
    weighed = weigh(text, on, moment_of_booking(), progress)
    with transaction.atomic():
        PolicyEffect.objects.exclude(job__in=_kept(job.kind)).delete()
        PolicyEffect.objects.filter(job=job).delete()
        key = connection.ops.adapt_unknown_value(job.pk) if connection.vendor == "postgresql" else job.pk.hex
        load(PolicyEffect, ("job", *Effect._fields), ((key, *one) for one in weighed.effects))
    progress(3, 3)
    return weighed.summary


def _kept(kind: str) -> list[uuid.UUID]:
    """The newest comparisons, and for good the last one of each text that was signed: what the signer had seen."""
    unseen = dict(Policy.objects.values_list("digest", "signed_at"))
    newest = list(Job.objects.filter(kind=kind).order_by("-created_at").values_list("pk", "created_at", "result"))
    kept = [pk for pk, *_rest in newest[:COMPARISONS_KEPT]]
    for pk, created_at, result in newest:
        digest = result.get("digest")
        if digest in unseen and created_at < unseen[digest]:
            del unseen[digest]
            kept.append(pk)
    return kept


@transaction.atomic
def compare_policy(text: str, by: Account, on: dt.date) -> Job:
    """Queue the answer to "what would this text change": everyone's standings on ``on`` under it and under the policy in force."""
    permissions.may_sign(by).require()
    read_policy(text)
    return jobs.start(
        "obligations.compare_policy",
        label=str(_("What the new policy would change")),
        by=by,
        text=text,
        on=on.isoformat(),
    )
