"""Who may do what with policies, the ledger, exemptions and standings. What lies outside the scope is not refused: it does not exist (queries)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.models import Job
from zhixing.base.verdicts import YES, Verdict, no
from zhixing.obligations.models import Entry, EntryAppeal, Exemption, ExternalTraining, HistoryImport
from zhixing.people.models import Account, Person, Unit

ONLY_DEPARTMENT = _("Only a department administrator may do this.")
OUTSIDE = _("This lies outside your scope.")
NOT_BY_OTHERS = _("Outside training is entered by the person, the person's unit or the department.")


def _is_within(user: Account, unit: Unit | None) -> bool:
    return unit is not None and user.scope_unit is not None and unit.path.startswith(user.scope_unit.path)


def _administers(user: Account, person: Person) -> Verdict:
    if not user.is_department:
        return no(ONLY_DEPARTMENT)
    return YES if _is_within(user, person.unit) else no(OUTSIDE)


def may_see_board(user: Account) -> Verdict:
    """See where the people of a subtree stand, and the lists behind it."""
    if user.is_department or user.is_auditor or user.is_liaison:
        return YES
    return no(_("Standings are seen by the department, unit liaisons and auditors; everyone sees their own."))


def may_see_policies(user: Account) -> Verdict:
    """Read the rules: those who see standings, and everyone who is held to them."""
    return YES if user.person_id else may_see_board(user)


def may_refresh(user: Account) -> Verdict:
    return YES if user.is_department else no(ONLY_DEPARTMENT)


def may_sign(user: Account) -> Verdict:
    """A policy binds everyone, so it is signed at the root of the unit tree."""
    if not user.is_department:
        return no(ONLY_DEPARTMENT)
    if not user.sees_the_city:
        return no(_("A policy binds the whole city: its own department administrator signs it."))
    return YES


def may_sign_draft(user: Account, job: Job) -> Verdict:
    """Nobody signs unseen: who gains and who loses is computed first."""
    if job.state != Job.State.DONE:
        return no(_("What this text would change is not computed. Wait for it, or check the text anew."))
    return may_sign(user)


def may_post(user: Account | None) -> Verdict:
    """Book hours. Which persons, an upper app's own permission says: a school books what its registers hold. None is the system."""
    if user is None or user.is_department or user.is_school:
        return YES
    return no(_("Hours are booked by the department or by the institution that held the training."))


def may_reverse(user: Account | None, entry: Entry) -> Verdict:
    """Cancel an entry: the department; an institution what its registers brought, through them; the system (None)."""
    if entry.reverses_id is not None:
        return no(_("A reversal stays: book the hours anew instead."))
    if user is None:
        return YES
    if user.is_school and entry.source not in Entry.Source.values:
        return YES
    return _administers(user, entry.person)


def may_merge_ledgers(user: Account, person: Person) -> Verdict:
    """Give the hours of one person to another: the department, for both."""
    return _administers(user, person)


def may_appeal_entry(user: Account, entry: Entry) -> Verdict:
    """The person concerned, about a line that stands, one appeal at a time; no day is too late."""
    if user.person_id is None or user.person_id != entry.person_id:
        return no(_("Only the person concerned may appeal."))
    if entry.reverses_id is not None or Entry.objects.filter(reverses=entry.pk).exists():
        return no(_("This entry is cancelled; appeal about the one that stands."))
    if EntryAppeal.objects.filter(entry=entry.pk, state=EntryAppeal.State.OPEN).exists():
        return no(_("An appeal about this entry waits for a decision already."))
    return YES


def may_see_entry_appeals(user: Account) -> Verdict:
    """Those who see standings, and everyone the own ones."""
    return YES if user.person_id else may_see_board(user)


def may_decide_entry_appeal(user: Account, appeal: EntryAppeal) -> Verdict:
    if appeal.state != EntryAppeal.State.OPEN:
        return no(_("This has been decided already."))
    if user.person_id == appeal.person_id:
        return no(_("Nobody decides about themselves."))
    return _administers(user, appeal.person)


def may_exempt(user: Account, person: Person) -> Verdict:
    return _administers(user, person)


def may_withdraw_exemption(user: Account, exemption: Exemption) -> Verdict:
    if exemption.withdrawn_at is not None:
        return no(_("This exemption has been withdrawn already."))
    return _administers(user, exemption.person)


def may_add_exemptions(user: Account) -> Verdict:
    """Whether the page offers it at all; ``may_exempt`` says for whom."""
    return YES if user.is_department else no(ONLY_DEPARTMENT)


def may_see_external(user: Account) -> Verdict:
    """Those who see standings, and everyone the own ones."""
    return YES if user.person_id else may_see_board(user)


def enters_for_others(user: Account) -> bool:
    """Those who keep the files of other people."""
    return user.is_department or user.is_liaison


def may_enter_external(user: Account) -> Verdict:
    """Whether the page offers it at all; ``may_record_external`` says for whom."""
    return YES if user.person_id or enters_for_others(user) else no(NOT_BY_OTHERS)


def may_record_external(user: Account, person: Person) -> Verdict:
    """A training that the record lacks: reported by the person concerned, or entered by those who keep the person's files."""
    if user.person_id == person.pk:
        return YES
    if not enters_for_others(user):
        return no(NOT_BY_OTHERS)
    return YES if _is_within(user, person.unit) else no(OUTSIDE)


def may_decide_external(user: Account, training: ExternalTraining) -> Verdict:
    if training.state != ExternalTraining.State.ASKED:
        return no(_("This has been decided already."))
    if user.person_id == training.person_id:
        return no(_("Nobody decides about themselves."))
    return _administers(user, training.person)


def may_import_history(user: Account) -> Verdict:
    return YES if user.is_department else no(ONLY_DEPARTMENT)


def may_book_history(user: Account, history: HistoryImport) -> Verdict:
    if history.state != HistoryImport.State.READ:
        return no(_("Only a sheet that has been read and waits can be booked."))
    if not history.counts.get("new"):
        return no(_("It holds nothing new."))
    return may_import_history(user)


def may_drop_history(user: Account, history: HistoryImport) -> Verdict:
    if history.state not in {HistoryImport.State.RECEIVED, HistoryImport.State.READ}:
        return no(_("Only an import that waits can be dropped."))
    return may_import_history(user)
