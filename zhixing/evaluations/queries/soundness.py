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
class Coefficients:
    """``alpha`` with its ends and ``omega``: None where the sheets do not tell them (fewer than three questions, or all alike). ``agreement``: r_wg(j) of the
    raters with each other; None where questions have scales of several lengths."""

    alpha: float | None = None
    alpha_low: float | None = None
    alpha_high: float | None = None
    omega: float | None = None
    agreement: float | None = None


@dataclass(frozen=True)
class Soundness:
    """``all_`` sheets, and those ``left`` that are not set ``aside``; ``total`` and ``adjusted`` are their means. Of those left nothing unless ``told`` lets
    it be shown."""

    sheets: int
    all_: Coefficients
    left: Coefficients | None
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
    adjusted = None if told is Told.NOT or found["adjusted"] is None else round(found["adjusted"], 1)
    left = Coefficients(**found["left"]) if told is Told.EXACTLY else None
    total = mean_of_enough(scores)
    return Soundness(found["sheets"], Coefficients(**found["all"]), left, found["aside"], total, told, adjusted)


def may_tell(sheets: int, aside: int, least: int) -> Told:
    """Of ``sheets`` with ``aside`` set aside. Of few aside nothing, however it is rounded: whoever ticks one answer throughout has exactly the points of one
    of the four grades, and of any range about such a mean, however wide, there may be but one grade within."""
    if aside == 0:
        return Told.SAME
    return Told.EXACTLY if min(aside, sheets - aside) >= least else Told.NOT


@dataclass(frozen=True)
class Screened:
    """Sheets in the order of their scores, with the marks of those questions that are asked once, and which of them are set aside."""

    sheets: Sequence[Sheet]
    given: Sheets
    aside: Sequence[bool]
    top: int
    is_one_scale: bool

    @property
    def scores_left(self) -> list[float]:
        pairs = zip(self.sheets, self.aside, strict=True)
        return [one.score / 100 for one, out in pairs if not out and one.score is not None]


def screened(survey: Survey) -> Screened | None:
    """With the engine, which is loaded here and nowhere else. None of a form with fewer than two marks."""
    from zhixing.engine.ratings.careless import screen

    sheets = list(Sheet.objects.filter(survey=survey).order_by("score", "pk"))
    rare = rare_fields(survey.fields, sheets)
    fields = [one for one in survey.fields if one.item.is_scored and one.item.per is Per.FORM and one.name not in rare]
    if len(fields) < 2:
        return None
    tops = {one.item.top for one in fields}
    given = _given(sheets, fields, max(tops))
    blocks = [[one.name for one in own] for _block, own in groupby(fields, key=lambda one: one.block)]
    aside = screen(given, (1, max(tops)), blocks).aside.tolist()
    return Screened(sheets, given, aside, max(tops), len(tops) == 1)


def _reckon(survey: Survey) -> dict[str, Any] | None:
    import numpy as np

    found = screened(survey)
    if found is None:
        return None
    mean = mean_of(found.scores_left)
    kept = ~np.array(found.aside, bool)
    return {
        "sheets": len(found.sheets),
        "all": _coefficients(found, found.given.values),
        "left": _coefficients(found, found.given.values[kept]),
        "aside": sum(found.aside),
        "adjusted": mean.mean if mean else None,
    }


def _coefficients(found: Screened, values: Any) -> dict[str, float | None]:
    """Of some of the sheets."""
    import numpy as np

    from zhixing.engine.ratings.agreement import within_groups
    from zhixing.engine.ratings.reliability import consistency
    from zhixing.engine.ratings.sheets import Groups, SheetsError

    agreement = None
    if found.is_one_scale and len(values) > 1:
        one = within_groups(values, Groups(("",), np.zeros(len(values), np.int64)), 1, found.top).r_wg_j[0]
        agreement = None if np.isnan(one) else float(one)
    try:
        alike = consistency(values)
    except SheetsError:  # all alike, or two questions that nobody answered together
        return {"agreement": agreement}
    alpha = alike.alpha
    return {
        "alpha": alpha.value,
        "alpha_low": alpha.lower,
        "alpha_high": alpha.upper,
        "omega": alike.omega,
        "agreement": agreement,
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
