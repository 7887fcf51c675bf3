"""One person's arithmetic on any day, as known on any day."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from zhixing.base.asked import whole_number
from zhixing.base.problems import NotFound
from zhixing.obligations import permissions
from zhixing.obligations.forms import MomentForm
from zhixing.obligations.models import ExternalTraining
from zhixing.obligations.queries.explaining import corrections_since, explain_person
from zhixing.obligations.queries.hindsight import before_promotion
from zhixing.obligations.queries.hindsight import hindsight as in_hindsight
from zhixing.obligations.queries.moments import ONE_DAY, Slider, day_slider, knowledge_slider, promotions_of
from zhixing.people.actions import record_reading
from zhixing.people.models import Person, RecordReading
from zhixing.people.queries import person_for
from zhixing.people.views.request import SignedInRequest

ONE_VISIT = dt.timedelta(minutes=10)
"""Moves of the slider within this time are one reading of the record."""
REPORTED = 5
"""Trainings not in the ledger that the page shows; the list holds all."""


@require_GET
def standing(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person on any day, as known at the end of any day; the steps of the sliders stand for their days."""
    person = person_for(request.user, pk)
    _record_reading(request, person)
    asked: dict[str, object] = {"on": timezone.localdate(), **request.GET.dict()}
    days, moments = day_slider(person), knowledge_slider(person)
    asked |= {key: day for key, day in (("on", _day_at(request, days)), ("known_on", _day_at(request, moments))) if day}
    form = MomentForm(asked)
    on, known_on = (
        (form.cleaned_data["on"], form.cleaned_data["known_on"]) if form.is_valid() else (timezone.localdate(), None)
    )
    explained = explain_person(person, on, known_on)
    context = {
        "person": person,
        "own": person.pk == request.user.person_id,
        "explained": explained,
        "entered_later": known_on and person.entered_at and timezone.localdate(person.entered_at) > known_on,
        "form": form,
        "day_slider": days.to(on),
        "knowledge_slider": moments.to(known_on),
        "promotions": promotions_of(person),
        "reported": person.external_trainings.exclude(state=ExternalTraining.State.APPROVED).order_by("-pk")[:REPORTED],
        "may_exempt": permissions.may_exempt(request.user, person),
        "may_record_external": permissions.may_record_external(request.user, person),
    }
    response = render(request, "obligations/standing.html", context, status=200 if form.is_valid() else 422)
    if "on_step" in request.GET:
        known = {"known_on": known_on} if known_on else {}
        response["HX-Replace-Url"] = f"{request.path}?{urlencode({'on': on, **known})}"
    return response


def _record_reading(request: SignedInRequest, person: Person) -> None:
    since = timezone.now() - ONE_VISIT
    moved = "on_step" in request.GET
    read = RecordReading.objects.filter(person=person.pk, reader=request.user, page="standing", at__gte=since)
    if not (moved and read.exists()):
        record_reading(person, request.user, "standing")


def _day_at(request: SignedInRequest, slider: Slider) -> dt.date | None:
    step = whole_number(request.GET.get(slider.name, ""))
    return slider.steps[step].day if step is not None and step <= slider.last else None


@require_GET
def hindsight(request: SignedInRequest, pk: int) -> HttpResponse:
    """One day as known then (by default at its end) beside the same day as known now: one click from each promotion.

    Before the day of a promotion stands the day before it, whose knowledge is then the one asked for by default.
    """
    person = person_for(request.user, pk)
    record_reading(person, request.user, "standing")
    asked = MomentForm({"on": timezone.localdate(), **request.GET.dict()})
    day, known_on = timezone.localdate(), None
    if asked.is_valid():
        day, known_on = asked.cleaned_data["on"], asked.cleaned_data["known_on"]
    promotion = next((one for one in promotions_of(person) if one.on == day), None)
    known_on = known_on or (day - ONE_DAY if promotion else day)
    seen = in_hindsight(person, day, known_on)
    context = {
        "person": person,
        "form": MomentForm({"on": day, "known_on": known_on}) if asked.is_valid() else asked,
        "seen": seen,
        "corrections": corrections_since(seen.then),
        "promotion": promotion,
        "before": before_promotion(person, day, known_on) if promotion else None,
    }
    return render(request, "obligations/hindsight.html", context, status=200 if asked.is_valid() else 422)


@require_GET
def mine(request: SignedInRequest) -> HttpResponse:
    """The own standing, under an address of its own."""
    if not request.user.person_id:
        raise NotFound
    return standing(request, request.user.person_id)
