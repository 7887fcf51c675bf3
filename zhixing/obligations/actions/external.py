"""Training that the record lacks (补录): entered or reported with its evidence, approved into the ledger."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit, notices, proofs
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid, Text
from zhixing.engine.policies import measured, recognise, shares_of_stated
from zhixing.obligations import permissions, telling
from zhixing.obligations.actions.ledger import NewCredit, holder_of_certificate, post_credit, post_credits
from zhixing.obligations.models import Channel, Entry, ExternalTraining
from zhixing.obligations.models.ledger import TENTHS_MAX
from zhixing.obligations.queries.keys import booked_again, keys_of_shares, original_keys, training_of_key
from zhixing.obligations.queries.policies import recognitions_on
from zhixing.people.models import Account, Person

State = ExternalTraining.State


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a training whose hours nobody stated: so many of the unit in which its kind is measured."""

    kind: str
    amount: Fraction
    level: str = ""
    passed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExternalTraining:
    """What the unit knows of the course: its hours, or (``measured``) what the table of recognition turns into hours and form."""

    person: Person
    title: str
    began_on: dt.date
    ended_on: dt.date
    tenths: int
    channel: str
    organiser: str
    institution: str = ""
    certificate: str = ""
    abroad: bool | None = None
    measured: Measured | None = None


@transaction.atomic
def record_external(
    new: NewExternalTraining, by: Account, evidence: UploadedFile[Any] | None = None
) -> ExternalTraining:
    """Enter a training; it counts once the department approves. ``evidence`` is a certificate or a notice. Raises ``Invalid``."""
    permissions.may_record_external(by, new.person).require()
    recognition: dict[str, Any] = {}
    if new.measured is not None:
        new, recognition = _recognised(new, new.measured)
    _check(new)
    if new.measured is None:
        recognition = _split(new)
    training = ExternalTraining.objects.create(
        person=new.person,
        title=new.title.strip(),
        began_on=new.began_on,
        ended_on=new.ended_on,
        tenths=new.tenths,
        channel=new.channel,
        recognition=recognition,
        organiser=new.organiser.strip(),
        institution=new.institution.strip(),
        certificate=new.certificate.strip(),
        abroad=new.abroad,
        evidence=proofs.keep(evidence, by=by) if evidence else None,
        asked_by_id=by.pk,
    )
    audit.record("obligations.external_recorded", training, by=by, person=new.person.pk, tenths=new.tenths)
    if not by.is_department:
        telling.tell_external(training, by)
    return training


def _recognised(new: NewExternalTraining, known: Measured) -> tuple[NewExternalTraining, dict[str, Any]]:
    """The training with the hours and the form that the table in force on its last day gives, and how they were found."""
    kind = recognitions_on(new.ended_on).get(known.kind)
    if kind is None:
        raise Invalid(_("The policy in force on that day does not know this kind of training."))
    training = measured(kind, new.began_on, new.ended_on, known.amount, level=known.level, passed=known.passed)
    found = recognise([kind], [training], *_taken(new, kind.code))
    tenths = sum(one.tenths for one in found)
    if not tenths:
        raise Invalid(_("By the table in force this training brings no hours."))
    explained = {
        "kind": kind.code,
        "title": kind.title,
        "amount": f"{float(known.amount):g}",
        "level": known.level,
        "passed": known.passed,
        "lost": sum(one.lost for one in found),
        "parts": [[one.earned_on.isoformat(), one.tenths, one.hundredths] for one in found],
    }
    return replace(new, tenths=tenths, channel=kind.channel), explained


def _split(new: NewExternalTraining) -> dict[str, Any]:
    """The years' shares of hours that somebody stated, where the table in force on the last day splits such trainings."""
    table = recognitions_on(new.ended_on).values()
    shares = shares_of_stated(table, new.channel, new.began_on, new.ended_on, new.tenths)
    return {"parts": [[day.isoformat(), tenths, tenths * 10] for day, tenths in shares]} if len(shares) > 1 else {}


def _taken(new: NewExternalTraining, kind: str) -> tuple[Counter[tuple[str, int]], Counter[tuple[str, int]]]:
    """Hundredths of (kind, year) that this person's other trainings of the kind count for, and the tenths they were given.

    Refused ones are left out; those whose lines came over from another person on record, corrected since or not, are in it.
    """
    taken: Counter[tuple[str, int]] = Counter()
    given: Counter[tuple[str, int]] = Counter()
    lines = booked_again(Entry.objects.live().filter(person=new.person))
    keys = [training_of_key(key) for key in original_keys(lines).values()]
    theirs = [int(key.removeprefix("external:")) for key in keys if key.startswith("external:")]
    others = ExternalTraining.objects.filter(Q(person=new.person) | Q(pk__in=theirs), recognition__kind=kind)
    others = others.exclude(state=State.REFUSED)
    for recognition in others.values_list("recognition", flat=True):
        for day, tenths, hundredths in recognition["parts"]:
            key = kind, dt.date.fromisoformat(day).year
            taken[key] += hundredths
            given[key] += tenths
    return taken, given


