"""Reads about the groups of a class, what it hands out, and who stays."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from zhixing.base.problems import NotFound
from zhixing.callups.models import Callup, CallupQuerySet
from zhixing.classwork.models import Handout, Issue, Material, Member, Offer, Room, Stay
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import class_run_for

GROUP_OF = 10
"""About as many people are proposed for one group."""


def class_run_of(user: Account, pk: int) -> ClassRun:
    """The class run, for those who answer for it; for others it is not there."""
    found = class_run_for(user, pk)
    if not ClassRun.objects.in_charge(user).filter(pk=pk).exists():
        raise NotFound
    return found


def people_of(class_run: ClassRun) -> CallupQuerySet:
    """Everybody who holds a seat, in the order of the class list."""
    rows = Callup.objects.holding_a_seat().filter(class_run=class_run)
    return rows.select_related("person", "unit").order_by("unit__path", "person__number")


def members_of(class_run: ClassRun) -> dict[int, Member]:
    """By the key of the call-up; only of those who hold a seat."""
    return {member.callup_id: member for member in Member.objects.present().filter(class_run=class_run)}


def by_group(class_run: ClassRun) -> list[tuple[int | None, list[tuple[Callup, Member | None]]]]:
    """The class list by study group, the leader first; those without a group last, under None. Two queries."""
    members = members_of(class_run)
    rows: dict[int | None, list[tuple[Callup, Member | None]]] = {}
    for callup in people_of(class_run):
        member = members.get(callup.pk)
        rows.setdefault(member.group if member else None, []).append((callup, member))
    for listed in rows.values():
        listed.sort(key=lambda row: not (row[1] and row[1].leads))
    return sorted(rows.items(), key=lambda item: (item[0] is None, item[0] or 0))


def groups_of(class_run: ClassRun) -> dict[int, int]:
    """Key of the call-up → number of the study group, of those who stand in one."""
    return {key: member.group for key, member in members_of(class_run).items() if member.group}


def own_members(callups: Iterable[int]) -> dict[int, Member]:
    """By the key of the call-up, for the person's own page."""
    return {member.callup_id: member for member in Member.objects.present().filter(callup__in=list(callups))}


def leaders_of(members: Iterable[Member]) -> dict[tuple[int, int], str]:
    """(class run, group) → name of the leader, for the groups of ``members``."""
    wanted = {(member.class_run_id, member.group) for member in members if member.group}
    rows = Member.objects.present().filter(class_run__in={run for run, _group in wanted}, leads=True)
    named = rows.values_list("class_run_id", "group", "callup__person__name")
    return {(run, group): name for run, group, name in named if (run, group) in wanted and group}


def materials_of(user: Account) -> QuerySet[Any]:
    """The stock in scope with ``out``, how many copies are with people."""
    out = Count("handouts__issues", filter=Q(handouts__issues__returned_at=None))
    return Material.objects.visible_to(user).select_related("institution").annotate(out=out)


def material_for(user: Account, pk: int) -> Material:
    found = Material.objects.visible_to(user).select_related("institution").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def handouts_of(class_run: ClassRun) -> QuerySet[Any]:
    """What a class run hands out, with ``given`` (copies handed out in all), ``out`` (those with people at present) and ``back``."""
    rows = Handout.objects.filter(class_run=class_run).select_related("material")
    return rows.annotate(
        given=Count("issues"), out=Count("issues", filter=Q(issues__returned_at=None)), back=F("given") - F("out")
    )


def handout_for(user: Account, pk: int) -> Handout:
    found = Handout.objects.visible_to(user).filter(pk=pk)
    one = found.select_related("material__institution", "class_run__institution", "class_run__organised_by").first()
    if one is None:
        raise NotFound
    return one


def receivers_of(handout: Handout) -> CallupQuerySet:
    """Everybody on the list, and whoever left the class with a copy, in the order of the class list."""
    holders = Issue.objects.filter(handout=handout).values("callup_id")
    rows = Callup.objects.filter(Q(class_run=handout.class_run_id, seat__isnull=False) | Q(pk__in=holders))
    return rows.select_related("person", "unit").order_by("unit__path", "person__number")


def latest_issues(handout: Handout) -> dict[int, Issue]:
    """By the key of the call-up, the last copy each person got."""
    return {issue.callup_id: issue for issue in handout.issues.order_by("pk")}


def offer_of(class_run_id: int) -> Offer | None:
    return Offer.objects.filter(class_run=class_run_id).first()


def stays_of(class_run: ClassRun) -> list[Stay]:
    """What everybody who is still to come or there answered, in the order of the class list; not what is no longer offered."""
    offer = offer_of(class_run.pk)
    if offer is None:
        return []
    rows = Stay.objects.filter(callup__class_run=class_run, callup__seat__isnull=False)
    rows = rows.select_related("callup__person", "callup__unit", "callup__class_run", "room")
    stays = list(rows.order_by("callup__unit__path", "callup__person__number"))
    for stay in stays:
        stay.overnight, stay.meals = stay.overnight and offer.beds, stay.meals and offer.meals
        stay.room = stay.room if offer.beds else None
        stay.diet = stay.diet if offer.meals else ""
        stay.arrives = stay.arrives if offer.transport else ""
    return stays


def guests_of(class_run: ClassRun) -> list[Stay]:
    return [stay for stay in stays_of(class_run) if stay.overnight]


def diets_of(stays: Iterable[Stay]) -> list[tuple[str, int]]:
    """Each note for the kitchen of those who eat there, and of how many people."""
    return sorted(Counter(stay.diet for stay in stays if stay.meals and stay.diet).items())


def room_for(user: Account, pk: int) -> Room:
    found = Room.objects.visible_to(user).select_related("class_run").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


MEALS = ("breakfast", "lunch", "dinner")


def meals_by_day(class_run: ClassRun, stays: Iterable[Stay]) -> list[tuple[dt.date, int, int, int]]:
    """Day, breakfasts, lunches, dinners. Lunch on every day for all who eat there; breakfast but on the first day and dinner but on the
    last for those of them who stay over night. Days are those with sessions; without a timetable every day of the class run.
    """
    eating = [stay for stay in stays if stay.meals]
    staying = sum(stay.overnight for stay in eating)
    taught = list(class_run.sessions.order_by("on").values_list("on", flat=True).distinct())
    days = taught or [class_run.starts_on + dt.timedelta(days=n) for n in range(class_run.days)]
    return [(day, staying if day != days[0] else 0, len(eating), staying if day != days[-1] else 0) for day in days]
