"""The long work of the archive. It can run twice: an extract that was made is left alone."""

from __future__ import annotations

from typing import Any

from zhixing.archive.actions.extracts import make_extract
from zhixing.archive.models import Extract
from zhixing.base import jobs
from zhixing.base.problems import NotFound
from zhixing.people.models import Account


@jobs.work("archive.extract")
def extract(handle: jobs.Handle, extract: int) -> dict[str, Any]:
    asked = Extract.objects.select_related("unit").filter(pk=extract).first()
    if asked is None:
        raise NotFound
    by = Account.objects.select_related("scope_unit").filter(pk=asked.by_id, is_active=True).first()
    if by is None:
        raise NotFound
    return {} if asked.digest else make_extract(asked, by, handle.progress)
