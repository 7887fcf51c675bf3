"""How far the answers of one closed survey can be relied on: whether its questions measure one thing, and sheets that nobody read before filling them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from zhixing.engine.questionnaires import Field, Mean, Per, mean_of
from zhixing.evaluations import rules
from zhixing.evaluations.models import Sheet, Survey
from zhixing.evaluations.models.sheets import SECONDS
from zhixing.evaluations.queries.results import mean_of_enough, rare_fields
from zhixing.evaluations.reckoned import reckoned

if TYPE_CHECKING:
    from zhixing.engine.ratings.sheets import Sheets

LONGEST: Final = 3_600
"""Seconds that stand for the last band of answer time, which has no end."""


class Told(StrEnum):
    """What may be said of the mean without the sheets set aside: with it anyone can reckon the mean of these."""

    SAME = "same"
    EXACTLY = "exactly"
    NOT = "not"


@dataclass(frozen=True)
class Soundness:
    """``alpha`` with its ends and ``omega``: None where the sheets do not tell them (fewer than three questions, or all alike). ``total`` of all sheets,
    ``adjusted`` of those not set ``aside``: None unless ``told`` lets it be shown."""

    sheets: int
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    omega: float | None
    aside: int
    total: Mean | None
    told: Told
    adjusted: float | None

    @property
    def aside_share(self) -> float:
        return self.aside / self.sheets if self.sheets else 0.0


def soundness_of(survey: Survey) -> Soundness | None:
    """Of a survey of which something may be shown; None of one without marks."""
    if survey.answered < rules.in_force().least:
        return None
    of = [survey.closed_at, survey.answered, rules.in_force().least, rules.in_force().grades]
    found = reckoned("soundness", f"survey {survey.pk}", of, lambda: _reckon(survey))
    if found is None:
        return None
    scores = list(Sheet.objects.filter(survey=survey).values_list("score", flat=True))
    told = may_tell(found["sheets"], found["aside"], rules.in_force().least)
    adjusted = found.pop("adjusted")
    adjusted = None if told is Told.NOT or adjusted is None else round(adjusted, 1)
    return Soundness(**found, total=mean_of_enough(scores), told=told, adjusted=adjusted)


def may_tell(sheets: int, aside: int, least: int) -> Told:
    """Of ``sheets`` with ``aside`` set aside. Of few aside nothing, however it is rounded: whoever ticks one answer throughout has exactly the points of one
    of the four grades, and of any range about such a mean, however wide, there may be but one grade within."""
    if aside == 0:
        return Told.SAME
    return Told.EXACTLY if min(aside, sheets - aside) >= least else Told.NOT


def _reckon(survey: Survey) -> dict[str, Any] | None:
    """With the engine, which is loaded here and nowhere else."""
    from zhixing.engine.ratings.careless import screen
    from zhixing.engine.ratings.reliability import consistency
    from zhixing.engine.ratings.sheets import SheetsError

    sheets = list(Sheet.objects.filter(survey=survey).order_by("score", "pk"))
    rare = rare_fields(survey.fields, sheets)
    fields = [one for one in survey.fields if one.item.is_scored and one.item.per is Per.FORM and one.name not in rare]
    if len(fields) < 2:
        return None
    top = max(one.item.top for one in fields)
    given = _given(sheets, fields, top)
    blocks = [[one.name for one in own] for _block, own in groupby(fields, key=lambda one: one.block)]
    aside = screen(given, (1, top), blocks).aside.tolist()
    left = [one.score / 100 for one, out in zip(sheets, aside, strict=True) if not out and one.score is not None]
    mean = mean_of(left)
    try:
        alike = consistency(given.values)
    except SheetsError:  # all alike, or two questions that nobody answered together
        alike = None
    return {
        "sheets": len(sheets),
        "alpha": alike.alpha.value if alike else None,
        "alpha_low": alike.alpha.lower if alike else None,
        "alpha_high": alike.alpha.upper if alike else None,
        "omega": alike.omega if alike else None,
        "aside": sum(aside),
        "adjusted": mean.mean if mean else None,
    }


def _given(sheets: Sequence[Sheet], fields: Sequence[Field], top: int) -> Sheets:
    """Marks on one scale from 1 to ``top``, whatever scale each question has; the answer time is the upper end of its band, so that nobody is called hasty
    for a band's sake."""
    import numpy as np

    from zhixing.engine.ratings.sheets import Sheets

    values = np.array([[_mark(one, field, top) for field in fields] for one in sheets], np.float64)
    seconds = np.array([np.nan if one.seconds is None else _upper(one.seconds) for one in sheets], np.float64)
    return Sheets(tuple(field.name for field in fields), values, seconds=seconds)


def _mark(sheet: Sheet, field: Field, top: int) -> float:
    value = sheet.answers.get(field.name)
    return float("nan") if value is None else 1 + (value - 1) * (top - 1) / (field.item.top - 1)


def _upper(band: int) -> int:
    return next((one for one in SECONDS if one > band), LONGEST)
