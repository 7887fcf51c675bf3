"""Appeals against what was decided about a course or an invitation: one table for both, and rows that are never changed."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.evaluations.models.consequences import CourseDecision, InvitationDecision
from zhixing.people.models import Account, Unit

Decision = CourseDecision | InvitationDecision


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: Account) -> Self:
        """Whoever sees the decision; a teacher: the own ones, and no colleague's about the same course."""
        invitations = InvitationDecision.objects.visible_to(user).order_by().values("pk")
        courses = CourseDecision.objects.visible_to(user).order_by().values("pk")
        seen = self.filter(Q(invitation__in=invitations) | Q(course__in=courses))
        return seen.filter(by=user) if user.is_teacher else seen

    def waiting(self) -> Self:
        return self.filter(about_invitation=None, about_course=None)


class Appeal(models.Model):
    """What a teacher, or an institution (``institution``), says against a decision about an invitation or about a course: once for each.

    The answer is a new decision by somebody else (``about_invitation`` or ``about_course``), and both stay to be read."""

    invitation = models.ForeignKey(InvitationDecision, models.PROTECT, null=True, related_name="appeals")
    course = models.ForeignKey(CourseDecision, models.PROTECT, null=True, related_name="appeals")
    institution = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("institution"))
    text = models.CharField(_("grounds"), max_length=1000)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("appealed by"))
    at = models.DateTimeField(_("appealed at"), auto_now_add=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal against a decision")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(invitation=None, course__isnull=False)
                | Q(invitation__isnull=False, course=None, institution=None),
                name="appeal_of_one_decision",
            ),
            models.UniqueConstraint(fields=("invitation",), name="appeal_once_about_invitation"),
            models.UniqueConstraint(fields=("course", "by"), name="appeal_once_about_course"),
            models.UniqueConstraint(fields=("course", "institution"), name="appeal_once_by_institution"),
        )

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def decision(self) -> Decision:
        """What it is against."""
        found = self.course if self.course_id else self.invitation
        assert found is not None  # the database holds one of the two
        return found

    @property
    def answer(self) -> Decision | None:
        """What was decided after it."""
        return getattr(self, "about_course" if self.course_id else "about_invitation", None)

    @property
    def about(self) -> str:
        """The course, or the teacher who is invited."""
        return str(self.course.title if self.course else self.decision.teacher)  # type: ignore[union-attr]
