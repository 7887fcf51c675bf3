"""Forms (问卷): what is asked, in versions of which each is a draft until it is published and never changes afterwards."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.engine.questionnaires import Questionnaire, Subject, read
from zhixing.evaluations.models.versions import Version, made_for
from zhixing.people.models import Unit

if TYPE_CHECKING:
    from zhixing.people.models import Account


class FormQuerySet(models.QuerySet["Form"]):
    def visible_to(self, user: Account) -> Self:
        return self.filter(made_for(user))


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


class FormVersion(Version):
    """One version of a form; ``document`` is what the engine reads."""

    OF = "form"

    form = models.ForeignKey(Form, models.CASCADE, related_name="versions")
    repeated = models.BooleanField(default=False)

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

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """The form as the engine reads it. Raises ``DefinitionError`` for a draft that is not ready."""
        return read(self.document)
