"""Lodging, meals and transport (食宿交通): what a class run offers, what each person answered, and who sleeps where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.callups.models import Callup
from zhixing.plans.models import ClassRun, in_charge

if TYPE_CHECKING:
    from zhixing.people.models import Account


class Offer(models.Model):
    """What a class run offers; where there is none, nothing is asked. Answers may change up to and including ``closes_on``."""

    class_run = models.OneToOneField(ClassRun, models.CASCADE, related_name="offer")
    beds = models.BooleanField(_("lodging"), default=False)
    meals = models.BooleanField(_("meals"), default=False)
    transport = models.BooleanField(_("transport"), default=False)
    closes_on = models.DateField(_("answers may change until"))

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(beds=True) | Q(meals=True) | Q(transport=True), name="offer_is_something"
            ),
        )

    def __str__(self) -> str:
        return f"offer {self.class_run_id}"


class RoomQuerySet(models.QuerySet["Room"]):
    def visible_to(self, user: Account) -> Self:
        """Of class runs that the user answers for."""
        return self.filter(in_charge(user, "class_run__"))


class Room(models.Model):
    """A room for the days of one class run, with one or two beds."""

    class_run = models.ForeignKey(ClassRun, models.CASCADE, related_name="rooms")
    name = models.CharField(_("room"), max_length=20)
    beds = models.PositiveSmallIntegerField(_("beds"), default=2)

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=("class_run", "name"), name="room_once_per_class_run"),
            models.CheckConstraint(condition=Q(beds__gte=1, beds__lte=2), name="room_has_one_or_two_beds"),
        )

    def __str__(self) -> str:
        return self.name


class Stay(models.Model):
    """What one person answered: stays over night, eats there, what the kitchen should know, how they come. ``alone``: does not share a room.

    ``bed`` numbers the beds of ``room``, so that no bed is given twice.
    """

    class Arrival(models.TextChoices):
        COACH = "coach", _("coach of the class")
        PUBLIC = "public", _("public transport")
        UNIT = "unit", _("brought by the unit")
        CAR = "car", _("own car")

    callup = models.OneToOneField(Callup, models.PROTECT, related_name="stay")
    overnight = models.BooleanField(_("stays over night"), default=False)
    alone = models.BooleanField(_("does not share a room"), default=False)
    meals = models.BooleanField(_("eats there"), default=False)
    diet = models.CharField(_("note for the kitchen"), max_length=60, blank=True)
    arrives = models.CharField(_("arrives by"), max_length=6, choices=Arrival.choices, blank=True)
    answered_at = models.DateTimeField(auto_now=True)
    by_id = models.BigIntegerField()
    room = models.ForeignKey(Room, models.SET_NULL, null=True, related_name="stays")
    bed = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("room", "bed"), name="stay_bed_given_once"),
            models.CheckConstraint(condition=Q(room=None) | Q(bed__gte=1, bed__lte=2), name="stay_in_a_room_has_a_bed"),
            models.CheckConstraint(condition=Q(room=None) | Q(overnight=True), name="stay_with_a_room_is_over_night"),
        )

    def __str__(self) -> str:
        return f"stay {self.callup_id}"