def _check(new: NewExternalTraining) -> None:
    if not new.title.strip() or not new.organiser.strip():
        raise Invalid(_("Name the course and who held it."))
    if new.ended_on < new.began_on:
        raise Invalid(_("A training cannot end before it begins."))
    if new.ended_on > timezone.localdate():
        raise Invalid(_("A training is entered when it is over."))
    if holder := holder_of_certificate(new.person.pk, new.certificate.strip()):
        raise Invalid(_("This certificate is in the ledger already, for “%(title)s”.") % {"title": holder.title})
    if new.channel not in Channel.values:
        raise Invalid(_("“%(word)s” is no form of training.") % {"word": new.channel})
    if not 0 < new.tenths <= TENTHS_MAX:
        raise Invalid(_("Hours lie between 0.1 and %(most)d.") % {"most": TENTHS_MAX // 10})


@transaction.atomic
def approve_external(training: ExternalTraining, by: Account) -> Entry:
    """Book the training into the ledger. Raises ``Conflict`` when it was decided in the meantime."""
    permissions.may_decide_external(by, training).require()
    if holder := holder_of_certificate(training.person_id, training.certificate):
        raise Conflict(_("This certificate is in the ledger already, for “%(title)s”.") % {"title": holder.title})
    _decide(training, State.APPROVED, "", by)
    *earlier, last = _credits(training)
    if earlier:
        post_credits(earlier, by)
    entry = post_credit(last, by)
    ExternalTraining.objects.filter(pk=training.pk).update(entry=entry)
    audit.record("obligations.external_approved", training, by=by, person=training.person_id, entry=entry.pk)
    _tell(training, _("Outside training approved: %(title)s"))
    return entry


def _credits(training: ExternalTraining) -> list[NewCredit]:
    """One line for each year in which the training lies and earned something, the last one last."""
    whole = [(training.ended_on.isoformat(), training.tenths, training.tenths * 10)]
    parts = [(day, tenths) for day, tenths, _exact in training.recognition.get("parts", whole) if tenths]
    keys = keys_of_shares(f"external:{training.pk}", [int(day[:4]) for day, _tenths in parts])
    return [
        NewCredit(
            person_id=training.person_id,
            earned_on=dt.date.fromisoformat(day),
            began_on=training.began_on,
            tenths=tenths,
            channel=training.channel,
            title=training.title,
            organiser=training.organiser,
            institution=training.institution,
            certificate=training.certificate,
            source=Entry.Source.EXTERNAL,
            source_key=key,
        )
        for (day, tenths), key in zip(parts, keys, strict=True)
    ]


@transaction.atomic
def refuse_external(training: ExternalTraining, reason: str, by: Account) -> None:
    """Raises ``Conflict`` when it was decided in the meantime."""
    permissions.may_decide_external(by, training).require()
    _refuse(training, written(reason, ExternalTraining.decision_reason.field, missing=_("Say why it is refused.")), by)


def _refuse(training: ExternalTraining, reason: str, by: Account) -> None:
    _decide(training, State.REFUSED, reason, by)
    audit.record("obligations.external_refused", training, by=by, person=training.person_id)
    _tell(training, _("Outside training refused: %(title)s"))


@transaction.atomic
def move_external(training: ExternalTraining, target: Person, reason: str, by: Account) -> bool:
    """Let a training that waits be one of ``target``; its hours are found anew, for ``target`` may have taken some of a limit.

    It is refused with ``reason`` where ``target`` has the same training or it brings no hours there; then it answers False.
    Raises ``Conflict`` when it was decided in the meantime.
    """
    found = None if _is_held(training, target) else _found_anew(training, target)
    if found is None:
        _refuse(training, reason, by)
        return False
    tenths, recognition = found
    waiting = ExternalTraining.objects.filter(pk=training.pk, state=State.ASKED)
    if not waiting.update(person=target, tenths=tenths, recognition=recognition):
        raise Conflict(_("Someone else decided this a moment ago."))
    audit.record("obligations.external_moved", training, by=by, person=target.pk, before=training.person_id)
    return True


def _is_held(training: ExternalTraining, target: Person) -> bool:
    """Whether the ledger of ``target``, or what waits for it, has the training already."""
    if holder_of_certificate(target.pk, training.certificate):
        return True
    same = {"title": training.title, "began_on": training.began_on, "channel": training.channel}
    waits = target.external_trainings.filter(**same, ended_on=training.ended_on, state=State.ASKED)
    return waits.exists() or target.entries.live().filter(**same, earned_on=training.ended_on).exists()


def _found_anew(training: ExternalTraining, target: Person) -> tuple[int, dict[str, Any]] | None:
    """Hours (tenths) and how they were found, for ``target``; None where there are none. Stated hours stay."""
    known = training.recognition
    if "kind" not in known:
        return training.tenths, known
    copied = ("title", "began_on", "ended_on", "tenths", "channel", "organiser", "institution", "certificate")
    new = NewExternalTraining(person=target, **{name: getattr(training, name) for name in copied})
    try:
        new, found = _recognised(
            new, Measured(known["kind"], Fraction(known["amount"]), known["level"], known["passed"])
        )
    except Invalid:
        return None
    return new.tenths, found


def _decide(training: ExternalTraining, state: str, reason: str, by: Account) -> None:
    decided = ExternalTraining.objects.filter(pk=training.pk, state=State.ASKED).update(
        state=state, decision_reason=reason, decided_by_id=by.pk, decided_at=timezone.now()
    )
    if not decided:
        raise Conflict(_("Someone else decided this a moment ago."))
    training.refresh_from_db()


def _tell(training: ExternalTraining, title: Text) -> None:
    """Tell who entered it."""
    notices.tell(
        Account.objects.filter(pk=training.asked_by_id),
        "obligations.external_decided",
        str(title) % {"title": training.title},
        text=training.decision_reason,
        link=reverse("obligations:external_training", args=(training.pk,)),
    )
