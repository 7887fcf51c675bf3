"""Assessments (评估): an institution or class run held against an indicator system, with judgements, proof, results and appeals."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.base.models import StoredFile
from zhixing.engine.indicators import Finding
from zhixing.evaluations.models.systems import SystemVersion
from zhixing.people.models import Account, Unit
from zhixing.plans.models import ALL, NONE, ClassRun, in_charge


def of_institutions(user: Account, at: str = "") -> Q:
    """The institution at the path ``at`` is one whose quality ``user`` may look into. Department and auditor: those of their subtree (at the root:
    all of them). A school: itself. A class head and others: none.
    """
    own = user.scope_unit
    if own is None or not (user.is_department or user.is_auditor or user.is_school) or user.is_class_head:
        return NONE
    return ALL if user.sees_the_city and not user.is_school else Q(**{f"{at}path__startswith": own.path})


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: Account) -> Self:
        """Of institutions that they may look into, and of class runs that they answer for; a class head none of these either."""
        if user.is_class_head:
            return self.none()
        of_class_run = Q(class_run__isnull=False) & in_charge(user, "class_run__")
        return self.filter(of_institutions(user, "institution__") | of_class_run)


class Assessment(models.Model):
    """One object under one published version, of one year. Either ``institution`` or ``class_run`` is what is assessed; with a ``title`` it is a course,
    programme (the class runs of that theme) or textbook of the institution.

    ``REPORTING``: the school reports on itself (自评); ``REVIEW``: reviewers read and visit; ``FEEDBACK``: the result is told and may be appealed
    against; ``FINAL``: it is in the quality file.
    """

    class State(models.TextChoices):
        REPORTING = "reporting", pgettext_lazy("assessment", "Self-assessment")
        REVIEW = "review", pgettext_lazy("assessment", "Under review")
        FEEDBACK = "feedback", pgettext_lazy("assessment", "Result told")
        FINAL = "final", pgettext_lazy("assessment", "Final")

    TRANSITIONS = {
        State.REPORTING: {State.REVIEW},
        State.REVIEW: {State.FEEDBACK},
        State.FEEDBACK: {State.REVIEW, State.FINAL},  # back after an upheld appeal
    }

    version = models.ForeignKey(SystemVersion, models.PROTECT, related_name="assessments")
    institution = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="assessments")
    class_run = models.ForeignKey(ClassRun, models.PROTECT, null=True, related_name="assessments")
    title = models.CharField(max_length=120, blank=True)
    year = models.PositiveSmallIntegerField(_("year"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.REPORTING)
    report_due_on = models.DateField(_("self-assessment due on"))
    appeal_until = models.DateField(null=True)
    by_id = models.BigIntegerField()
    begun_at = models.DateTimeField(auto_now_add=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        ordering = ("-year", "version__system__title", "institution__path", "class_run__starts_on", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("version", "institution", "title", "year"),
                condition=Q(class_run=None),
                name="assessment_once_a_year",
            ),
            models.UniqueConstraint(
                fields=("version", "class_run"), condition=Q(institution=None), name="assessment_once_per_class_run"
            ),
            models.CheckConstraint(
                condition=Q(institution=None, class_run__isnull=False) | Q(institution__isnull=False, class_run=None),
                name="assessment_of_one_object",
            ),
        )

    def __str__(self) -> str:
        return f"{self.object} · {self.version.system} · {self.year}"

    @property
    def latest(self) -> AssessmentResult | None:
        """What was told last; asks nothing where ``results`` were fetched with the row."""
        return next(iter(self.results.all()), None)

    @property
    def object(self) -> str:
        return f"{self.title} · {self.institution}" if self.title else str(self.institution or self.class_run)

    @property
    def school(self) -> Unit | None:
        """Whose self-assessment and appeal it is."""
        return self.institution or (self.class_run.institution if self.class_run else None)


class Judgement(models.Model):
    """What one account gives an indicator, in percent of its points. ``by_school``: the self-assessment, which is shown beside and never counts."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="judgements")
    code = models.CharField(max_length=20)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    by_school = models.BooleanField(default=False)
    percent = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=500, blank=True)
    on_site = models.BooleanField(default=False)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("judgement")
        ordering = ("code", "by_school", "account_id")
        constraints = (
            models.UniqueConstraint(fields=("assessment", "code", "account"), name="judgement_once_per_account"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="judgement_percent"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.percent}"


class Proof(models.Model):
    """A paper that backs an indicator (佐证材料), handed in by the school or brought from a visit."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="proofs")
    code = models.CharField(max_length=20)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("proof")
        ordering = ("code", "id")

    def __str__(self) -> str:
        return self.title


class AssessmentResult(models.Model):
    """What was told, each time: never changed, a later one stands beside it. ``findings``: code → [share in text, half width or null].

    ``hundredths`` of a point; ``low`` and ``high`` bound the 95 % interval."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="results")
    number = models.PositiveIntegerField()
    findings: models.JSONField[Any, Any] = models.JSONField()
    hundredths = models.PositiveIntegerField()
    low = models.PositiveIntegerField()
    high = models.PositiveIntegerField()
    level = models.CharField(max_length=60, blank=True)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("result of an assessment")
        ordering = ("assessment_id", "-number")
        constraints = (
            models.UniqueConstraint(fields=("assessment", "number"), name="assessment_result_once_per_number"),
        )

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.number}"

    def as_found(self) -> dict[str, Finding]:
        """Code → what was found, as the engine takes it."""
        return {code: Finding(Fraction(share), half) for code, (share, half) in self.findings.items()}


class AssessmentAppeal(models.Model):
    """The school contests one indicator of a result; a named person decides. Upheld, the review goes on and a new result is told."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "Open")
        UPHELD = "upheld", pgettext_lazy("appeal", "Upheld")
        REFUSED = "refused", pgettext_lazy("appeal", "Refused")

    TRANSITIONS = {State.OPEN: {State.UPHELD, State.REFUSED}}

    result = models.ForeignKey(AssessmentResult, models.PROTECT, related_name="appeals")
    code = models.CharField(max_length=20)
    text = models.CharField(_("grounds"), max_length=500)
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    by_id = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("appeal against an assessment")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("result", "code"), name="assessment_appeal_once_per_indicator"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | ~Q(state="open") & Q(decided_at__isnull=False),
                name="assessment_appeal_decided_has_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.result_id} {self.code}"
