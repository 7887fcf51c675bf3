"""What a draft of a policy would do to whom (政策影响): computed by a job before the signature, put away with the comparisons that follow."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhixing.base.models import Job
from zhixing.obligations.models.scope import ScopedByPerson
from zhixing.obligations.models.standings import State
from zhixing.people.models import Person


class PolicyEffect(models.Model):
    """One person and one rule whose state or missing hours the draft would change; a state is empty where the rule asks nothing."""

    class Direction(models.TextChoices):
        HEAVIER = "heavier", _("Loses: more is asked")
        LIGHTER = "lighter", _("Gains: less is asked")
        OTHER = "other", _("Another state, nothing more to do")

    job = models.ForeignKey(Job, models.CASCADE, related_name="policy_effects")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    rule = models.CharField(max_length=60)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    before = models.CharField(max_length=8, choices=State.choices, blank=True)
    after = models.CharField(max_length=8, choices=State.choices, blank=True)
    missing_before = models.PositiveIntegerField()
    missing_after = models.PositiveIntegerField()

    objects = ScopedByPerson["PolicyEffect"].as_manager()

    class Meta:
        ordering = ("job_id", "person_id", "rule")
        indexes = (models.Index(fields=("job", "direction", "person"), name="policy_effect_by_direction"),)
        constraints = (models.UniqueConstraint(fields=("job", "person", "rule"), name="policy_effect_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} {self.rule} {self.direction}"
