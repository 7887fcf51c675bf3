"""Answers to a call-up (回执), and the department's decisions about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.models import StoredFile
from zhixing.base.problems import Conflict, Invalid, Problem
from zhixing.callups import permissions, telling
from zhixing.callups.actions.endings import move
from zhixing.callups.actions.make_ups import open_make_up, unplan_make_up
from zhixing.callups.actions.seats import ANSWER_DAYS, give_seat, pass_on_seat
from zhixing.callups.links import make_up_for
from zhixing.callups.models import Callup, MakeUp, Reply
from zhixing.callups.queries import substitutes_for
from zhixing.callups.seats import Obstacle, Room, lock_year
from zhixing.callups.sentences import obstacle_sentence
from zhixing.callups.terms import Terms
from zhixing.people.models import Account, Person

Kind, Decision, State = Reply.Kind, Reply.Decision, Callup.State


@transaction.atomic
def accept_callup(callup: Callup, *, rules_read: str = "", by: Account) -> Reply:
    """The person will come. Refused after the deadline, when answered before, and for anyone but the person and the liaison.

    ``rules_read``: the digest of the class rules that the person ticked. A liaison does not tick for others; they are asked later.
    """
    permissions.may_reply(by, callup, Kind.ACCEPT).require()
    own = by.person_id is not None and by.person_id == callup.person_id
    if own and callup.owes_rules:
        _acknowledge(callup, rules_read, by)
    if not Callup.objects.filter(pk=callup.pk, state=State.SENT).update(state=State.ACCEPTED):
        raise Conflict(_("This call-up was answered a moment ago."))
    recorded = _record(Reply(callup=callup, kind=Kind.ACCEPT), by)
    if not own and callup.owes_rules:
        telling.tell_rules(callup)
    return recorded


@transaction.atomic
def acknowledge_rules(callup: Callup, rules_read: str, *, by: Account) -> None:
    """The person has read the class rules whose digest is ``rules_read``; the moment and the digest are kept. Saying it twice changes nothing."""
    permissions.may_acknowledge(by, callup).require()
    if callup.owes_rules:
        _acknowledge(callup, rules_read, by)


def _acknowledge(callup: Callup, rules_read: str, by: Account) -> None:
    if not rules_read:
        raise Invalid(_("Read the class rules and tick that you keep to them."))
    if rules_read != callup.class_run.rules_digest:
        raise Conflict(_("The class rules were changed a moment ago. Read them again."))
    at = timezone.now()
    Callup.objects.filter(pk=callup.pk).update(acknowledged_at=at, acknowledged_digest=rules_read)
    callup.acknowledged_at, callup.acknowledged_digest = at, rules_read
    audit.record("callups.rules_acknowledged", callup, by=by, digest=rules_read)


@transaction.atomic
def ask_leave(callup: Callup, *, reason: str, text: str = "", proof: StoredFile | None = None, by: Account) -> Reply:
    """Ask to be excused from the whole class, with a reason and, where there is one, a proof."""
    permissions.may_reply(by, callup, Kind.LEAVE).require()
    if reason not in Reply.Reason.values:
        raise Invalid(_("Choose a reason."))
    missing = _("Say what the other reason is.") if reason == Reply.Reason.OTHER else ""
    text = written(text, Reply.text.field, missing=missing)
    return _ask(Reply(callup=callup, kind=Kind.LEAVE, reason=reason, text=text, proof=proof), by)


@transaction.atomic
def propose_substitute(callup: Callup, substitute: Person, *, text: str = "", by: Account) -> Reply:
    """Name someone of the same unit who can come instead; whoever breaks a hard rule is refused with that rule."""
    permissions.may_reply(by, callup, Kind.SUBSTITUTE).require()
    if not substitutes_for(callup).filter(pk=substitute.pk).exists():
        raise Invalid(
            _("A substitute must be another person of the same unit who belongs to the target group of the class.")
        )
    found = _room(callup, substitute).obstacle(substitute.pk, callup.class_run_id)
    if found is not None:
        raise Invalid(obstacle_sentence(found))
    text = written(text, Reply.text.field)
    return _ask(Reply(callup=callup, kind=Kind.SUBSTITUTE, substitute=substitute, text=text), by)


def _ask(reply: Reply, by: Account) -> Reply:
    reply.decision = Decision.PENDING
    answerable = Callup.objects.filter(pk=reply.callup_id, state__in=(State.SENT, State.ACCEPTED))
    if not answerable.update(state=State.ASKED):
        raise Conflict(_("This call-up was answered a moment ago."))
    recorded = _record(reply, by)
    telling.tell_asked(recorded)
    return recorded


def _record(reply: Reply, by: Account) -> Reply:
    reply.by_id = by.pk
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError as error:
        raise Conflict(_("This call-up was answered a moment ago.")) from error
    reply.callup.refresh_from_db()
    audit.record("callups.replied", reply.callup, by=by, reply=reply.pk, kind=reply.kind)
    return reply


@dataclass(frozen=True)
class Accepted:
    """How many of a bulk answer were accepted, and the refusals with their sentences."""

    accepted: int
    refused: tuple[tuple[int, str], ...]


def accept_all(callups: Iterable[Callup], *, by: Account) -> Accepted:
    """A liaison accepts for many people; each answer stands or falls by itself."""
    done, refused = 0, []
    for callup in callups:
        try:
            accept_callup(callup, by=by)
        except Problem as problem:
            refused.append((callup.pk, str(problem.message)))
        else:
            done += 1
    return Accepted(done, tuple(refused))


@transaction.atomic
def decide_reply(reply: Reply, *, approved: bool, note: str = "", by: Account) -> list[Callup]:
    """Approve or refuse a leave or a substitute. Returns who got the seat: the substitute, or the next of the waiting list.

    A refusal needs its reason; the call-up then waits for an answer again. Raises ``Conflict`` when someone decided before.
    """
    permissions.may_decide(by, reply).require()
    note = written(note, Reply.decision_note.field, missing="" if approved else _("Say why it is refused."))
    lock_year(reply.callup.class_run.year)
    decision = Decision.APPROVED if approved else Decision.REFUSED
    settled = Reply.objects.filter(pk=reply.pk, decision=Decision.PENDING).update(
        decision=decision, decided_by_id=by.pk, decided_at=timezone.now(), decision_note=note
    )
    if not settled:
        raise Conflict(_("Someone else decided about this a moment ago."))
    reply.refresh_from_db()
    audit.record("callups.decided", reply.callup, by=by, reply=reply.pk, decision=decision)
    called = _carry_out(reply, by)
    telling.tell_decided(reply)
    return called


def _carry_out(reply: Reply, by: Account) -> list[Callup]:
    if reply.decision == Decision.REFUSED:
        _ask_again(reply.callup)
        return []
    if reply.kind == Kind.LEAVE:
        return _excuse(reply.callup, by)
    return [_replace(reply, by)]


def _ask_again(callup: Callup) -> None:
    """The call-up stands; there is time to answer it anew."""
    today = timezone.localdate()
    move(callup, State.SENT, reply_by=telling.due(today, callup.reply_by, callup.class_run.starts_on, ANSWER_DAYS))


def _excuse(callup: Callup, by: Account) -> list[Callup]:
    """The hours become a duty to make up, and the seat goes on."""
    move(callup, State.EXCUSED, seat=None)
    open_make_up(callup, callup.class_run.tenths, MakeUp.Cause.LEAVE, by)
    return pass_on_seat(callup.class_run, by)


def _replace(reply: Reply, by: Account) -> Callup:
    """The substitute takes the seat, linked to the person replaced; every hard rule is asked anew."""
    callup, substitute = reply.callup, reply.substitute
    assert substitute is not None
    room = _room(callup, substitute)
    found = room.obstacle(substitute.pk, callup.class_run_id)
    if found is not None:
        raise Conflict(obstacle_sentence(found))
    move(callup, State.SUBSTITUTED, seat=None)
    unplan_make_up(callup, by)
    made = give_seat(
        room,
        Callup(
            run_id=callup.run_id,
            class_run_id=callup.class_run_id,
            person=substitute,
            makes_up_id=make_up_for(substitute.pk, callup.class_run),
            instead_of=callup,
            code="substitute",
            detail={"instead_of": callup.pk},
        ),
    )
    audit.record("callups.substituted", callup, by=by, substitute=made.pk, seat=made.seat)
    return made


def _room(callup: Callup, substitute: Person) -> Room:
    """The room as it would be had the person left the seat."""
    people = {callup.person_id, substitute.pk}
    room = Room([callup.class_run], {callup.class_run_id: people}, Terms.of(callup.run.settings))
    room.release(callup.person_id, callup.class_run_id, callup.seat, beyond=callup.is_beyond)
    return room


def obstacle_to(callup: Callup, substitute: Person) -> Obstacle | None:
    """What would keep ``substitute`` from taking the seat, for the page that decides."""
    return _room(callup, substitute).obstacle(substitute.pk, callup.class_run_id)
