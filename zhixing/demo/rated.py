"""Class runs that kept no register here but asked their trainees, this year and the year before: enough of them to be seen beside each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from django.utils import timezone

from zhixing.demo.filling import filled_sheet
from zhixing.evaluations.actions.launching import end_of_day
from zhixing.evaluations.actions.urn import put_in
from zhixing.evaluations.models import FormVersion, Group, Survey
from zhixing.plans.models import ClassRun

THIS_YEAR, LAST_YEAR = 26, 14
OPEN_DAYS = 7
YEAR = dt.timedelta(weeks=52)
SPREAD = 0.3
"""Of what class runs are worth, in the units of ``filled_sheet``; far less than what raters differ by."""


def rate_without_registers(rng: np.random.Generator, form: FormVersion, rated: Sequence[ClassRun], on: dt.date) -> None:
    """Surveys of class runs that are over and not ``rated`` yet, and of like ones a year before."""
    over = ClassRun.objects.filter(state=ClassRun.State.HELD, ends_on__lt=on - dt.timedelta(days=OPEN_DAYS + 1))
    held = list(over.exclude(pk__in=[one.pk for one in rated]).order_by("-ends_on", "pk")[:THIS_YEAR])
    for class_run in held:
        _rate(rng, form, class_run, 0.0)
    for class_run in [_year_before(one) for one in held[:LAST_YEAR]]:
        _rate(rng, form, class_run, -0.25)


def _year_before(like: ClassRun) -> ClassRun:
    """The class run of the same name a year earlier, of which nothing but its survey was kept."""
    return ClassRun.objects.create(
        code=f"{like.year - 1}-{like.code.partition('-')[2]}",
        year=like.year - 1,
        name=like.name,
        theme=like.theme,
        content=like.content,
        channel=like.channel,
        organiser=like.organiser,
        institution=like.institution,
        starts_on=like.starts_on - YEAR,
        ends_on=like.ends_on - YEAR,
        tenths=like.tenths,
        seats_min=like.seats_min,
        seats_max=like.seats_max,
        ranks=like.ranks,
        units=like.units,
        target_text=like.target_text,
        place=like.place,
        state=ClassRun.State.HELD,
    )


def _rate(rng: np.random.Generator, form: FormVersion, class_run: ClassRun, worth: float) -> None:
    """A closed survey; a few class runs were small, and one in ten of those asked did not answer."""
    opens = timezone.make_aware(dt.datetime.combine(class_run.ends_on + dt.timedelta(days=1), dt.time(9)))
    closes = end_of_day(class_run.ends_on + dt.timedelta(days=1 + OPEN_DAYS))
    asked = int(class_run.seats_max * rng.choice([0.25, 0.6, 0.9], p=[0.2, 0.3, 0.5]))
    answered = int(rng.binomial(asked, 0.9))
    survey = Survey.objects.create(
        version=form,
        class_run=class_run,
        group=Group.TRAINEES,
        opens_at=opens,
        closes_at=closes,
        state=Survey.State.CLOSED,
        closed_at=closes,
        invited=asked,
        answered=answered,
    )
    level = worth + float(rng.normal(0, SPREAD))
    put_in(survey, [filled_sheet(rng, survey.fields, level) for _n in range(answered)])
