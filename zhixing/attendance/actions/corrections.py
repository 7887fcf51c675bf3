"""Corrections of a closed register with their reason, and the trainee's appeal. Both versions stay: evidence and ledger are append-only."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.attendance import permissions, telling
from zhixing.attendance.actions.observing import Seen, lock, observe
from zhixing.attendance.actions.settling import settle
from zhixing.attendance.models import Appeal, Evidence, Mark
from zhixing.base import audit, proofs
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.people.models import Account

State = Appeal.State


@transaction.atomic
def correct_mark(
    mark: Mark, status: str, *, reason: str, version: int, by: Account, now: dt.datetime | None = None
) -> Mark:
    """Correct a mark of a closed register: the wrong entry is reversed, the right one posted, the make-up set right."""
    now = now or timezone.now()
    register = lock(mark.register_id)
    permissions.may_correct(by, register).require()
    reason = written(reason, Evidence.reason.field, missing=_("A correction needs its reason."))
    if Mark.objects.get(pk=mark.pk).version != version:
        raise Conflict(_("This mark changed in the meantime. Look at it again."))
    seen = Seen(mark.callup_id, Evidence.Source.CORRECTION, status, reason)
    return _correct(mark, seen, by=by, now=now)


def _correct(mark: Mark, seen: Seen, *, by: Account, now: dt.datetime) -> Mark:
    register = lock(mark.register_id)
    before = Mark.objects.get(pk=mark.pk)
    if before.status == seen.status:
        raise Invalid(_("The mark already says so."))
    (corrected,) = observe(register, [seen], by=by, at=now)
    settle([mark.callup_id], [(register, corrected)], reason=seen.reason, by=by, now=now)
    telling.tell_corrected(corrected, seen.reason)
    figures = {"callup": mark.callup_id, "before": before.status, "after": corrected.status}
    audit.record("attendance.mark_corrected", corrected, by=by, **figures)
    return corrected


@transaction.atomic
def appeal(
    mark: Mark,
    claims: str,
    *,
    text: str,
    by: Account,
    proof: UploadedFile[Any] | None = None,
    now: dt.datetime | None = None,
) -> Appeal:
    """The trainee disputes a mark and says what it should be."""
    now = now or timezone.now()
    permissions.may_appeal(by, mark, now).require()
    text = written(text, Appeal.text.field, missing=_("Say what happened."))
    if claims == mark.status:
        raise Invalid(_("The mark already says so."))
    try:
        with transaction.atomic():
            made = Appeal.objects.create(
                mark=mark,
                claims=claims,
                text=text,
                proof=proofs.keep(proof, by=by) if proof else None,
                by_id=by.pk,
            )
    except IntegrityError as error:
        raise Conflict(_("An appeal against this mark is already waiting for a decision.")) from error
    audit.record("attendance.appeal_made", made, by=by, mark=mark.pk)
    telling.tell_appeal(made)
    return made


@transaction.atomic
def decide_appeal(given: Appeal, *, uphold: bool, note: str, by: Account, now: dt.datetime | None = None) -> Appeal:
    """Decide with a reason. Upheld: the mark becomes what the trainee claimed, with all that follows."""
    now = now or timezone.now()
    permissions.may_decide_appeal(by, given).require()
    note = written(note, Evidence.reason.field, missing=_("A decision needs its reason."))
    state = State.UPHELD if uphold else State.DISMISSED
    open_still = Appeal.objects.filter(pk=given.pk, state=State.OPEN)
    fields = {"state": state, "decided_by_id": by.pk, "decided_at": now, "decision_note": note}
    if not open_still.update(**fields):
        raise Conflict(_("Someone else decided this appeal a moment ago."))
    given.refresh_from_db(fields=tuple(fields))
    if uphold and Mark.objects.get(pk=given.mark_id).status != given.claims:
        _correct(
            given.mark,
            Seen(given.mark.callup_id, Evidence.Source.APPEAL, given.claims, note),
            by=by,
            now=now,
        )
    audit.record("attendance.appeal_decided", given, by=by, state=state)
    telling.tell_appeal_decided(given)
    return given
