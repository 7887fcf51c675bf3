"""The quality file (质量档案) of an institution: what was told over the years, and what it was asked to mend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
    """Percent of the points of the institution's own assessments by year; None where there are no two years."""
    own = [one for one in told if one.assessment.institution_id and not one.assessment.title]
    years = sorted({one.assessment.year for one in own})
    if len(years) < 2:
        return None
    systems = sorted({one.assessment.version.system.title for one in own})
    series = {name: [_percent(own, name, year) for year in years] for name in systems}
    return Chart(title, [str(year) for year in years], series, kind="line", unit="%")


def _percent(told: Iterable[Told], system: str, year: int) -> float | None:
    """Rounded to tenths; of several versions in a year the latest."""
    found = None
    for one in told:
        if one.assessment.year == year and one.assessment.version.system.title == system:
            found = round(100 * one.points / one.assessment.version.tree.root.points, 1)
    return found
