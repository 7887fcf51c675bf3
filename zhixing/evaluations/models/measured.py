"""What a class run cost, and what tests before and after it showed: rows that are added, never changed."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.people.models import Account
from zhixing.plans.models import ClassRun, in_charge


class OfClassRun(models.QuerySet[Any]):
    def visible_to(self, user: Account) -> Self:
        """Whoever answers for the class run; money and marks are no matter of a class head."""
        return self.none() if user.is_class_head else self.filter(in_charge(user, "class_run__"))


class CostEntry(models.Model):
    """One amount of money of a class run, in ``cents``, planned or spent. A mistake is set right by an entry of the opposite amount (``corrects``)."""

    class Category(models.TextChoices):
        TEACHING = "teaching", pgettext_lazy("cost", "Teachers' fees")
        LODGING = "lodging", pgettext_lazy("cost", "Lodging")
        MEALS = "meals", pgettext_lazy("cost", "Meals")
        VENUE = "venue", pgettext_lazy("cost", "Rooms and equipment")
        MATERIALS = "materials", pgettext_lazy("cost", "Materials")
        TRANSPORT = "transport", pgettext_lazy("cost", "Transport")
        OTHER = "other", pgettext_lazy("cost", "Other")

    class Kind(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("cost", "Planned")
        SPENT = "spent", pgettext_lazy("cost", "Spent")

    class_run = models.ForeignKey(ClassRun, models.PROTECT, related_name="costs")
    category = models.CharField(_("kind of cost"), max_length=9, choices=Category.choices)
    kind = models.CharField(_("planned or spent"), max_length=7, choices=Kind.choices)
    cents = models.BigIntegerField(_("amount"))
    on = models.DateField(_("day"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("entered at"), auto_now_add=True)

    objects = OfClassRun.as_manager()

    class Meta:
        verbose_name = _("cost of a class run")
        ordering = ("on", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(cents__gt=0, corrects=None) | Q(cents__lt=0, corrects__isnull=False),
                name="cost_is_positive_or_corrects",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_category_display()} {self.cents}"


class ExamGain(models.Model):
    """What one pair of tests showed of those who took both. Only sums are kept: the scores of persons are read, reckoned with and thrown away.

    ``marks``: fingerprints of the rows (``marks.fingerprints``), by which a later sheet is compared with this one; None: an older version kept none.

    ``found``: what the engine said, in points of 100: ``value``, ``lower``, ``upper``, ``pre``, ``post``, ``by_chance``; and ``verdict``, ``method``,
    ``cautions``. The latest of a class run stands."""

    class_run = models.ForeignKey(ClassRun, models.PROTECT, related_name="exam_gains")
    n = models.PositiveIntegerField(_("people"))
    left_out = models.PositiveIntegerField(_("took one test only"))
    found: models.JSONField[Any, Any] = models.JSONField()
    marks: models.JSONField[Any, Any] = models.JSONField(null=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    at = models.DateTimeField(_("entered at"), auto_now_add=True)

    objects = OfClassRun.as_manager()

    class Meta:
        verbose_name = _("gain from before to after")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.class_run} {self.n}"

    @property
    def is_told(self) -> bool:
        """Whether the figure may be read: of too few, or where nothing is comparable, the engine tells none."""
        return self.found["verdict"] in {"better", "worse", "no_evidence"}
