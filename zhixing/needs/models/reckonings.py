"""The needs of a year as they were reckoned on a day: a snapshot that plans are made from and that never changes."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.needs.models.frameworks import Competency, Framework, RankGroup, made_for
from zhixing.people.models import Account, Unit
from zhixing.resources.models import Method


class NeedsReckoningQuerySet(models.QuerySet["NeedsReckoning"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: those of their departments and above. A liaison: of departments above, of which the own unit's needs are shown."""
        own = user.scope_unit
        if own is not None and user.is_liaison:
            return self.filter(state=NeedsReckoning.State.READY, unit__path__in=own.paths_up)
        return self.filter(made_for(user))


class NeedsReckoning(models.Model):
    """``digest``: of everything that went in, in hexadecimal: equal facts, equal digest. ``design``: what the surveys asked and got, in numbers; the ``rules``
    by which sources were weighed; ``usual``: the lack of a level, in hundredths, that findings are measured by."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("reckoning", "Being reckoned")
        READY = "ready", pgettext_lazy("reckoning", "Ready")

    TRANSITIONS = {State.QUEUED: {State.READY}}

    year = models.PositiveSmallIntegerField(_("year"))
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="reckonings")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.QUEUED)
    digest = models.CharField(max_length=64, blank=True)
    design = models.JSONField(default=dict)
    themes = models.JSONField(default=list)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("reckoned at"), auto_now_add=True)

    objects = NeedsReckoningQuerySet.as_manager()

    class Meta:
        verbose_name = _("reckoning of needs")
        ordering = ("-year", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(state="queued") | ~Q(digest=""), name="needs_reckoning_has_digest"),
        )

    def __str__(self) -> str:
        return f"{self.year} {self.pk}"


class NeedQuerySet(models.QuerySet["Need"]):
    def visible_to(self, user: Account) -> Self:
        """Of reckonings that they see: department and auditor the whole and their units; a liaison the whole and the own units."""
        seen = NeedsReckoning.objects.visible_to(user).order_by().values("pk")
        own = user.scope_unit
        if own is None:
            return self.none()
        return self.filter(Q(unit=None) | Q(unit__path__startswith=own.path), reckoning__in=seen)


class Need(models.Model):
    """What people of a rank group (empty: all) of a unit (None: all) lack of one competency.

    ``required``, ``present``, ``gap``, ``lower``, ``upper`` and ``importance`` in hundredths of a level; null where fewer than the least number
    answered. ``noise``: the interval holds what such people have on average, so the difference cannot be told from chance. ``weight``
    (of needs of the whole city by rank group only) is the sum of the ``parts`` [{source, key, code, n, value, weight, share}], of which ``share``
    is in ten-thousandths and adds up to 10,000. Where a part is taken away, the weight falls by its ``weight``. ``sources`` (of rank groups of the whole city
    only): what each who answers says by itself [{who, weight, n, gap, lower, upper, apart: {gap, lower, upper}}], and how far ``apart`` from what people say
    of themselves.
    """

    reckoning = models.ForeignKey(NeedsReckoning, models.CASCADE, related_name="needs")
    competency = models.ForeignKey(Competency, models.PROTECT, related_name="needs")
    rank_group = models.CharField(_("rank group"), max_length=8, choices=RankGroup.choices, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    people = models.PositiveIntegerField(_("people concerned"))
    n = models.PositiveIntegerField(_("answers"))
    required = models.IntegerField(_("required"), null=True)
    present = models.IntegerField(_("present"), null=True)
    gap = models.IntegerField(_("gap"), null=True)
    lower = models.IntegerField(null=True)
    upper = models.IntegerField(null=True)
    importance = models.IntegerField(_("importance"), null=True)
    noise = models.BooleanField(default=False)
    weight = models.PositiveIntegerField(_("weight"), default=0)
    parts = models.JSONField(default=list)
    sources = models.JSONField(default=list)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        ordering = ("reckoning_id", "-weight", "id")
        indexes = (models.Index(fields=("reckoning", "unit", "rank_group"), name="need_by_place"),)
        constraints = (
            models.UniqueConstraint(
                fields=("reckoning", "competency", "rank_group", "unit"),
                condition=Q(unit__isnull=False),
                name="need_once_per_unit",
            ),
            models.UniqueConstraint(
                fields=("reckoning", "competency", "rank_group"), condition=Q(unit=None), name="need_once_of_all"
            ),
        )

    def __str__(self) -> str:
        return f"{self.competency_id} {self.rank_group}"


class WantQuerySet(models.QuerySet["Want"]):
    def visible_to(self, user: Account) -> Self:
        """Of reckonings that they see; shares are of the whole city and of rank groups only."""
        return self.filter(reckoning__in=NeedsReckoning.objects.visible_to(user).order_by().values("pk"))


class Want(models.Model):
    """Which share of ``n`` people of a rank group (empty: all) would like to learn a ``competency`` first, or to learn by a ``method``; in percent, with its
    95 % interval. ``who`` says so: people of themselves, superiors of theirs. Of a few who do or do not nothing is kept."""

    class Who(models.TextChoices):
        SELF = "self", _("People about themselves")
        SUPERIOR = "superior", _("Superiors about their people")

    reckoning = models.ForeignKey(NeedsReckoning, models.CASCADE, related_name="wants")
    who = models.CharField(_("who answers"), max_length=8, choices=Who.choices)
    competency = models.ForeignKey(Competency, models.PROTECT, null=True, related_name="+")
    method = models.CharField(_("method"), max_length=10, choices=Method.choices, blank=True)
    rank_group = models.CharField(_("rank group"), max_length=8, choices=RankGroup.choices, blank=True)
    n = models.PositiveIntegerField(_("sheets"))
    percent = models.PositiveSmallIntegerField(_("percent"))
    lower = models.PositiveSmallIntegerField()
    upper = models.PositiveSmallIntegerField()

    objects = WantQuerySet.as_manager()

    class Meta:
        verbose_name = _("what people want to learn")
        ordering = ("reckoning_id", "who", "-percent", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("reckoning", "who", "competency", "rank_group"),
                condition=Q(competency__isnull=False),
                name="want_once_per_competency",
            ),
            models.UniqueConstraint(
                fields=("reckoning", "who", "method", "rank_group"),
                condition=~Q(method=""),
                name="want_once_per_method",
            ),
            models.CheckConstraint(
                condition=Q(competency__isnull=False, method="") | Q(competency=None) & ~Q(method=""),
                name="want_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(lower__lte=models.F("percent"), upper__gte=models.F("percent"), upper__lte=100),
                name="want_in_its_interval",
            ),
        )

    def __str__(self) -> str:
        return f"{self.competency_id or self.method} {self.rank_group}"
