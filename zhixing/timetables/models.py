"""Sessions (课次): one half day of one class run. The automatic timetable comes with its own issue."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhixing.plans.models import ClassRun
from zhixing.resources.models import Course, Method, Teacher


class Session(models.Model):
    """One half day of a class run. ``tenths`` are the hours a present person earns; ``bank_course``: what is taught, if somebody said so."""

    class Half(models.TextChoices):
        MORNING = "am", _("Morning")
        AFTERNOON = "pm", _("Afternoon")
        EVENING = "ev", _("Evening")

    Method = Method

    class_run = models.ForeignKey(ClassRun, models.CASCADE, related_name="sessions")
    on = models.DateField(db_index=True)
    half = models.CharField(max_length=2, choices=Half.choices)
    begins_at = models.TimeField()
    ends_at = models.TimeField()
    title = models.CharField(max_length=120)
    method = models.CharField(max_length=10, choices=Method.choices, default=Method.LECTURE)
    bank_course = models.ForeignKey(Course, models.PROTECT, null=True, blank=True, related_name="sessions")
    teacher = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="sessions")
    venue = models.CharField(max_length=80, blank=True)
    tenths = models.PositiveIntegerField()

    class Meta:
        ordering = ("on", "begins_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("class_run", "on", "half"), name="session_once_per_half_day"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("begins_at")), name="session_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.on} {self.half}"
