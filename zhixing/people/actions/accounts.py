"""Writing accounts. A one-time password is returned to the caller once and is kept nowhere."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.engine.sheets.identity import looks_like_id
from zhixing.people import permissions
from zhixing.people.actions.tokens import revoke_all
from zhixing.people.models import OWN_AFFAIRS, Account, Person, PrivacyAcknowledgement, Role, Unit
from zhixing.people.passwords import one_time_password


@transaction.atomic
def create_account(
    *,
    by: Account,
    username: str,
    name: str,
    role: str,
    scope_unit: Unit | None,
    person: Person | None = None,
    email: str = "",
) -> tuple[Account, str]:
    """Make an account with a one-time password, returned with it. Raises ``Invalid`` when the user name is taken or is an ID number."""
    scope_unit = _teachers_home(scope_unit or by.scope_unit) if role == Role.TEACHER else scope_unit
    _check_role(role, scope_unit, person)
    permissions.may_open_account(by, _home(scope_unit, person)).require()
    check_username(username)
    password = one_time_password()
    try:
        with transaction.atomic():
            account = Account.objects.create_account(
                username,
                password,
                role,
                name=name,
                scope_unit=scope_unit,
                person=person,
                email=email,
                must_change_password=True,
            )
    except IntegrityError as error:
        raise Invalid(_("This user name is taken, or the person has an account already.")) from error
    audit.record("people.account_created", account, by=by, role=role, scope=scope_unit.pk if scope_unit else None)
    return account, password


@transaction.atomic
def edit_account(
    account: Account,
    *,
    by: Account,
    name: str,
    email: str,
    role: str,
    scope_unit: Unit | None,
    one_session: bool,
    own_class_runs_only: bool = False,
) -> None:
    """Change role, scope and the rest. Nobody gives away a wider scope than the own one, nor changes the own role.

    ``own_class_runs_only`` says something of staff of an institution only; for other roles it is put away. Whoever comes to answer for others
    ties an identity anew, now with the password: a name alone was enough before.
    """
    permissions.may_change_account(by, account).require()
    if role == Role.TEACHER:
        scope_unit = _teachers_home(scope_unit or account.scope_unit or by.scope_unit)
    _check_role(role, scope_unit, account.person)
    permissions.may_open_account(by, _home(scope_unit, account.person)).require()
    if account.pk == by.pk and (role != account.role or scope_unit != account.scope_unit):
        raise Invalid(_("You cannot change your own role or scope."))
    if role not in OWN_AFFAIRS and not account.answers_for_others:
        SocialAccount.objects.filter(user=account).delete()
    own_only = own_class_runs_only and role == Role.SCHOOL
    Account.objects.filter(pk=account.pk).update(
        name=name,
        email=email,
        role=role,
        scope_unit=scope_unit,
        one_session=one_session,
        own_class_runs_only=own_only,
    )
    audit.record(
        "people.account_edited",
        account,
        by=by,
        role=role,
        scope=scope_unit.pk if scope_unit else None,
        one_session=one_session,
        own_class_runs_only=own_only,
    )


@transaction.atomic
def switch_off_account(account: Account, *, by: Account) -> None:
    """Nobody can sign in with it any more, and its live session ends. Raises ``Conflict`` when it was off already."""
    permissions.may_switch_off_account(by, account).require()
    if not Account.objects.filter(pk=account.pk, is_active=True).update(is_active=False):
        raise Conflict(_("This account is switched off already."))
    _end_session(account)
    audit.record("people.account_switched_off", account, by=by)


@transaction.atomic
def switch_on_account(account: Account, *, by: Account) -> None:
    permissions.may_change_account(by, account).require()
    if not Account.objects.filter(pk=account.pk, is_active=False).update(is_active=True):
        raise Conflict(_("This account is switched on already."))
    audit.record("people.account_switched_on", account, by=by)


@transaction.atomic
def reset_password(account: Account, *, by: Account) -> str:
    """Replace a lost password by a one-time password, returned once; second factor, live session, access tokens and the tie to an identity end."""
    permissions.may_reset_password(by, account).require()
    password = one_time_password()
    account.set_password(password)
    account.must_change_password = True
    account.save(update_fields=("password", "must_change_password"))
    Authenticator.objects.filter(user=account).delete()
    SocialAccount.objects.filter(user=account).delete()
    revoke_all(account, by=by)
    _end_session(account)
    audit.record("people.password_reset", account, by=by)
    return password


def acknowledge_privacy(account: Account, version: int) -> None:
    """Remember that ``account`` has read this version of the privacy notice; once is enough."""
    PrivacyAcknowledgement.objects.get_or_create(account=account, version=version)


def _check_role(role: str, scope_unit: Unit | None, person: Person | None) -> None:
    if role == Role.TRAINEE and person is None:
        raise Invalid(_("A trainee's account belongs to a person of the roster."))
    if role not in OWN_AFFAIRS and scope_unit is None:
        raise Invalid(_("This role needs a scope."))


def _teachers_home(unit: Unit | None) -> Unit | None:
    """Where a teacher's account is looked after. It opens nothing, so at the root it is left out: nobody may take it for the whole city."""
    return unit if unit is not None and unit.parent_id is not None else None


def _home(scope_unit: Unit | None, person: Person | None) -> Unit | None:
    """Where an account belongs: its scope, else the unit of its person."""
    return scope_unit or (person.unit if person else None)


def check_username(username: str) -> None:
    """Raise ``Invalid`` for an ID number (H27)."""
    if looks_like_id(username):
        raise Invalid(_("An ID number is never a user name."))


def _end_session(account: Account) -> None:
    if account.session_key and settings.SESSION_ENGINE == "django.contrib.sessions.backends.db":
        SessionStore(account.session_key).delete()
