"""The works of the people app that go through the job queue. Each can run twice: a second run finds the work done or begins anew."""

from __future__ import annotations

from zhixing.base import jobs
from zhixing.base.problems import NotFound
from zhixing.people.actions.account_bulks import open_accounts as make_accounts
from zhixing.people.actions.rosters import apply, preview, undo
from zhixing.people.models import Account, RosterImport, Unit


def _subject(roster_import: int, by_id: int) -> tuple[RosterImport, Account]:
    found = RosterImport.objects.select_related("scope_unit", "file").filter(pk=roster_import).first()
    if found is None:
        raise NotFound
    return found, _account(by_id)


def _account(pk: int) -> Account:
    by: Account | None = Account.objects.select_related("scope_unit").filter(pk=pk, is_active=True).first()
    if by is None:
        raise NotFound
    return by


@jobs.work("people.read_roster")
def read_roster(handle: jobs.Handle, roster_import: int, by_id: int) -> dict[str, int]:
    subject, _by = _subject(roster_import, by_id)
    return preview.read_roster(subject, handle)


@jobs.work("people.apply_roster")
def apply_roster(handle: jobs.Handle, roster_import: int, by_id: int) -> dict[str, int]:
    subject, by = _subject(roster_import, by_id)
    if subject.state == RosterImport.State.APPLIED and subject.job_id == handle.job.pk:
        return {}  # the worker died between the commit and the end of the job
    return apply.apply_roster(subject, by=by, handle=handle)


@jobs.work("people.weigh_roll_back")
def weigh_roll_back(handle: jobs.Handle, roster_import: int, by_id: int) -> dict[str, int]:
    subject, by = _subject(roster_import, by_id)
    return undo.weigh_roll_back(subject, by=by, handle=handle)


@jobs.work("people.roll_back_roster")
def roll_back_roster(handle: jobs.Handle, roster_import: int, by_id: int) -> dict[str, int]:
    subject, by = _subject(roster_import, by_id)
    if subject.state == RosterImport.State.ROLLED_BACK and subject.job_id == handle.job.pk:
        return {}
    return undo.roll_back_roster(subject, by=by, handle=handle)


@jobs.work("people.open_accounts")
def open_accounts(handle: jobs.Handle, unit: int, role: str, by_id: int) -> dict[str, int]:
    return make_accounts(Unit.objects.get(pk=unit), role, by=_account(by_id), handle=handle)
