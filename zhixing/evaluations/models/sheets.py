"""Sheets (答卷) and remarks (意见): answers without anybody's key. ``actions.urn`` puts them in and shakes them, so that no order tells a person.

There is no time in these tables, no counting key and no link to a ticket. Remarks lie apart from the marks that came with them: a way of
writing may tell a person, and then it shall not tell the marks.
"""

from __future__ import annotations

import uuid

from django.db import models

from zhixing.evaluations.models.surveys import Survey

SECONDS = (15, 30, 45, 60, 90, 120, 180, 300, 600)
"""Answer times are kept in these bands only: to the second they could be matched with the log of a web server."""


def band_of(seconds: float) -> int:
    """The largest band that ``seconds`` reach; 0 below the first."""
    return max((band for band in SECONDS if band <= seconds), default=0)


class Sheet(models.Model):
    """The marks of one rater. ``answers``: field name → number or numbers of options. ``score`` in hundredths of 100 points.

    ``seconds``: at least so long the page was open (``band_of``); None on paper. It belongs to the sheet, nobody counts anybody's time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="sheets")
    answers = models.JSONField(default=dict)
    score = models.PositiveIntegerField(null=True)
    seconds = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=models.Q(score=None) | models.Q(score__lte=10_000), name="sheet_score"),
        )

    def __str__(self) -> str:
        return f"sheet {self.id}"


class Remark(models.Model):
    """A text that somebody wrote into ``field``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="remarks")
    field = models.CharField(max_length=60)
    text = models.TextField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"remark {self.id}"


class PaperNumber(models.Model):
    """The number printed on one paper sheet: of a survey, not of a person. It goes when the survey closes."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="paper_numbers")
    number = models.CharField(max_length=9)
    used = models.BooleanField(default=False)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("survey", "number"), name="paper_number_once_per_survey"),)

    def __str__(self) -> str:
        return self.number
