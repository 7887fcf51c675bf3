"""When a unit lets nobody, or fewer people than usual, go (不宜抽调时段): the facts."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.engine.callup.weeks import whole_weeks
from zhixing.people.models import Unit

if TYPE_CHECKING:
    from zhixing.people.models import Account

MOST = 999


class BusyTimeQuerySet(models.QuerySet["BusyTime"]):
    def visible_to(self, user: Account) -> Self:
        """Department, auditor and liaison: of the units of their subtree, and what was entered above for all units below."""
        if not (user.is_department or user.is_auditor or user.is_liaison) or user.scope_unit is None:
            return self.none()
        above = Q(below=True, unit__path__in=user.scope_unit.paths_up)
        return self.filter(Q(unit__path__startswith=user.scope_unit.path) | above)

    def standing(self) -> Self:
        return self.filter(state=BusyTime.State.STANDING)

    def on_weeks_of(self, first: dt.date, last: dt.date) -> Self:
        """Those that share an ISO week with these days."""
        monday, sunday = whole_weeks(first, last)
        return self.filter(to_on__gte=monday, from_on__lte=sunday)


class BusyTime(models.Model):
    """From ``from_on`` to ``to_on`` at most ``most`` people of the unit are to be away, for the reason. A fact: only its withdrawal is written to it later.

    Who is away is counted by ISO weeks, so it holds for every week that the days touch. ``below``: each unit below, too, with ``most`` of its own.
    It lowers a limit and never raises one.
    """

    class State(models.TextChoices):
        STANDING = "standing", _("Stands")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    TRANSITIONS = {State.STANDING: {State.WITHDRAWN}}

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="busy_times", verbose_name=_("unit"))
    below = models.BooleanField(default=False)
    from_on = models.DateField(_("first day"))
    to_on = models.DateField(_("last day"))
    most = models.PositiveSmallIntegerField(
        _("how many may be away at one time"), default=0, validators=[MaxValueValidator(MOST)]
    )
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(max_length=9, choices=State.choices, default=State.STANDING)
    by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by_id = models.BigIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)

    objects = BusyTimeQuerySet.as_manager()

    class Meta:
        verbose_name = _("busy time")
        ordering = ("-from_on", "-id")
        indexes = (models.Index(fields=("state", "from_on", "to_on"), name="busy_by_days"),)
        constraints = (
            models.UniqueConstraint(
                fields=("unit", "below", "from_on", "to_on"), condition=Q(state="standing"), name="busy_stands_once"
            ),
            models.CheckConstraint(condition=Q(to_on__gte=F("from_on")), name="busy_ends_after_start"),
            models.CheckConstraint(condition=Q(most__lte=MOST), name="busy_most_has_bound"),
            models.CheckConstraint(condition=~Q(reason=""), name="busy_has_reason"),
            models.CheckConstraint(
                condition=Q(state="standing", withdrawn_at=None, withdrawn_by_id=None)
                | (Q(state="withdrawn", withdrawn_at__isnull=False, withdrawn_by_id__isnull=False) & ~Q(note="")),
                name="busy_withdrawn_has_who_when_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit_id} {self.from_on}"

    @property
    def is_over(self) -> bool:
        """Whether its last week has passed."""
        return whole_weeks(self.from_on, self.to_on)[1] < timezone.localdate()

    @property
    def scope(self) -> str:
        """Which units it holds for, in words."""
        return str(_("this unit and all below") if self.below else _("this unit"))
