"""Textbooks (教材): the national set and local ones, by chapter."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.resources.models.keeping import Keeping, Kept, Topic, once_per_keeper


class TextbookQuerySet(Keeping["Textbook"]):
    pass


class Textbook(Kept):
    """A title. Printed copies on a shelf are ``classwork.Material``."""

    class Kind(models.TextChoices):
        THEORY = "theory", pgettext_lazy("textbook", "Theory volume of the national set")
        CASES = "cases", pgettext_lazy("textbook", "Case volume of the national set")
        LOCAL = "local", pgettext_lazy("textbook", "Local textbook")

    title = models.CharField(pgettext_lazy("bank", "title"), max_length=120)
    kind = models.CharField(_("kind of textbook"), max_length=6, choices=Kind.choices)
    edition = models.CharField(_("set or edition"), max_length=60, blank=True)
    publisher = models.CharField(_("publisher"), max_length=80, blank=True)
    year = models.PositiveSmallIntegerField(_("year of publication"), null=True, blank=True)

    objects = TextbookQuerySet.as_manager()

    class Meta:
        verbose_name = _("textbook")
        ordering = ("kind", "title", "id")
        constraints = once_per_keeper("title", "textbook")

    def __str__(self) -> str:
        return self.title


class Chapter(models.Model):
    """One chapter, or one case of a case volume; ``topic`` is what it is about."""

    textbook = models.ForeignKey(Textbook, models.CASCADE, related_name="chapters")
    number = models.PositiveSmallIntegerField(_("number of the chapter"))
    title = models.CharField(_("chapter"), max_length=120)
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, related_name="chapters", verbose_name=_("topic")
    )

    class Meta:
        verbose_name = _("chapter")
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("textbook", "number"), name="chapter_once_per_textbook"),)

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
