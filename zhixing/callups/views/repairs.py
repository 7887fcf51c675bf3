"""A list adjusted after a change: look for the smallest one, see whom it touches and why, confirm it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.models import Job
from zhixing.base.problems import NotFound
from zhixing.callups import actions, permissions, queries, sentences
from zhixing.callups.busy import concerning
from zhixing.callups.models import Callup, CallupRun
from zhixing.callups.problem.kept import to_come
from zhixing.callups.sentences import Names
from zhixing.people.models import Account, Person
from zhixing.people.views.request import SignedInRequest


@require_GET
def repair(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    last, offered = queries.last_repair(found), queries.repair_offered(found)
    context: dict[str, Any] = {
        "run": found,
        "job": last if last and last.state not in {Job.State.DONE, Job.State.CANCELLED} else None,
        "offered": offered,
        "published": found.state == CallupRun.State.PUBLISHED,
        "may_repair": permissions.may_repair(request.user, found),
        "busy": [(one, sentences.busy_cause(one, called)) for one, called in concerning(found)],
    }
    if offered:
        result = offered.result
        context |= {
            "conflict": sentences.Told.to(request.user, result["conflict"]).conflict(result["conflict"]),
            "rows": _rows(request.user, found, result["changes"]),
            "answer": _answer(result),
            "displaced": result["displaced"],
            "fewest": result["fewest"],
        }
    return render(request, "callups/repair.html", context)


def _answer(result: dict[str, Any]) -> str:
    if result["conflict"]:
        return _("No list exists any more")
    people = len(result["changes"])
    if not people:
        return _("The list holds; nobody has to change")
    text = ngettext(
        "%(people)s person changes, %(kept)s call-ups stay", "%(people)s people change, %(kept)s call-ups stay", people
    )
    return text % {"people": people, "kept": result["kept"]}


def _rows(user: Account, run: CallupRun, changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a person: who, what changes, and each call-up lost or new with its reason. Whoever the user may not see has no name."""
    names, open_for = Names(), set(to_come(run).values_list("pk", flat=True))
    keys = {item["person"] for item in changes}
    keys |= {who["person"] for item in changes for one in item["new"] for who in one.get("in_place_of", ())}
    people = Person.objects.select_related("unit").in_bulk(keys)
    called = _names(user, run, keys)
    return [
        {
            "name": called.get(item["person"]) or _("Somebody of another unit"),
            "unit": people[item["person"]].unit if item["person"] in called else None,
            "change": sentences.CHANGES[item["change"]],
            "lost": [
                (names.class_run(one["class"]), sentences.why_lost(one, people[item["person"]], names, open_for))
                for one in item["lost"]
            ],
            "new": [(names.class_run(one["class"]), sentences.why_new(one, names, called)) for one in item["new"]],
        }
        for item in sorted(changes, key=lambda item: (not item["lost"], item["person"]))
    ]


def _names(user: Account, run: CallupRun, keys: Collection[int]) -> dict[int, str]:
    """The names of people in the user's scope, and of those on the run's list whose call-up is."""
    on_list = Callup.objects.visible_to(user).filter(run=run).values("person_id")
    seen = Person.objects.filter(
        Q(pk__in=Person.objects.visible_to(user).values("pk")) | Q(pk__in=on_list), pk__in=keys
    )
    return dict(seen.values_list("pk", "name"))


@require_POST
def seek(request: SignedInRequest, pk: int) -> HttpResponse:
    actions.start_repair(queries.run_for(request.user, pk), by=request.user)
    return redirect("callups:repair", pk)


@require_POST
def make(request: SignedInRequest, pk: int, job_pk: UUID) -> HttpResponse:
    found = queries.run_for(request.user, pk)
    job = Job.objects.filter(pk=job_pk, kind="callups.repair", arguments__run_id=pk).first()
    if job is None:
        raise NotFound
    lost, new = actions.make_changes(found, job, reason=request.POST.get("reason", ""), by=request.user)
    messages.success(
        request, _("%(lost)s call-ups are taken off the list, %(new)s put on it.") % {"lost": lost, "new": new}
    )
    return redirect("callups:run", pk)
