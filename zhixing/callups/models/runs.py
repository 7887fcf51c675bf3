"""A call-up run: the frozen problem, the proposal with its bound, and the planner's pins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhixing.base.models import Job, StoredFile
from zhixing.people.models import Person, Unit
from zhixing.plans.models import ClassRun, in_charge

if TYPE_CHECKING:
    from zhixing.people.models import Account


PUT_AWAY = "put_away"
"""In ``CallupRun.result``: ``{"at", "by_id"}`` of whoever changed or dropped the run after its last search; the next search leaves it out."""


class CallupRunQuerySet(models.QuerySet["CallupRun"]):
    def visible_to(self, user: Account) -> Self:
        """Runs are the department's work, and the auditor may look: those whose class runs they all answer for."""
        if not (user.is_department or user.is_auditor) or user.scope_unit is None:
            return self.none()
        if user.sees_the_city:
            return self.all()
        others = ClassRun.objects.exclude(pk__in=ClassRun.objects.in_charge(user).values("pk"))
        return self.filter(class_runs__in=ClassRun.objects.in_charge(user)).exclude(class_runs__in=others).distinct()


class CallupRun(models.Model):
    """One proposal of named people for the chosen class runs. Only a person publishes it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SOLVING = "solving", _("Being solved")
        PROPOSED = "proposed", _("Proposed")
        INFEASIBLE = "infeasible", _("No list exists")
        PUBLISHED = "published", _("Published")
        DROPPED = "dropped", _("Dropped")

    TRANSITIONS = {
        State.DRAFT: {State.SOLVING, State.DROPPED},
        State.SOLVING: {State.PROPOSED, State.INFEASIBLE, State.DRAFT},
        State.PROPOSED: {State.SOLVING, State.PUBLISHED, State.DROPPED, State.DRAFT},
        State.INFEASIBLE: {State.SOLVING, State.DROPPED, State.DRAFT},
    }
    OPEN_TO_CHANGE = (State.DRAFT, State.PROPOSED, State.INFEASIBLE)

    name = models.CharField(_("name"), max_length=120)
    class_runs = models.ManyToManyField(ClassRun, related_name="callup_runs")
    settings = models.JSONField(default=dict)
    seed = models.PositiveIntegerField(_("published seed"), default=1)
    seconds = models.PositiveIntegerField(_("time limit in seconds"), default=60)
    on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    problem_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    reasons_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    digest = models.CharField(max_length=64, blank=True)
    result = models.JSONField(default=dict)
    reply_by = models.DateField(null=True)
    by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)
    published_by_id = models.BigIntegerField(null=True)

    objects = CallupRunQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published_at__isnull=False, reply_by__isnull=False),
                name="callup_run_published_has_dates",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_put_away(self) -> bool:
        """Whether the reasons kept are those of a search whose list no longer stands (``result["put_away"]`` says since when and by whom)."""
        without_list = self.state in {self.State.DRAFT, self.State.DROPPED}
        return self.reasons_file_id is not None and (without_list or PUT_AWAY in self.result)


class Pin(models.Model):
    """The planner's own decision about one pair: in (``chosen``) or out, with the reason.

    ``before``: the decision that it reversed, ``{"chosen", "reason", "by_id", "at", "before"}``; it stands again when this one is taken back.
    """

    run = models.ForeignKey(CallupRun, models.CASCADE, related_name="pins")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    class_run = models.ForeignKey(ClassRun, models.CASCADE, related_name="+")
    chosen = models.BooleanField()
    reason = models.CharField(max_length=200)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    before = models.JSONField(null=True)

    class Meta:
        verbose_name = _("pin")
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("run", "person", "class_run"), name="pin_once_per_pair"),)

    def __str__(self) -> str:
        return f"{'+' if self.chosen else '-'}{self.person_id}/{self.class_run_id}"

    def put_aside(self, chosen: bool) -> dict[str, Any] | None:
        """The ``before`` of the decision that takes its place. The same decision once more (another tab, a better reason) reverses nothing."""
        if self.chosen == chosen:
            return self.before
        facts = {name: getattr(self, name) for name in ("chosen", "reason", "by_id", "before")}
        return {**facts, "at": self.at.isoformat()}


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, user: Account) -> Self:
        """A class run's list names people of many units: whoever answers for the class run. A unit's list: department, auditor and liaison
        whose scope holds the unit.
        """
        if user.scope_unit is None:
            return self.none()
        about_class = models.Q(class_run__isnull=False) & in_charge(user, "class_run__")
        if user.is_school:
            return self.filter(about_class)
        if not (user.is_department or user.is_auditor or user.is_liaison):
            return self.none()
        return self.filter(about_class | models.Q(unit__path__startswith=user.scope_unit.path))


class Paper(models.Model):
    """A 调训通知 of a published run: one per class run and one per unit, as Word and PDF."""

    run = models.ForeignKey(CallupRun, models.CASCADE, related_name="papers")
    class_run = models.ForeignKey(ClassRun, models.CASCADE, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")
    word = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    pdf = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(class_run=None, unit__isnull=False) | models.Q(class_run__isnull=False, unit=None),
                name="paper_for_class_run_or_unit",
            ),
            models.UniqueConstraint(fields=("run", "class_run"), name="paper_once_per_class_run"),
            models.UniqueConstraint(fields=("run", "unit"), name="paper_once_per_unit"),
        )

    def __str__(self) -> str:
        return f"paper {self.pk}"
