"""What classwork does once a class run is over."""

from __future__ import annotations

from zhixing.base import jobs
from zhixing.classwork.actions import forget_notes
from zhixing.plans.models import ClassRun


@jobs.work("classwork.forget_notes")
def forget(handle: jobs.Handle, class_run_id: int) -> dict[str, int]:
    return {"notes": forget_notes(ClassRun.objects.get(pk=class_run_id))}
