"""Extracts (信息提取): a question to the archive with its answer as a file."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.base.models import Job, StoredFile
from zhixing.people.models import Unit
from zhixing.people.models.scope import ScopedByAccount

STATISTICS = "statistics"
"""The code of the yearly table; every other code is that of a definition."""


class ExtractQuerySet(ScopedByAccount["Extract"]):
    def same_question(self, extract: Extract) -> Self:
        """Answers to the same question of the same scope under the same definition."""
        same = ("code", "format", "on", "known_at", "since", "unit_id", "scope_unit_id", "definition_digest")
        return self.exclude(pk=extract.pk).exclude(digest="").filter(**{name: getattr(extract, name) for name in same})


class Extract(models.Model):
    """Asked → made. ``digest`` is the SHA-256 of the file's content, kept when the file is gone; ``definition`` the text it was made by.

    ``counts``: ``people``, ``rows``, ``misfits``. ``problems``: the first values that did not fit their field. ``figures``: of the
    statistics, each table as ``{"name", "heads", "rows"}`` in texts, kept when the file is gone.
    """

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XML = "xml", "XML"
        XLSX = "xlsx", "Excel"
        PDF = "pdf", "PDF"

    code = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    on = models.DateField(_("as of"))
    known_at = models.DateTimeField(_("as known at"))
    since = models.DateField(_("trainings ended since"), null=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit"))
    scope_unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    """The scope of whoever asked; null: the whole installation (the command line)."""
    definition = models.TextField(blank=True)
    definition_digest = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    digest = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    figures = models.JSONField(default=list)
    by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    made_at = models.DateTimeField(null=True)

    objects = ExtractQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(since=None) | Q(since__lte=models.F("on")), name="extract_days_in_order"
            ),
            models.CheckConstraint(condition=Q(format__in=("csv", "xml", "xlsx", "pdf")), name="extract_format_known"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.on} {self.format}"

    @property
    def is_statistics(self) -> bool:
        return self.code == STATISTICS

    @property
    def file_name(self) -> str:
        return f"{self.code}-{self.on.isoformat()}.{self.format}"
