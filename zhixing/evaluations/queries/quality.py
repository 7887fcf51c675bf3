"""The quality file (质量档案) of an institution: what was told over the years, and what it was asked to mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhixing.base.charts import Chart
from zhixing.base.problems import Text
from zhixing.evaluations.models import Assessment, AssessmentResult
from zhixing.evaluations.models.assessments import of_institutions
from zhixing.people.models import Account, Unit


@dataclass(frozen=True)
class Told:
    """The latest result of one assessment."""

    assessment: Assessment
    result: AssessmentResult

    @property
    def points(self) -> float:
        return self.result.hundredths / 100

    @property
    def low(self) -> float:
        return self.result.low / 100

    @property
    def high(self) -> float:
        return self.result.high / 100


def schools_for(user: Account) -> list[Unit]:
    """The institutions whose file ``user`` may open."""
    return list(Unit.objects.filter(of_institutions(user), kind=Unit.Kind.SCHOOL))


def told_of(school: Unit, user: Account) -> list[Told]:
    """Of the institution itself and of the class runs it held, the newest year first; results in feedback are there, too, for they were told."""
    seen = Assessment.objects.visible_to(user)
    about = seen.filter(institution=school) | seen.filter(class_run__institution=school)
    rows = about.select_related("version__system", "institution", "class_run").prefetch_related("results").distinct()
    ordered = rows.order_by("-year", "version__system__title", "pk")
    return [Told(one, latest) for one in ordered if (latest := one.latest)]


def over_years(told: Sequence[Told], title: Text) -> Chart | None:
    """Percent of the points of the institution's own assessments by year, each with its interval; None where there are no two years."""
    own = [one for one in told if one.assessment.institution_id and not one.assessment.title]
    if len({one.assessment.year for one in own}) < 2:
        return None
    latest = {
        (one.assessment.version.system.title, one.assessment.year): one for one in own
    }  # of several versions in a year
    several = len({system for system, _year in latest}) > 1
    rows = sorted(latest.items())
    return Chart(
        title,
        [f"{system} {year}" if several else str(year) for (system, year), _one in rows],
        {_("share of the points"): [_percent(one, one.points) for _key, one in rows]},
        kind="interval",
        unit="%",
        intervals=[(_percent(one, one.low), _percent(one, one.high)) for _key, one in rows],
        interval_label=_("95 % range"),
    )


def _percent(told: Told, points: float) -> float:
    """Rounded to tenths."""
    return round(float(100 * points / told.assessment.version.tree.root.points), 1)
