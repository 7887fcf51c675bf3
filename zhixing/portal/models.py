"""Complaints and suggestions (投诉建议): anyone signed in may write, the department answers, answers are open to all."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.people.models import Account


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, user: Account) -> Self:
        """The own ones and every answered one; the department also what the accounts of its scope wrote."""
        seen = Q(author=user) | ~Q(answer="")
        if user.is_department:
            seen |= Q(author__in=Account.objects.visible_to(user).order_by().values("pk"))
        return self.filter(seen)


class Suggestion(models.Model):
    """One complaint or suggestion with its answer. The list of answered ones shows no author."""

    class Kind(models.TextChoices):
        COMPLAINT = "complaint", _("Complaint")
        SUGGESTION = "suggestion", _("Suggestion")

    author = models.ForeignKey(Account, models.PROTECT, related_name="suggestions")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.SUGGESTION)
    text = models.TextField(_("text"), max_length=2000)
    written_at = models.DateTimeField(auto_now_add=True)
    answer_due_on = models.DateField()
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
