"""Annual plans (年度培训计划): from the draft to the yearly review. What was approved is frozen; afterwards only changes with a reason."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from zhixing.needs.models import NeedsReckoning, RankGroup
from zhixing.people.models import Account, Unit
from zhixing.plans.models.class_runs import ClassRun
from zhixing.plans.models.programmes import Programme, Term
from zhixing.plans.models.routes import ApprovalRoute, ApprovalStep


def made_in(user: Account, at: str = "") -> Q:
    """Of plans at the path ``at``: department and auditor those of their subtree; others none."""
    own = user.scope_unit
    if own is None or not (user.is_department or user.is_auditor):
        return Q(pk__in=())
    return Q(**{f"{at}unit__path__startswith": own.path})


class AnnualPlanQuerySet(models.QuerySet["AnnualPlan"]):
    def visible_to(self, user: Account) -> Self:
        """Department and auditor: of their subtree, and what is in force or open for comments above. Whoever decides at a step of its route.

        Liaison: in force or open for comments at a department above. School: in force, with a line held there. Others none.
        """
        own = user.scope_unit
        if own is None or user.is_trainee or user.is_teacher or user.is_class_head:
            return self.none()
        if user.is_school:
            held = PlanLine.objects.current().filter(plan=OuterRef("pk"), institution__path__startswith=own.path)
            return self.filter(Exists(held), state__in=AnnualPlan.IN_FORCE)
        above = Q(
            unit__path__in=[*own.paths_up, own.path], state__in=(*AnnualPlan.IN_FORCE, AnnualPlan.State.COMMENTING)
        )
        return self.filter(made_in(user) | above | Q(pk__in=decided_by(user)))


def decided_by(user: Account) -> models.QuerySet[AnnualPlan, int]:
    """Keys of the plans submitted on a route that names the account or, as a department, its unit."""
    mine = Q(account=user) | Q(deputy=user)
    if user.is_department:
        mine |= Q(office=user.scope_unit_id)
    steps = ApprovalStep.objects.filter(mine).order_by().values("route")
    return AnnualPlan.objects.filter(route__in=steps).order_by().values_list("pk", flat=True)


class AnnualPlan(models.Model):
    """``rules``: the settings that it was made with; ``result``: what the solver said. ``money`` in cents.

    ``round`` counts submissions, ``step`` is the position on the route that decides now (0: none). ``digest``: of the lines as approved.
    """

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("plan", "Draft")
        COMMENTING = "commenting", pgettext_lazy("plan", "Open for comments")
        APPROVING = "approving", pgettext_lazy("plan", "Being approved")
        RETURNED = "returned", pgettext_lazy("plan", "Returned")
        APPROVED = "approved", pgettext_lazy("plan", "Approved")
        REVIEWED = "reviewed", pgettext_lazy("plan", "Reviewed")
        DROPPED = "dropped", pgettext_lazy("plan", "Dropped")

    TRANSITIONS = {
        State.DRAFT: {State.COMMENTING, State.APPROVING, State.DROPPED},
        State.COMMENTING: {State.DRAFT},
        State.APPROVING: {State.APPROVED, State.RETURNED},
        State.RETURNED: {State.DRAFT},
        State.APPROVED: {State.REVIEWED},
    }
    IN_FORCE = (State.APPROVED, State.REVIEWED)

    class Origin(models.TextChoices):
        HAND = "hand", pgettext_lazy("plan", "Made by hand")
        LAST_YEAR = "last_year", pgettext_lazy("plan", "From the class runs of a year")
        LIST = "list", pgettext_lazy("plan", "From a class list")
        PROPOSED = "proposed", pgettext_lazy("plan", "Proposed from the needs")

    year = models.PositiveSmallIntegerField(_("year"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="annual_plans", verbose_name=_("unit"))
    number = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("plan"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    origin = models.CharField(_("made from"), max_length=9, choices=Origin.choices, default=Origin.HAND)
    from_year = models.PositiveSmallIntegerField(_("from the class runs of"), null=True)
    reckoning = models.ForeignKey(
        NeedsReckoning,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="plans",
        verbose_name=_("reckoning of needs"),
    )
    rules = models.JSONField(_("rules"), default=dict)
    result = models.JSONField(default=dict)
    money = models.PositiveBigIntegerField(_("money"), default=0)
    aims = models.TextField(_("aims and demands"), blank=True)
    comments_until = models.DateField(_("comments until"), null=True)
    route = models.ForeignKey(ApprovalRoute, models.PROTECT, null=True, related_name="plans")
    round = models.PositiveSmallIntegerField(default=0)
    step = models.PositiveSmallIntegerField(default=0)
    submitted_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    review = models.TextField(_("yearly review"), blank=True)
    reviewed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("made by"))
    at = models.DateTimeField(auto_now_add=True)

    objects = AnnualPlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("annual plan")
        ordering = ("-year", "unit__path", "-number")
        constraints = (
            models.UniqueConstraint(fields=("unit", "year", "number"), name="annual_plan_once_per_number"),
            models.UniqueConstraint(
                fields=("unit", "year"),
                condition=Q(state__in=("approved", "reviewed")),
                name="annual_plan_one_in_force",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "reviewed")) | Q(approved_at__isnull=False) & ~Q(digest=""),
                name="annual_plan_approved_has_digest",
            ),
            models.CheckConstraint(
                condition=Q(state="approving", step__range=(1, 4), route__isnull=False)
                | ~Q(state="approving") & Q(step=0),
                name="annual_plan_step_while_approving",
            ),
            models.CheckConstraint(
                condition=~Q(state="reviewed") | Q(reviewed_at__isnull=False) & ~Q(review=""),
                name="annual_plan_reviewed_has_text",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def made_from(self) -> str:
        """How it came about, with the year of the class runs where that is known."""
        if self.origin == self.Origin.LAST_YEAR and self.from_year:
            return gettext("From the class runs of %(year)s") % {"year": self.from_year}
        return str(self.get_origin_display())

    @property
    def in_force(self) -> bool:
        return self.state in self.IN_FORCE


class PlanLineQuerySet(models.QuerySet["PlanLine"]):
    def current(self) -> Self:
        """The newest version of each line, struck out ones too."""
        later = PlanLine.objects.filter(
            plan=OuterRef("plan"), number=OuterRef("number"), version__gt=OuterRef("version")
        )
        return self.filter(~Exists(later))

    def standing(self) -> Self:
        """The newest versions that are not struck out."""
        return self.current().filter(struck=False)

    def visible_to(self, user: Account) -> Self:
        """Of visible plans: school those held there, liaison those that its unit may be called by and all where it decides; others all."""
        seen = self.filter(plan__in=AnnualPlan.objects.visible_to(user).order_by().values("pk"))
        own = user.scope_unit
        if own is None:
            return self.none()
        if user.is_school:
            return seen.filter(institution__path__startswith=own.path)
        if user.is_liaison:
            return seen.filter(Q(pk__in=_lines_for(seen, own)) | Q(plan__in=decided_by(user)))
        return seen


def _lines_for(lines: PlanLineQuerySet, own: Unit) -> list[int]:
    """Keys of the lines for everyone, for a unit above ``own`` or for one below it. Units are kept as a list, so they are looked at here."""
    below = Unit.objects.filter(Q(path__startswith=own.path) | Q(path__in=own.paths_up))
    near = set(below.values_list("pk", flat=True))
    rows = lines.order_by().values_list("pk", "units")
    return [pk for pk, units in rows if not units or near & set(units)]


class PlanLine(models.Model):
    """One version of a line (计划条目): so many runs of a class for a target group at an institution in a quarter.

    ``number`` stays from version to version. A frozen row never changes: a change in force is the next version, of which ``struck`` takes
    the line out. ``units`` are keys (empty: all of the plan's unit), ``ranks`` and ``categories`` as class runs have them. ``people`` is
    the seats of all runs together, ``days`` and ``tenths`` (hours) are of one run, ``content_tenths`` and ``method_tenths`` add up to
    ``tenths`` where known. ``evidence``: [{need, share, …}], the share in ten-thousandths of the line; empty when entered by hand.
    """

    plan = models.ForeignKey(AnnualPlan, models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField(_("number"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    struck = models.BooleanField(_("struck out"), default=False)
    frozen = models.BooleanField(default=False)
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="lines", verbose_name=_("programme")
    )
    title = models.CharField(_("class"), max_length=110)
    kind = models.CharField(_("kind"), max_length=8, choices=Programme.Kind.choices, default=Programme.Kind.SPECIAL)
    theme = models.CharField(_("theme"), max_length=60, blank=True)
    rank_group = models.CharField(_("rank group"), max_length=8, choices=RankGroup.choices, blank=True)
    target_text = models.CharField(_("target group as written"), max_length=300, blank=True)
    ranks = models.JSONField(_("ranks and grades"), default=list)
    categories = models.JSONField(_("categories"), default=list)
    units = models.JSONField(_("units (keys; with all below)"), default=list)
    people = models.PositiveIntegerField(_("people"))
    runs = models.PositiveSmallIntegerField(_("runs"), default=1)
    days = models.PositiveSmallIntegerField(_("days"))
    tenths = models.PositiveIntegerField(_("hours (tenths)"))
    institution = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="plan_lines", verbose_name=_("training institution")
    )
    institution_name = models.CharField(_("institution as written"), max_length=120, blank=True)
    term = models.PositiveSmallIntegerField(_("term"), choices=Term.choices)
    content_tenths = models.JSONField(_("hours by content block"), default=dict)
    method_tenths = models.JSONField(_("hours by method"), default=dict)
    leader_tenths = models.PositiveIntegerField(_("hours taught by leading cadres"), default=0)
    budget = models.PositiveBigIntegerField(_("money"), default=0)
    evidence = models.JSONField(default=list)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = PlanLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a plan")
        ordering = ("plan_id", "term", "number", "version")
        constraints = (
            models.UniqueConstraint(fields=("plan", "number", "version"), name="plan_line_once_per_version"),
            models.CheckConstraint(condition=Q(term__range=(1, 4)), name="plan_line_term_in_range"),
            models.CheckConstraint(
                condition=Q(people__gte=1, runs__gte=1, days__gte=1), name="plan_line_has_people_runs_days"
            ),
            models.CheckConstraint(condition=Q(version=1) | Q(frozen=True), name="plan_line_versions_are_frozen"),
        )

    def __str__(self) -> str:
        return self.title


class PlanRun(models.Model):
    """That a class run was made from a line. It stays with the line's number, whatever versions follow."""

    line = models.ForeignKey(PlanLine, models.PROTECT, related_name="made")
    class_run = models.OneToOneField(ClassRun, models.CASCADE, related_name="plan_run")

    class Meta:
        verbose_name = _("class run of a plan")
        ordering = ("class_run__starts_on", "id")

    def __str__(self) -> str:
        return f"{self.line_id} {self.class_run_id}"
