"""Accounts for a whole subtree at once, and the sheet with their one-time passwords, which is handed out once."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.base import audit, files, jobs
from zhixing.base.jobs import Handle
from zhixing.base.models import Job, StoredFile
from zhixing.base.problems import Conflict, Invalid
from zhixing.base.sealed import seal_bytes, unseal_bytes
from zhixing.people import papers, permissions, queries
from zhixing.people.actions.accounts import check_username
from zhixing.people.models import Account, Role, Unit
from zhixing.people.passwords import Slip, one_time_password

BULK_MAX = 20_000
"""Accounts at once: each password costs a tenth of a second of hashing."""
PURPOSE = b"account slips"


@transaction.atomic
def start_bulk_accounts(unit: Unit, role: str, *, by: Account) -> Job:
    """Queue the making of accounts at and below ``unit``: trainees for everybody who serves, or one liaison for each unit."""
    permissions.may_open_account(by, unit).require()
    job = jobs.start("people.open_accounts", label=_("Making accounts"), by=by, unit=unit.pk, role=role, by_id=by.pk)
    job.link = reverse("people:bulk_slips", args=(job.pk,))
    job.save(update_fields=("link",))
    return job


def open_accounts(unit: Unit, role: str, *, by: Account, handle: Handle) -> dict[str, int]:
    """Make the accounts that are missing and keep their slips sealed until they are fetched.

    Hashing goes on before the transaction, so the database is not held up; all accounts are made, or none. Raises ``Invalid``
    beyond ``BULK_MAX`` and ``Conflict`` when a user name is taken.
    """
    permissions.may_open_account(by, unit).require()
    drafts = _liaisons(unit) if role == Role.LIAISON else _trainees(unit)
    if len(drafts) > BULK_MAX:
        raise Invalid(_("At most %(most)d accounts at once; choose a smaller unit.") % {"most": BULK_MAX})
    slips = []
    for done, draft in enumerate(drafts, 1):
        check_username(draft.username)
        password = one_time_password()
        draft.password = make_password(password)
        home = draft.scope_unit or (draft.person.unit if draft.person else None)
        slips.append(Slip(str(home or ""), draft.name, draft.username, password))
        handle.progress(done, len(drafts))
    return {"accounts": len(drafts)} | _keep(drafts, slips, unit, role, by)


def _trainees(unit: Unit) -> list[Account]:
    """An account for everybody who serves and has none; the user name is the staff number."""
    return [
        Account(username=person.number, role=Role.TRAINEE, name=person.name, person=person, must_change_password=True)
        for person in queries.without_account(unit)
    ]


def _liaisons(unit: Unit) -> list[Account]:
    """An account for each open unit that has no liaison; the user name is the code of the unit."""
    units = queries.without_liaison(unit)
    return [
        Account(username=one.code, role=Role.LIAISON, name=one.name[:60], scope_unit=one, must_change_password=True)
        for one in units
    ]


def _keep(drafts: list[Account], slips: list[Slip], unit: Unit, role: str, by: Account) -> dict[str, int]:
    if not drafts:
        return {}
    content = seal_bytes(papers.slip_book(slips), PURPOSE)
    try:
        with transaction.atomic():
            Account.objects.bulk_create(drafts, batch_size=500)
            stored = files.store(content, "accounts.xlsx", "slips", by=by)
            audit.record("people.accounts_created", unit, by=by, role=role, accounts=len(drafts))
    except IntegrityError as error:
        raise Conflict(_("A user name is taken, or somebody got an account meanwhile. Start again.")) from error
    return {"slips": stored.pk}


@transaction.atomic
def take_slips(job_id: str, *, by: Account) -> bytes:
    """Hand out the sheet of a bulk and destroy it. Only to who ordered it; raises ``Conflict`` the second time."""
    job, stored = queries.slips_of(by, job_id)
    if stored is None:
        raise Conflict(_("The sheet was handed out already. Give a lost password anew on the account's page."))
    content = unseal_bytes(files.path_of(stored).read_bytes(), PURPOSE)
    storage, name = stored.content.storage, str(stored.content.name)
    if not StoredFile.objects.filter(pk=stored.pk).delete()[0]:
        raise Conflict(_("The sheet was handed out a moment ago."))
    audit.record("people.account_slips_taken", job, by=by)
    transaction.on_commit(lambda: storage.delete(name))
    return content
