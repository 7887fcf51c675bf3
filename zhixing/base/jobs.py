"""Long work: a ``Job`` row with owner, progress, heartbeat and cancel flag, run by django-tasks from its database queue.

``kill -9`` of a worker loses nothing: the heartbeat stops, ``sweep`` queues the job again, and each job's action changes the state of its
subject in one transaction, so a second run finds the work done or starts from the beginning.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task

from zhixing.base.models import Job
from zhixing.base.problems import NotFound, Problem

log = logging.getLogger(__name__)
BEATS_UNTIL_STALE = 9
ATTEMPTS_MAX = 3


class Cancelled(Exception):
    """The owner asked the job to stop."""


class Handle:
    """What a running job sees of itself."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._said = timezone.now() - dt.timedelta(days=1)

    def progress(self, done: int, total: int, note: str = "", so_far: Mapping[str, Any] | None = None) -> None:
        """Report progress (written at most about twice a second) and raise ``Cancelled`` when asked to stop.

        ``so_far`` stands in the job's ``result`` until the work ends.

        Inside a transaction nothing is written: nobody could see it before the end.
        """
        now = timezone.now()
        if done < total and now - self._said < dt.timedelta(milliseconds=500):
            return
        self._said = now
        if connection.in_atomic_block:
            return
        Job.objects.filter(pk=self.job.pk).update(
            progress_done=done, progress_total=total, progress_note=note, heartbeat_at=now, result=dict(so_far or {})
        )
        self.check()

    def check(self) -> None:
        """Raise ``Cancelled`` when the owner asked to stop."""
        if self.asked_to_stop():
            raise Cancelled

    def asked_to_stop(self) -> bool:
        return Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists()


Work = Callable[..., dict[str, Any] | None]
_works: dict[str, Work] = {}


def work(kind: str) -> Callable[[Work], Work]:
    """Register ``function(handle, **arguments) -> result`` as the work of jobs of ``kind`` (``<app>.<verb>``)."""

    def register(function: Work) -> Work:
        _works[kind] = function
        return function

    return register


def start(kind: str, *, label: str, by: Any, link: str = "", **arguments: Any) -> Job:
    """Put a job and its task into the queue, in the caller's transaction."""
    if kind not in _works:
        raise LookupError(f"no work is registered for {kind}")
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind, label=label[:200], owner_id=getattr(by, "pk", None), arguments=arguments, link=link
        )
        run_job.enqueue(str(job.pk))
    return job


@task()
def run_job(job_id: str) -> None:
    perform(job_id)


def perform(job_id: str) -> None:
    """Claim the job and run its work; a job that is not waiting is left alone."""
    now = timezone.now()
    claimed = Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(
        state=Job.State.RUNNING, heartbeat_at=now, error=""
    )
    if not claimed:
        return
    job = Job.objects.get(pk=job_id)
    job.attempts += 1
    job.save(update_fields=("attempts",))
    with _heartbeat(job):
        _run(job)


def _run(job: Job) -> None:
    try:
        result = _works[job.kind](Handle(job), **job.arguments) or {}
    except Cancelled:
        _finish(job, Job.State.CANCELLED)
    except Problem as problem:
        _finish(job, Job.State.FAILED, error=str(problem.message))
    except Exception as error:
        log.exception("job %s failed", job.pk)
        _finish(job, Job.State.FAILED, error=f"{type(error).__name__}")
        raise
    else:
        _finish(job, Job.State.DONE, result=result)


def _finish(job: Job, state: str, *, result: dict[str, Any] | None = None, error: str = "") -> None:
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
        state=state, result=result or {}, error=error, finished_at=timezone.now()
    )


class _heartbeat:
    """Says "still alive" from a thread of its own while the work runs; not inside tests' transactions, where no second connection sees the row."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._stop = threading.Event()
        self._thread = None if connection.in_atomic_block else threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        if self._thread:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._stop.wait(settings.JOB_STALE_SECONDS / BEATS_UNTIL_STALE):
                try:
                    Job.objects.filter(pk=self._job.pk).update(heartbeat_at=timezone.now())
                except Exception:  # a locked database delays a beat, it must not end the work
                    log.info("heartbeat of job %s delayed", self._job.pk)
        finally:
            close_old_connections()
            connection.close()


def cancel(job: Job) -> None:
    """Ask the job to stop; one that has not begun is cancelled at once."""
    if Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
        state=Job.State.CANCELLED, finished_at=timezone.now()
    ):
        return
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True)


def sweep(now: dt.datetime | None = None) -> int:
    """Queue again every running job whose worker stopped breathing; give up after ``ATTEMPTS_MAX``. Returns how many were queued."""
    limit = (now or timezone.now()) - dt.timedelta(seconds=settings.JOB_STALE_SECONDS)
    queued = 0
    for job in Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__lt=limit):
        with transaction.atomic():
            mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, heartbeat_at__lt=limit)
            if job.attempts >= ATTEMPTS_MAX:
                mine.update(state=Job.State.FAILED, error="worker lost", finished_at=timezone.now())
            elif mine.update(state=Job.State.QUEUED):
                run_job.enqueue(str(job.pk))
                queued += 1
    return queued


def seen_by(user: Any, job_id: str) -> Job:
    """A job that the user may see; otherwise it does not exist."""
    job = all_seen_by(user).filter(pk=job_id).first()
    if job is None:
        raise NotFound
    return job


def all_seen_by(user: Any) -> QuerySet[Job]:
    """The user's own jobs; for the department of the city all of them."""
    oversees = getattr(user, "is_department", False) and user.sees_the_city
    return Job.objects.all() if oversees else Job.objects.filter(owner_id=user.pk)
