"""Who may do what with units, persons, rosters and accounts. What lies outside the scope is not refused: it does not exist (queries)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhixing.base.verdicts import YES, Verdict, no
from zhixing.people.models import Account, Person, Role, RosterImport, Unit

ONLY_DEPARTMENT = _("Only a department administrator may do this.")
OUTSIDE = _("This lies outside your scope.")


def is_within(user: Account, unit: Unit | None) -> bool:
    """Whether ``unit`` lies in the user's subtree."""
    return unit is not None and user.scope_unit is not None and unit.path.startswith(user.scope_unit.path)


def _administers(user: Account, unit: Unit | None) -> Verdict:
    if not user.is_department:
        return no(ONLY_DEPARTMENT)
    return YES if is_within(user, unit) else no(OUTSIDE)


def may_open_unit(user: Account, parent: Unit) -> Verdict:
    """Add a unit below ``parent``."""
    if parent.closed_on is not None:
        return no(_("A closed unit takes nothing below it."))
    return _administers(user, parent)


def may_change_unit(user: Account, unit: Unit) -> Verdict:
    return _administers(user, unit)


def may_move_unit(user: Account, unit: Unit) -> Verdict:
    if unit.parent_id is None:
        return no(_("The top of the tree cannot be moved or closed."))
    if user.scope_unit_id == unit.pk:
        return no(_("The top of your own scope is moved by the authority above you."))
    return _administers(user, unit)


def may_close_unit(user: Account, unit: Unit) -> Verdict:
    if unit.closed_on is not None:
        return no(_("This unit is closed already."))
    return may_move_unit(user, unit)


def may_add_person(user: Account, unit: Unit | None) -> Verdict:
    return _administers(user, unit)


def may_change_person(user: Account, person: Person) -> Verdict:
    return _administers(user, person.unit)


def may_post_to(user: Account, unit: Unit) -> Verdict:
    """Give somebody a post in ``unit``."""
    if unit.closed_on is not None:
        return no(_("A closed unit takes nobody."))
    return _administers(user, unit)


def may_see_readings(user: Account, person: Person) -> Verdict:
    """See who read a record: the person, the department and the auditors."""
    if user.person_id == person.pk or ((user.is_department or user.is_auditor) and is_within(user, person.unit)):
        return YES
    return no(_("Who read a record is open to the person and to the department."))


def may_import(user: Account, unit: Unit | None) -> Verdict:
    """Import a roster of ``unit`` and what lies below it."""
    return _administers(user, unit)


def may_drop(user: Account, roster_import: RosterImport) -> Verdict:
    if roster_import.state not in {RosterImport.State.RECEIVED, RosterImport.State.READ}:
        return no(_("Only an import that waits can be dropped."))
    return _administers(user, roster_import.scope_unit)


def may_apply(user: Account, roster_import: RosterImport) -> Verdict:
    if roster_import.state != RosterImport.State.READ:
        return no(_("Only an import that is ready can be applied."))
    if not roster_import.has_changes:
        return no(_("It changes nothing."))
    return _administers(user, roster_import.scope_unit)


def may_roll_back(user: Account, roster_import: RosterImport) -> Verdict:
    if roster_import.state != RosterImport.State.APPLIED:
        return no(_("Only an applied import can be rolled back."))
    return _administers(user, roster_import.scope_unit)


def may_export(user: Account, unit: Unit | None) -> Verdict:
    """Take a roster out: department administrators and liaisons, of their own subtree."""
    if not (user.is_department or user.is_liaison):
        return no(_("Only a department administrator or a liaison may export a roster."))
    return YES if is_within(user, unit) else no(OUTSIDE)


def may_open_account(user: Account, scope_unit: Unit | None) -> Verdict:
    """Make an account that belongs to ``scope_unit``; one that belongs to no unit is the city's."""
    if scope_unit is None and user.is_department and user.sees_the_city:
        return YES
    return _administers(user, scope_unit)


def may_change_account(user: Account, account: Account) -> Verdict:
    """Change, switch off or give a new password: accounts at or below the administrator's own unit."""
    if not user.is_department:
        return no(ONLY_DEPARTMENT)
    if not Account.objects.visible_to(user).filter(pk=account.pk).exists():
        return no(OUTSIDE)
    return YES


def may_switch_off_account(user: Account, account: Account) -> Verdict:
    if account.pk == user.pk:
        return no(_("You cannot switch off your own account."))
    return may_change_account(user, account)


def may_reset_password(user: Account, account: Account) -> Verdict:
    if account.pk == user.pk:
        return no(_("Change your own password yourself."))
    if not account.is_active:
        return no(_("This account is switched off."))
    return may_change_account(user, account)


def may_hold_token(user: Account) -> Verdict:
    """Let a program read in one's name: those who answer for others; a person's own record stands on the own pages."""
    if user.role in {Role.TRAINEE, Role.TEACHER}:
        return no(_("Access tokens are for the department, institutions, liaisons and auditors."))
    return YES
