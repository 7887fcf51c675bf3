"""Courses (课程): what an institution can teach under one title, with their versions and whether they are flagship courses (精品课)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.people.models import Account
from zhixing.resources.models.cases import Case
from zhixing.resources.models.keeping import Keeping, Kept, Topic, competency_codes, once_per_keeper
from zhixing.resources.models.teachers import Teacher
from zhixing.resources.models.textbooks import Textbook
from zhixing.resources.models.words import Content, Level, Method


class CourseQuerySet(Keeping["Course"]):
    def own_rows(self, user: Account) -> Q:
        return Q(pk__in=Course.teachers.through.objects.filter(teacher__account=user).values("course"))


class Course(Kept):
    """``competencies``: what it teaches beside those of its topics. ``standing``: what evaluation decided last (keep, mend, drop; blank: nothing yet).

    ``flagship``: where the review for 精品课 stands.
    """

    class Standing(models.TextChoices):
        KEEP = "keep", pgettext_lazy("course", "Keep")
        FIX = "fix", pgettext_lazy("course", "Mend")
        DROP = "drop", pgettext_lazy("course", "Drop")

    class Flagship(models.TextChoices):
        NONE = "none", pgettext_lazy("flagship", "Not proposed")
        PROPOSED = "proposed", pgettext_lazy("flagship", "Under review")
        YES = "yes", pgettext_lazy("flagship", "Flagship course")
        NO = "no", pgettext_lazy("flagship", "Not chosen")

    TRANSITIONS = {
        Flagship.NONE: {Flagship.PROPOSED},
        Flagship.PROPOSED: {Flagship.YES, Flagship.NO},
        Flagship.NO: {Flagship.PROPOSED},
        Flagship.YES: {Flagship.NONE},
    }
    REVIEWS_LEAST = 2
    """So many named people have looked at a course before somebody decides."""

    title = models.CharField(pgettext_lazy("bank", "title"), max_length=120)
    content = models.CharField(_("content block"), max_length=12, choices=Content.choices)
    method = models.CharField(_("method"), max_length=10, choices=Method.choices, default=Method.LECTURE)
    levels: models.JSONField[Any, Any] = models.JSONField(_("for levels"), default=list, blank=True)
    tenths = models.PositiveIntegerField(_("hours"), default=0)
    outline = models.TextField(_("outline"), max_length=4000, blank=True)
    topics = models.ManyToManyField(
        Topic, related_name="courses", blank=True, verbose_name=pgettext_lazy("bank", "topics")
    )
    competencies = competency_codes()
    teachers = models.ManyToManyField(Teacher, related_name="courses", blank=True, verbose_name=_("teachers"))
    cases = models.ManyToManyField(Case, related_name="courses", blank=True, verbose_name=_("cases"))
    textbooks = models.ManyToManyField(Textbook, related_name="courses", blank=True, verbose_name=_("textbooks"))
    standing = models.CharField(_("course decision"), max_length=4, choices=Standing.choices, blank=True)
    flagship = models.CharField(_("flagship status"), max_length=8, choices=Flagship.choices, default=Flagship.NONE)
    proposed_by = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        ordering = ("title", "id")
        constraints = once_per_keeper("title", "course")

    def __str__(self) -> str:
        return self.title

    @property
    def level_labels(self) -> str:
        return "、".join(str(Level(one).label) for one in self.levels)


class CourseVersion(models.Model):
    """What a course was when it was saved: the outline and what changed. The latest is the course as it stands."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    outline = models.TextField(_("outline"), blank=True)
    tenths = models.PositiveIntegerField(_("hours"))
    note = models.CharField(_("what changed"), max_length=200, blank=True)
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("written by"))
    at = models.DateTimeField(_("written at"), auto_now_add=True)

    class Meta:
        verbose_name = _("version of a course")
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("course", "number"), name="course_version_once"),)

    def __str__(self) -> str:
        return f"{self.course_id} {self.number}"


class CourseReview(models.Model):
    """What one named person says of a course that is proposed for 精品课; once for each proposal (``round``)."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="reviews")
    round = models.PositiveSmallIntegerField(_("round"))
    in_favour = models.BooleanField(_("in favour"))
    text = models.CharField(_("grounds"), max_length=500)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("reviewed by"))
    at = models.DateTimeField(_("reviewed at"), auto_now_add=True)

    class Meta:
        verbose_name = _("review of a course")
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("course", "round", "by"), name="course_reviewed_once"),)

    def __str__(self) -> str:
        return self.text[:40]


class FlagshipStep(models.Model):
    """A step of the review for 精品课: proposed, chosen, not chosen, taken back; with who and why. Rows are added, never changed."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="flagship_steps")
    round = models.PositiveSmallIntegerField(_("round"))
    state = models.CharField(_("flagship status"), max_length=8, choices=Course.Flagship.choices)
    reason = models.CharField(_("reason"), max_length=500)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    at = models.DateTimeField(_("decided at"), auto_now_add=True)

    class Meta:
        verbose_name = _("step of a flagship review")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.course_id} {self.state}"
