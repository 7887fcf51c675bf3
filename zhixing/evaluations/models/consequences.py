"""What follows from evaluation: whether a course is kept, and whether a teacher is invited again. Each a decision of a named person, never changed."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.evaluations.models.assessments import of_institutions
from zhixing.people.models import Account, Unit
from zhixing.plans.models import NONE, ClassRun
from zhixing.resources.models import Teacher
from zhixing.timetables.models import Session


class CourseDecisionQuerySet(models.QuerySet["CourseDecision"]):
    def visible_to(self, user: Account) -> Self:
        """Whoever looks into the quality of the institution; a teacher: what was decided about courses that the teacher taught there."""
        if not user.is_teacher:
            return self.filter(of_institutions(user, "institution__"))
        from zhixing.evaluations.queries.occasions import as_asked  # which is made of these models

        taught = as_asked(
            Session.objects.filter(
                class_run__institution=models.OuterRef("institution"),
                on__lte=timezone.localdate(),
                class_run__state__in=(ClassRun.State.RUNNING, ClassRun.State.HELD),
            )
        )
        own = Teacher.objects.filter(account=user).values("pk")
        return self.filter(models.Exists(taught.filter(course=models.OuterRef("title"), taught_by__in=own)))


class CourseDecision(models.Model):
    """A course (what an institution teaches under one title) is kept, mended or dropped. The latest row stands, the earlier ones are its history; of what
    a unit decided no unit below it decides otherwise. ``unit``: whose decision it is (None: made before that was kept).

    ``owner`` and ``due_on``: who mends it until when. ``evidence``: the figures that whoever decided had on the page (``Evidence.kept``). ``appeal``: the
    one it answers."""

    class Choice(models.TextChoices):
        KEEP = "keep", pgettext_lazy("course", "Keep")
        FIX = "fix", pgettext_lazy("course", "Mend")
        DROP = "drop", pgettext_lazy("course", "Drop")

    institution = models.ForeignKey(
        Unit, models.PROTECT, related_name="course_decisions", verbose_name=_("institution")
    )
    title = models.CharField(_("course"), max_length=120)
    choice = models.CharField(_("decision"), max_length=4, choices=Choice.choices)
    reason = models.CharField(_("reason"), max_length=500)
    owner = models.CharField(_("who answers for it"), max_length=60, blank=True)
    due_on = models.DateField(_("to be mended by"), null=True)
    evidence: models.JSONField[Any, Any] = models.JSONField(default=dict)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("decides for"))
    appeal = models.OneToOneField("Appeal", models.PROTECT, null=True, related_name="about_course")
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    at = models.DateTimeField(_("decided at"), auto_now_add=True)

    objects = CourseDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision about a course")
        ordering = ("-id",)
        indexes = (models.Index(fields=("institution", "title"), name="course_decision_by_course"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(choice="fix", due_on__isnull=False) & ~Q(owner="") | ~Q(choice="fix") & Q(due_on=None),
                name="course_to_mend_has_owner",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def of_unit(self) -> Unit | None:
        return self.unit or self.by.scope_unit


class InvitationDecisionQuerySet(models.QuerySet["InvitationDecision"]):
    def visible_to(self, user: Account) -> Self:
        """Whoever decides, and the units above; a teacher: what was decided about the teacher. Nobody else: it is no public list."""
        if user.is_teacher:
            return self.filter(teacher__account=user)
        return self.filter(decides_for(user, "unit__"))

    def standing(self) -> Self:
        """The latest of each unit about each teacher."""
        later = InvitationDecision.objects.filter(
            teacher=models.OuterRef("teacher"), unit=models.OuterRef("unit"), pk__gt=models.OuterRef("pk")
        )
        return self.filter(~models.Exists(later))


def decides_for(user: Account, at: str = "") -> Q:
    """The unit at the path ``at`` decides within the scope of ``user``: a department, an auditor who reads, the teaching office of an institution."""
    own = user.scope_unit
    if own is None or not (user.is_department or user.is_auditor or user.is_school) or user.is_class_head:
        return NONE
    return Q(**{f"{at}path__startswith": own.path})


class InvitationDecision(models.Model):
    """``unit`` (a department's or an institution) will invite the teacher again, talk first, or not invite next time. ``appeal``: the one it answers."""

    class Choice(models.TextChoices):
        AGAIN = "again", pgettext_lazy("invitation", "Invite again")
        TALK = "talk", pgettext_lazy("invitation", "Talk first")
        NOT_NEXT = "not_next", pgettext_lazy("invitation", "Not next time")

    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="invitation_decisions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("decides for"))
    choice = models.CharField(_("decision"), max_length=8, choices=Choice.choices)
    reason = models.CharField(_("reason"), max_length=500)
    evidence: models.JSONField[Any, Any] = models.JSONField(default=dict)
    appeal = models.OneToOneField("Appeal", models.PROTECT, null=True, related_name="about_invitation")
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    at = models.DateTimeField(_("decided at"), auto_now_add=True)

    objects = InvitationDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision about an invitation")
        ordering = ("-id",)
        indexes = (models.Index(fields=("teacher", "unit"), name="invitation_by_teacher"),)

    def __str__(self) -> str:
        return f"{self.teacher} {self.choice}"
