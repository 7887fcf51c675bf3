"""Lodging, meals and transport: what is offered, what a person answers, the rooms, and the lists for gate and kitchen."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.exports import excel
from zhixing.base.problems import Invalid, NotFound
from zhixing.base.tables.write import Column, Content, Table
from zhixing.callups.permissions import is_answerable_by
from zhixing.callups.queries import callup_for
from zhixing.classwork import actions, permissions, queries
from zhixing.classwork.forms import OfferForm, RoomForm, RoomsForm, StayForm
from zhixing.classwork.models import Room, Stay
from zhixing.people.views.request import SignedInRequest


@require_http_methods(["GET", "POST"])
def lodging(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the class run offers and what people answered; posting changes the offer."""
    class_run = queries.class_run_of(request.user, pk)
    may_offer = permissions.may_offer(request.user, class_run)
    known = queries.offer_of(class_run.pk)
    initial = (
        {name: getattr(known, name) for name in ("beds", "meals", "transport", "closes_on")}
        if known
        else {"closes_on": class_run.starts_on}
    )
    form = OfferForm(request.POST or None, initial=initial)
    if request.method == "POST":
        may_offer.require()
        if form.is_valid():
            actions.offer(class_run, by=request.user, **form.cleaned_data)
            messages.success(request, _("Kept. Who accepts from now on is asked."))
            return redirect("classwork:lodging", pk)
    stays = {stay.callup_id: stay for stay in queries.stays_of(class_run)}
    people = [(callup, stays.get(callup.pk)) for callup in queries.people_of(class_run)]
    rooms = Room.objects.filter(class_run=class_run)
    sleeping: dict[int, list[Stay]] = {}
    for stay in stays.values():
        sleeping.setdefault(stay.room_id or 0, []).append(stay)
    context = {
        "class_run": class_run,
        "offer": known,
        "form": form,
        "rooms_form": RoomsForm(),
        "people": people,
        "answered": len(stays),
        "staying": sum(stay.overnight for stay in stays.values()),
        "eating": sum(stay.meals for stay in stays.values()),
        "roomless": sum(stay.overnight and stay.room_id is None for stay in stays.values()),
        "rooms": [(room, sleeping.get(room.pk, [])) for room in rooms],
        "meals": queries.meals_by_day(class_run, stays.values()) if known and known.meals else [],
        "diets": queries.diets_of(stays.values()),
        "may_offer": may_offer,
    }
    return render(request, "classwork/lodging.html", context, status=422 if form.errors else 200)


@require_POST
def rooms(request: SignedInRequest, pk: int) -> HttpResponse:
    """Add rooms, or give everybody one."""
    class_run = queries.class_run_of(request.user, pk)
    if request.POST.get("deed") == "give":
        given, without = actions.give_rooms(class_run, by=request.user)
        messages.success(request, _("%(n)d people have a room.") % {"n": given})
        if without:
            messages.warning(request, _("%(n)d people have none: add rooms.") % {"n": without})
        return redirect("classwork:lodging", pk)
    form = RoomsForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Give the numbers of the rooms, at most 20 characters each, and one or two beds."))
    added = actions.add_rooms(class_run, form.cleaned_data["names"].split(), form.cleaned_data["beds"], by=request.user)
    messages.success(request, _("%(n)d rooms are added.") % {"n": added})
    return redirect("classwork:lodging", pk)


@require_POST
def remove_room(request: SignedInRequest, pk: int) -> HttpResponse:
    room = queries.room_for(request.user, pk)
    actions.remove_room(room, by=request.user)
    return redirect("classwork:lodging", room.class_run_id)


@require_http_methods(["GET", "POST"])
def stay(request: SignedInRequest, pk: int) -> HttpResponse:
    """What one person answers: the person, the liaison, or staff of the class run."""
    callup = callup_for(request.user, pk)
    offer = queries.offer_of(callup.class_run_id)
    runs = permissions.may_offer(request.user, callup.class_run)
    mine = is_answerable_by(request.user, callup)
    if offer is None or not (runs or mine):
        raise NotFound
    known = Stay.objects.filter(callup=callup).select_related("room").first()
    may_answer = permissions.may_answer(request.user, callup, offer, timezone.localdate())
    form = StayForm(request.POST or None, offer=offer, stay=known)
    if request.method == "POST":
        may_answer.require()
        if form.is_valid():
            actions.answer_stay(callup, form.answer(), by=request.user, today=timezone.localdate())
            messages.success(request, _("Kept. You may change it until %(day)s.") % {"day": offer.closes_on})
            if request.user.person_id == callup.person_id:
                return redirect("callups:mine")
            return redirect("classwork:lodging", callup.class_run_id) if runs else redirect("callups:callup", pk)
    context = {
        "callup": callup,
        "offer": offer,
        "stay": known,
        "form": form,
        "may_answer": may_answer,
        "own": request.user.person_id == callup.person_id,
        "runs": runs,
        "room_form": RoomForm(
            rooms=Room.objects.filter(class_run=callup.class_run_id), initial={"room": known.room_id if known else None}
        ),
    }
    return render(request, "classwork/stay.html", context, status=422 if form.errors else 200)


@require_POST
def put_into(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give one person a room by hand, or take it back."""
    callup = callup_for(request.user, pk)
    known = Stay.objects.filter(callup=callup).select_related("callup__person", "callup__class_run").first()
    form = RoomForm(request.POST, rooms=Room.objects.filter(class_run=callup.class_run_id))
    if known is None or not permissions.may_offer(request.user, callup.class_run):
        raise NotFound
    if not form.is_valid():
        raise Invalid(_("Choose a room of this class run."))
    actions.put_into(known, form.cleaned_data["room"], by=request.user)
    messages.success(request, _("Done."))
    return redirect("classwork:lodging", callup.class_run_id)


@require_GET
def book(request: SignedInRequest, pk: int) -> HttpResponse:
    """The room list, the list for the gate, and the meals by day, as one Excel file."""
    class_run = queries.class_run_of(request.user, pk)
    stays = queries.stays_of(class_run)
    guests = sorted(
        (one for one in stays if one.overnight), key=lambda one: (one.room is None, str(one.room or ""), one.bed or 0)
    )
    sleeping = [[one.room.name if one.room else "", *_who(one)] for one in guests]
    gate = [
        [*_who(one), one.get_arrives_display() if one.arrives else "", _("yes") if one.overnight else _("no")]
        for one in stays
    ]
    meals = [[day, *counts] for day, *counts in queries.meals_by_day(class_run, stays)]
    name, unit = _("full name"), _("unit")
    return excel(
        _("rooms"),
        [_("room"), name, unit],
        sleeping,
        (
            _table(_("gate"), [name, unit, _("arrives by"), _("stays over night")], gate),
            _table(_("meals"), [_("day"), _("breakfast"), _("lunch"), _("dinner")], meals),
            _table(
                _("kitchen notes"),
                [_("note for the kitchen"), _("people")],
                [list(row) for row in queries.diets_of(stays)],
            ),
        ),
    )


def _table(name: str, headings: list[str], rows: Sequence[Sequence[object]]) -> Table:
    return Table(name, [Column(heading, Content.NUMBER) for heading in headings], rows)


def _who(stay: Stay) -> list[str]:
    return [stay.callup.person.name, stay.callup.unit.name]
