"""Trying what would put somebody on a list: long work that changes nothing."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.base import audit, jobs
from zhixing.base.models import Job
from zhixing.base.problems import Conflict
from zhixing.callups import permissions, queries
from zhixing.callups.models import CallupRun
from zhixing.people.models import Account, Person
from zhixing.plans.models import ClassRun


@transaction.atomic
def start_try(run: CallupRun, person: Person, class_run: ClassRun, *, by: Account) -> Job:
    """Queue the search for the smallest change that lets one person in. Raises ``Conflict`` while one for this pair runs."""
    permissions.may_try(by, run).require()
    last = queries.last_try(run, person.pk, class_run.pk)
    if last is not None and not last.ended:
        raise Conflict(_("This is being tried already."))
    audit.record("callups.change_tried", run, by=by, person=person.pk, class_run=class_run.pk)
    return jobs.start(
        "callups.try",
        label=_("What would put somebody on the list: %(run)s") % {"run": run.name},
        by=by,
        link=reverse("callups:why", args=[run.pk, person.pk, class_run.pk]),
        run_id=run.pk,
        person_id=person.pk,
        class_run_id=class_run.pk,
    )
