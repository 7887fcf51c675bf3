"""Long work: recomputing standings, weighing a new policy, reading and booking history. Each can run twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from zhixing.base import jobs
from zhixing.base.problems import NotFound
from zhixing.obligations.actions import refresh_standings
from zhixing.obligations.actions.history import apply_history
from zhixing.obligations.actions.history import read_history as make_preview
from zhixing.obligations.actions.policies import weigh_policy
from zhixing.obligations.actions.reminders import remind
from zhixing.obligations.models import HistoryImport
from zhixing.people.models import Account


@jobs.work("obligations.refresh")
def refresh(handle: jobs.Handle, person_ids: list[int] | None = None) -> dict[str, Any]:
    done = {"standings": refresh_standings(person_ids, progress=handle.progress)}
    return done if person_ids is not None else {**done, "reminded": remind(timezone.localdate())}


@jobs.work("obligations.compare_policy")
def compare_policy(handle: jobs.Handle, text: str, on: str) -> dict[str, Any]:
    return weigh_policy(handle.job, text, dt.date.fromisoformat(on), handle.progress)


@jobs.work("obligations.read_history")
def read_history(handle: jobs.Handle, history: int, by_id: int) -> dict[str, int]:
    subject, by = _subject(history, by_id)
    return make_preview(subject, by, handle.progress) if subject.state == HistoryImport.State.RECEIVED else {}


@jobs.work("obligations.book_history")
def book_history(handle: jobs.Handle, history: int, by_id: int) -> dict[str, int]:
    subject, by = _subject(history, by_id)
    if subject.state == HistoryImport.State.APPLIED and subject.job_id == handle.job.pk:
        return {}  # the worker died between the commit and the end of the job
    return apply_history(subject, by)


def _subject(history: int, by_id: int) -> tuple[HistoryImport, Account]:
    found = HistoryImport.objects.select_related("file").filter(pk=history).first()
    by = Account.objects.select_related("scope_unit").filter(pk=by_id, is_active=True).first()
    if found is None or by is None:
        raise NotFound
    return found, by
