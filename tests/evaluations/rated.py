"""Class runs with closed surveys of given scores: what is compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from tests import factories
from tests.attendance.school import MONDAY, at
from zhixing.evaluations.models import FormVersion, Group, Sheet, Survey
from zhixing.people.models import Unit
from zhixing.plans.models import ClassRun


def scores(mean: float, n: int = 20, seed: int = 1) -> list[int]:
    """``n`` scores in hundredths, of whole points, about a mean of 100 points."""
    drawn = np.random.default_rng(seed).normal(mean, 8, n).clip(0, 100)
    return [100 * round(one) for one in drawn.tolist()]


def rate(
    version: FormVersion,
    institution: Unit | None,
    given: Sequence[int],
    name: str = "",
    year: int = 2026,
    class_run: ClassRun | None = None,
    group: str = Group.TRAINEES,
    months: int = 0,
) -> Survey:
    """A class run that is over, and a closed survey of it with these scores."""
    starts = MONDAY.replace(year=year)
    run = class_run or factories.make_class_run(
        name, institution=institution, starts_on=starts, state=ClassRun.State.HELD
    )
    opens = at(starts + dt.timedelta(days=5), 9)
    survey = Survey.objects.create(
        version=version,
        class_run=run,
        group=group,
        months=months,
        opens_at=opens,
        closes_at=opens + dt.timedelta(days=7),
        state=Survey.State.CLOSED,
        closed_at=opens + dt.timedelta(days=7),
        invited=len(given),
        answered=len(given),
    )
    Sheet.objects.bulk_create(Sheet(survey=survey, score=score) for score in given)
    return survey
