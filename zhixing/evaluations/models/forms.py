"""Forms (问卷): what is asked, in versions of which each is a draft until it is published and never changes afterwards."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.engine.questionnaires import Questionnaire, Subject, read
from zhixing.people.models import Unit

if TYPE_CHECKING:
    from zhixing.people.models import Account


class FormQuerySet(models.QuerySet["Form"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: forms made in their subtree, and those of the departments above, which apply to them, too."""
        own = user.scope_unit
        if own is None or not (user.is_department or user.is_auditor):
            return self.none()
        return self.filter(Q(unit__path__startswith=own.path) | Q(unit__path__in=own.paths_up))


class Form(models.Model):
    """One questionnaire through all its versions. ``unit``: whose department made it."""

    SUBJECTS = ((Subject.CLASS_RUN.value, _("class run")), (Subject.SESSION.value, _("course session")))

    title = models.CharField(pgettext_lazy("questionnaire", "title"), max_length=120)
    subject = models.CharField(_("about"), max_length=10, choices=SUBJECTS)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FormQuerySet.as_manager()

    class Meta:
        verbose_name = _("questionnaire")
        ordering = ("title", "id")

    def __str__(self) -> str:
        return self.title


class FormVersion(models.Model):
    """One version. ``document`` is what the engine reads; ``edition`` counts the changes of a draft, so that two tabs do not undo each other."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("form", "Draft")
        PUBLISHED = "published", pgettext_lazy("form", "Published")

    TRANSITIONS = {State.DRAFT: {State.PUBLISHED}}

    form = models.ForeignKey(Form, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    document: models.JSONField[Any, Any] = models.JSONField()
    edition = models.PositiveIntegerField(default=1)
    repeated = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True)
    published_by_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("version of a questionnaire")
        ordering = ("form_id", "-number")
        constraints = (
            models.UniqueConstraint(fields=("form", "number"), name="form_version_once_per_number"),
            models.UniqueConstraint(fields=("form",), condition=Q(state="draft"), name="form_has_one_draft"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="form_version_published_has_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.form} {self.number}"

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """The form as the engine reads it. Raises ``DefinitionError`` for a draft that is not ready."""
        return read(self.document)
