"""What the sheets of a closed survey say: nothing of fewer than ``least``, neither of the whole nor of one question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from django.utils.translation import gettext as _

from zhixing.base.problems import Text
from zhixing.engine.questionnaires import Field, Item, Kind, Mean, mean_of, score, worth
from zhixing.evaluations import rules
from zhixing.evaluations.asking import answer_words, label_of
from zhixing.evaluations.models import Remark, Sheet, Survey
from zhixing.evaluations.queries.shown import block_name, left_out_of
from zhixing.people.models import Account


class Hidden(StrEnum):
    """Why a figure is left out."""

    FEW = "few"
    GIVES_AWAY = "gives_away"  # beside the others it would tell of the few who left something blank


@dataclass(frozen=True)
class Tally:
    """One field: how often each answer was given, the first to be shown first; ``mean`` of 100 points where it is a mark.

    ``hidden``: why neither is told, or nothing.
    """

    field: Field
    label: str
    n: int
    counts: Sequence[tuple[Text, int]]
    mean: Mean | None
    hidden: Hidden | None

    @property
    def said(self) -> str:
        """How often each answer was given, in words; what nobody chose is left out."""
        unit = "" if self.field.item.graded else _(" points")
        return " · ".join(f"{label}{unit} {count}" for label, count in self.counts if count)


@dataclass(frozen=True)
class Outcome:
    """One question with its tallies, or the texts written into it, in no order."""

    number: str
    item: Item
    tallies: Sequence[Tally]
    texts: Sequence[str] = ()


@dataclass(frozen=True)
class BlockOutcome:
    """One block: its mean of 100 points, and its questions. ``hidden``: why there is no mean, though the questions have marks."""

    title: str
    weight: int
    mean: Mean | None
    hidden: Hidden | None
    outcomes: Sequence[Outcome]


@dataclass(frozen=True)
class Results:
    """``n`` sheets. ``enough``: whether anything is shown at all. ``partial``: a teacher sees what is about the own sessions only."""

    survey: Survey
    n: int
    enough: bool
    partial: bool
    total: Mean | None
    blocks: Sequence[BlockOutcome]


def results_of(survey: Survey, user: Account) -> Results:
    """Of a closed survey that ``user`` may read."""
    sheets = list(Sheet.objects.filter(survey=survey).order_by("pk"))
    enough = len(sheets) >= rules.in_force().least
    partial = user.is_teacher and survey.session_id is None
    if not enough:
        return Results(survey, len(sheets), False, partial, None, ())
    fields = _about(survey, user) if partial else survey.fields
    out = _left_out(survey, sheets)
    means = [None] * len(survey.version.questionnaire.blocks) if partial else _block_means(survey, sheets)
    total = None if partial else mean_of_enough(one.score for one in sheets)
    return Results(survey, len(sheets), True, partial, total, _blocks(survey, sheets, fields, means, out))


def _about(survey: Survey, teacher: Account) -> list[Field]:
    """The fields about the teacher who asks and the sessions that teacher taught, as the raters knew it."""
    keys = survey.own_subjects(
        {str(key) for key in survey.teachers.filter(account=teacher).values_list("pk", flat=True)}
    )
    return [field for field in survey.fields if field.subject in keys[field.item.per]]


def mean_of_enough(scores: Iterable[int | None]) -> Mean | None:
    """Of scores in hundredths, in points; None of too few."""
    found = [one / 100 for one in scores if one is not None]
    return mean_of(found) if len(found) >= rules.in_force().least else None


def rare_fields(fields: Iterable[Field], sheets: Sequence[Sheet]) -> set[str]:
    """Names of those that somebody answered, but too few to be shown. They are in no mean of a block and in no total either: taking the questions shown
    away from it would leave what these few said."""
    counted = Counter(name for sheet in sheets for name in sheet.answers)
    return {one.name for one in fields if 0 < counted[one.name] < rules.in_force().least}


def _left_out(survey: Survey, sheets: Sequence[Sheet]) -> frozenset[str]:
    rare = rare_fields(survey.fields, sheets)
    return left_out_of(survey, sheets, [one for one in survey.fields if one.name not in rare])


def _block_means(survey: Survey, sheets: Sequence[Sheet]) -> list[Mean | None]:
    form, grades = survey.version.questionnaire, rules.in_force().grades
    rare = rare_fields(survey.fields, sheets)
    fields = [one for one in survey.fields if one.name not in rare]
    scores = [score(form, fields, sheet.answers, grades).blocks for sheet in sheets]
    return [mean_of_enough(column) for column in zip(*scores, strict=True)]


def _blocks(
    survey: Survey,
    sheets: Sequence[Sheet],
    fields: Sequence[Field],
    means: Sequence[Mean | None],
    out: frozenset[str],
) -> list[BlockOutcome]:
    form, labels = survey.version.questionnaire, survey.labels
    texts = _texts(survey)
    found = []
    for place, in_block in groupby(fields, key=lambda field: field.block):
        outcomes = [
            _outcome(item, list(of_item), sheets, labels, texts, out)
            for item, of_item in groupby(in_block, key=lambda field: field.item)
        ]
        hidden = Hidden.GIVES_AWAY if means[place] and block_name(place) in out else None
        mean = None if hidden else means[place]
        found.append(BlockOutcome(form.blocks[place].title, form.blocks[place].weight, mean, hidden, outcomes))
    return found


def _texts(survey: Survey) -> Mapping[str, list[str]]:
    """Field → its texts in the order of their random keys."""
    found: dict[str, list[str]] = {}
    for name, text in Remark.objects.filter(survey=survey).order_by("pk").values_list("field", "text"):
        found.setdefault(name, []).append(text)
    return found


def _outcome(
    item: Item,
    fields: Sequence[Field],
    sheets: Sequence[Sheet],
    labels: Mapping[tuple[str, str], str],
    texts: Mapping[str, Sequence[str]],
    out: frozenset[str],
) -> Outcome:
    number = fields[0].number.partition("-")[0]
    if item.kind is Kind.TEXT:
        return Outcome(number, item, (), [text for field in fields for text in texts.get(field.name, ())])
    return Outcome(number, item, [_tally(field, sheets, labels, field.name in out) for field in fields])


def _tally(field: Field, sheets: Sequence[Sheet], labels: Mapping[tuple[str, str], str], out: bool) -> Tally:
    given = [sheet.answers[field.name] for sheet in sheets if field.name in sheet.answers]
    label, n = label_of(field, labels), len(given)
    few = n < rules.in_force().least
    if few or out:
        return Tally(field, label, n, (), None, hidden=Hidden.FEW if few else Hidden.GIVES_AWAY)
    counted = Counter(number for one in given for number in (one if isinstance(one, list) else [one]))
    words = answer_words(field)
    order = sorted(words, reverse=field.item.is_scored)
    counts = [(words[number], counted[number]) for number in order]
    return Tally(field, label, n, counts, _mean_of_marks(field.item, given), hidden=None)


def _mean_of_marks(item: Item, given: Sequence[int]) -> Mean | None:
    if not item.is_scored:
        return None
    grades = rules.in_force().grades
    return mean_of([float(100 * worth(item, value, grades)) for value in given])


@dataclass(frozen=True)
class GroupMean:
    """One rater group in the evaluation of a class run: its weight in the scheme, and its mean where enough answered."""

    survey: Survey
    weight: int
    n: int
    mean: Mean | None


@dataclass(frozen=True)
class Combined:
    """One form through its rater groups; ``total`` by the weights of the scheme over the groups that have a mean, ``of_weight`` their sum in percent."""

    title: str
    groups: Sequence[GroupMean]
    total: float | None
    of_weight: int


def combined(surveys: Iterable[Survey], weights: Mapping[str, int]) -> list[Combined]:
    """Closed surveys about one thing, put together form by form."""
    rows = sorted(surveys, key=lambda one: (one.version.form.title, one.version.form_id))
    found = []
    for _key, of_form in groupby(rows, key=lambda one: one.version.form_id):
        groups = [_group_mean(one, weights.get(one.group, 0)) for one in of_form]
        counted = [(one.mean.mean, one.weight) for one in groups if one.mean and one.weight]
        weight = sum(one for _score, one in counted)
        total = sum(mean * one for mean, one in counted) / weight if weight else None
        found.append(Combined(groups[0].survey.version.form.title, groups, total, weight))
    return found


def _group_mean(survey: Survey, weight: int) -> GroupMean:
    scores = list(Sheet.objects.filter(survey=survey).values_list("score", flat=True))
    return GroupMean(survey, weight, len(scores), mean_of_enough(scores))
