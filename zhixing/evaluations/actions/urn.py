"""The urn: sheets are put in and shaken, all in the caller's transaction.

Each time something falls in, everything of the survey is written anew under new random keys in a random order. So neither the keys nor the
order of the rows on the disk, nor which transaction wrote a row last, tells which sheet came when; and who came when is known to the log of a
web server at most.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from zhixing.engine.questionnaires import Answers, Field, score
from zhixing.evaluations import rules
from zhixing.evaluations.models import Remark, Sheet, Survey
from zhixing.evaluations.models.sheets import band_of
from zhixing.evaluations.queries.results import rare_fields

Row = TypeVar("Row", Sheet, Remark)
_chance = random.SystemRandom()


@dataclass(frozen=True)
class Filled:
    """What one rater filled in; ``seconds``: how long the page was open, None on paper."""

    answers: Answers
    seconds: float | None = None


def lock(key: int) -> Survey | None:
    """The survey, held until the transaction ends: nothing falls into its urn at the same moment, and nobody closes it."""
    found = Survey.objects.select_for_update(of=("self",)).select_related("version__form", "class_run", "session")
    return found.filter(pk=key).first()


def put_in(survey: Survey, filled: Iterable[Filled]) -> None:
    """Put sheets into the urn of a survey that the caller has locked."""
    fields = survey.fields
    new = list(filled)
    _shake_in(survey, [sheet_of(survey, fields, one) for one in new], [r for one in new for r in _remarks(survey, one)])


def _shake_in(survey: Survey, sheets: Sequence[Sheet], remarks: Sequence[Remark]) -> None:
    all_sheets = [*Sheet.objects.filter(survey=survey), *sheets]
    Sheet.objects.filter(survey=survey).delete()
    Sheet.objects.bulk_create(_shaken(all_sheets), batch_size=500)
    if remarks:
        all_remarks = [*Remark.objects.filter(survey=survey), *remarks]
        Remark.objects.filter(survey=survey).delete()
        Remark.objects.bulk_create(_shaken(all_remarks), batch_size=500)


def _shaken(rows: list[Row]) -> list[Row]:
    _chance.shuffle(rows)
    for row in rows:
        row.pk = uuid.uuid4()
    return rows


def sheet_of(survey: Survey, fields: Sequence[Field], filled: Filled) -> Sheet:
    """The marks of a sheet, without its texts."""
    marks = {name: answer for name, answer in filled.answers.items() if not isinstance(answer, str)}
    worth = score(survey.version.questionnaire, fields, marks, rules.in_force().grades)
    seconds = None if filled.seconds is None else band_of(filled.seconds)
    return Sheet(survey=survey, answers=marks, score=worth.total, seconds=seconds)


def leave_out_rare(survey: Survey) -> None:
    """Score the sheets of a survey that closes without the questions that too few answered: no total shall tell of these."""
    sheets = list(Sheet.objects.filter(survey=survey))
    rare = rare_fields(survey.fields, sheets)
    if not rare:
        return
    form, fields = survey.version.questionnaire, [one for one in survey.fields if one.name not in rare]
    for sheet in sheets:
        sheet.score = score(form, fields, sheet.answers, rules.in_force().grades).total
    Sheet.objects.bulk_update(sheets, ("score",), batch_size=500)


def _remarks(survey: Survey, filled: Filled) -> list[Remark]:
    texts: Mapping[str, str] = {name: text for name, text in filled.answers.items() if isinstance(text, str)}
    return [Remark(survey=survey, field=name, text=text) for name, text in texts.items()]
