"""Sheets as people fill them in: marks about what the subject is worth, by raters more or less strict, a few of whom do not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from zhixing.engine.questionnaires import Answer, Field, Kind
from zhixing.evaluations.actions.urn import Filled

CARELESS = 0.05
"""Share of the sheets that tick the best answer throughout, without reading."""
WRITING = 0.2
REMARKS = (
    "案例教学贴近工作，希望多安排。", "现场教学点选得好，路上时间长了些。", "课程排得偏满，讨论时间不够。", "讲义可以提前一天发。",
    "希望增加信访和应急处置的实操内容。", "食堂晚餐供应时间可以再延长一点。", "老师讲得透，能用得上。", "分组研讨最好按业务分组。",
)  # fmt: skip


def filled_sheet(rng: np.random.Generator, fields: Sequence[Field], worth: float) -> Filled:
    """Marks around what the subject is worth, shifted by how strict the rater is."""
    careless = rng.random() < CARELESS
    strict = float(rng.normal(0, 0.45))
    seconds = 12.0 if careless else float(rng.lognormal(4.4, 0.4))
    return Filled(dict(_answers(rng, fields, worth + strict, careless)), seconds)


def _answers(
    rng: np.random.Generator, fields: Iterable[Field], level: float, careless: bool
) -> Iterator[tuple[str, Answer]]:
    for field in fields:
        item = field.item
        if item.is_scored:
            spread = (item.top - 1) / 3
            mark = item.top - 0.65 * spread + spread * (level + float(rng.normal(0, 0.55)))
            yield field.name, item.top if careless else int(np.clip(round(mark), 1, item.top))
        elif item.kind is Kind.CHOICE:
            chosen = [n for n in range(1, len(item.options) + 1) if rng.random() < 0.3]
            if chosen:
                yield field.name, chosen if item.many else chosen[0]
        elif not careless and rng.random() < WRITING:
            yield field.name, REMARKS[int(rng.integers(len(REMARKS)))]
