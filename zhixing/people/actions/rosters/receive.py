"""Taking a roster in, reading it again after a mishap, dropping it."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, files, jobs
from zhixing.base.models import Job, StoredFile
from zhixing.base.problems import Conflict, Invalid
from zhixing.base.sealed import seal_bytes, unseal_bytes
from zhixing.base.tables.guard import inspect
from zhixing.people import permissions
from zhixing.people.models import Account, RosterImport, Unit

PURPOSE = b"roster"
_FULL = {errno.ENOSPC, errno.EDQUOT}


def receive_roster(
    content: bytes,
    name: str,
    *,
    by: Account,
    scope_unit: Unit,
    on: dt.date,
    complete: bool = False,
    opens_units: bool = False,
) -> RosterImport:
    """Take in a roster file of ``scope_unit`` and what lies below it, as it stood on ``on``, and queue its reading.

    ``complete``: whoever of the subtree is not in it has left. ``opens_units``: units that are not in the tree yet are opened
    below ``scope_unit``. The file is kept sealed until it has been read. Raises ``Refused``, and ``Invalid`` for a file that
    must not be parsed, a day in the future and a full disk.
    """
    permissions.may_import(by, scope_unit).require()
    if on > timezone.localdate():
        raise Invalid(_("A roster cannot be dated in the future."))
    kind = inspect(content, name, max_bytes=settings.UPLOAD_MAX_BYTES)
    with transaction.atomic():
        roster_import = RosterImport.objects.create(
            file=_store(content, name, by),
            digest=hashlib.sha256(content).hexdigest(),
            on=on,
            complete=complete,
            opens_units=opens_units,
            scope_unit=scope_unit,
            counts={"kind": kind},
            by_id=by.pk,
        )
        start_work(roster_import, "people.read_roster", _("Reading the roster"), by)
        audit.record(
            "people.roster_received",
            roster_import,
            by=by,
            scope=scope_unit.pk,
            on=on,
            complete=complete,
            bytes=len(content),
        )
    return roster_import


@transaction.atomic
def read_again(roster_import: RosterImport, *, by: Account) -> Job:
    """Queue the reading once more after its job failed or was cancelled."""
    permissions.may_import(by, roster_import.scope_unit).require()
    if roster_import.state != RosterImport.State.RECEIVED:
        raise Conflict(_("This roster has been read already."))
    return start_work(roster_import, "people.read_roster", _("Reading the roster"), by)


@transaction.atomic
def drop_import(roster_import: RosterImport, *, by: Account) -> None:
    """Give up an import that was not applied: its rows and its file are destroyed. Raises ``Conflict`` when it moved on meanwhile."""
    permissions.may_drop(by, roster_import).require()
    waiting = (RosterImport.State.RECEIVED, RosterImport.State.READ)
    if not RosterImport.objects.filter(pk=roster_import.pk, state__in=waiting).update(state=RosterImport.State.DROPPED):
        raise Conflict(_("This import was applied or dropped a moment ago."))
    roster_import.changes.all().delete()
    audit.record("people.roster_dropped", roster_import, by=by)
    files.destroy(roster_import.file)


def start_work(roster_import: RosterImport, kind: str, label: str, by: Account) -> Job:
    """Queue a job of this import. One at a time: raises ``Conflict`` while another is under way."""
    held = RosterImport.objects.select_for_update().select_related(None).get(pk=roster_import.pk)
    if held.job_id and Job.objects.filter(pk=held.job_id, state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists():
        raise Conflict(_("Work on this import is under way."))
    link = reverse("people:import", args=(roster_import.pk,))
    job = jobs.start(kind, label=label, by=by, link=link, roster_import=roster_import.pk, by_id=by.pk)
    RosterImport.objects.filter(pk=roster_import.pk).update(job=job)
    roster_import.job = job
    return job


def content_of(roster_import: RosterImport) -> bytes:
    """The file as it was uploaded."""
    return unseal_bytes(files.path_of(roster_import.file).read_bytes(), PURPOSE)


def _store(content: bytes, name: str, by: Account) -> StoredFile:
    try:
        return files.store(seal_bytes(content, PURPOSE), name, "roster", by=by)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise Invalid(_("The disk of the server is full; nothing was kept. Tell whoever runs it.")) from error
