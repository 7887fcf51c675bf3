"""Reminders (到期提醒) that were given: each once, on the dates that the policy names."""

from __future__ import annotations

from django.db import models

from zhixing.people.models import Person


class Reminder(models.Model):
    """``days`` before the window of a rule closed, hours were missing, and on ``on`` the person and the unit's liaisons were told.

    Kept so that nobody is told twice of one date; the notice itself holds the words.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="reminders")
    rule = models.CharField(max_length=60)
    window_closes = models.DateField()
    days = models.PositiveSmallIntegerField()
    missing_tenths = models.PositiveIntegerField()
    on = models.DateField()

    class Meta:
        ordering = ("-on", "person_id", "rule")
        constraints = (
            models.UniqueConstraint(fields=("person", "rule", "window_closes", "days"), name="reminded_once"),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.rule} {self.window_closes} -{self.days}"
