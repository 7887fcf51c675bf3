"""Cases (案例): collected, written, reviewed, tried in a class, published and revised, each step by somebody with a name."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.people.models import Account
from zhixing.resources.models.keeping import Keeping, Kept, Topic, once_per_keeper
from zhixing.resources.models.teachers import Teacher
from zhixing.resources.models.words import Content


class CaseQuerySet(Keeping["Case"]):
    def in_catalogue(self) -> Q:
        return Q(retired_on=None, state=Case.State.PUBLISHED)

    def own_rows(self, user: Account) -> Q:
        return Q(author__account=user)


class Case(Kept):
    """``author``: the teacher who writes it. ``submitted_by`` has put it up for review and does not review it."""

    class State(models.TextChoices):
        COLLECTED = "collected", pgettext_lazy("case", "Collected")
        WRITING = "writing", pgettext_lazy("case", "Being written")
        REVIEW = "review", pgettext_lazy("case", "Under review")
        TRIAL = "trial", pgettext_lazy("case", "On trial")
        PUBLISHED = "published", pgettext_lazy("case", "Published")
        REVISING = "revising", pgettext_lazy("case", "Being revised")

    TRANSITIONS = {
        State.COLLECTED: (State.WRITING,),
        State.WRITING: (State.REVIEW,),
        State.REVIEW: (State.TRIAL, State.WRITING),
        State.TRIAL: (State.PUBLISHED, State.WRITING),
        State.PUBLISHED: (State.REVISING,),
        State.REVISING: (State.REVIEW,),
    }
    RETURNS = {(State.REVIEW, State.WRITING), (State.TRIAL, State.WRITING), (State.PUBLISHED, State.REVISING)}
    """Steps back: they need a reason."""
    WRITERS_STEPS = {State.WRITING, State.REVISING}
    """From here the author, too, hands it in."""

    title = models.CharField(pgettext_lazy("bank", "title"), max_length=120)
    content = models.CharField(_("content block"), max_length=12, choices=Content.choices)
    topics = models.ManyToManyField(
        Topic, related_name="cases", blank=True, verbose_name=pgettext_lazy("bank", "topics")
    )
    author = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="cases", verbose_name=_("author")
    )
    source = models.CharField(_("where it comes from"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), max_length=2000, blank=True)
    questions = models.TextField(_("questions to discuss"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.COLLECTED)
    submitted_by = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("resource", "case")
        ordering = ("title", "id")
        constraints = once_per_keeper("title", "case")

    def __str__(self) -> str:
        return self.title


class CaseStep(models.Model):
    """One step of a case, with who took it and why. Rows are added, never changed."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    before = models.CharField(_("before"), max_length=9, choices=Case.State.choices)
    after = models.CharField(_("after"), max_length=9, choices=Case.State.choices)
    reason = models.CharField(_("reason or result"), max_length=500, blank=True)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("taken by"))
    at = models.DateTimeField(_("taken at"), auto_now_add=True)

    class Meta:
        verbose_name = _("step of a case")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.case_id} {self.after}"
