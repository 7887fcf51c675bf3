"""What the report of a class run (班次质量评估报告) is made of: the answers of its trainees, all who rated, the facts, and the other class runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zhixing.base.problems import Refused
from zhixing.engine.indicators.facts import Fact, Figure
from zhixing.engine.questionnaires import Mean, Per, Subject
from zhixing.engine.ratings.compared import Compared, Stood
from zhixing.evaluations import permissions, rules
from zhixing.evaluations.models import Group, Survey
from zhixing.evaluations.queries.comparing import Asked, comparison_of
from zhixing.evaluations.queries.facts import FIGURES, Held
from zhixing.evaluations.queries.results import Combined, Results, combined, results_of
from zhixing.evaluations.queries.soundness import Soundness, soundness_of
from zhixing.evaluations.queries.surveys import publishable, surveys_about
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

NAMED: Final = 3
"""So many of the best and of the worst questions are named."""
SHOWN_FACTS: Final = (
    Fact.ATTENDANCE,
    Fact.COMPLETION,
    Fact.SEATS_FILLED,
    Fact.REGISTERS,
    Fact.INTERACTIVE,
    Fact.LEADERS,
)


@dataclass(frozen=True)
class Item:
    """One question with its mean."""

    text: str
    mean: Mean


@dataclass(frozen=True)
class Report:
    """``best`` and ``worst``: questions by their means, disjoint; ``parted``: whether the best one and the worst one can be told apart. ``stood``: where the
    class run stands among ``compared``, None where it is in no comparison: who else is in it, and so the place, hangs on what the ``reader`` may see."""

    class_run: ClassRun
    reader: Account
    survey: Survey
    results: Results
    total: Mean
    sound: Soundness | None
    best: Sequence[Item]
    worst: Sequence[Item]
    groups: Combined | None
    facts: Mapping[Fact, Figure]
    compared: Compared
    stood: Stood | None

    @property
    def parted(self) -> bool:
        if not self.best or not self.worst:
            return False
        low, high = self.best[0].mean.low, self.worst[0].mean.high
        return low is not None and high is not None and low > high


def main_survey(user: Account, class_run: ClassRun) -> Survey | None:
    """That of the trainees about the whole which closed last, with enough sheets."""
    surveys = publishable(surveys_about(user, class_run)).filter(group=Group.TRAINEES)
    return surveys.order_by("-closes_at", "-pk").first()


def report_of(user: Account, class_run: ClassRun) -> Report:
    """Raises ``Refused`` where too few sheets came in, or where it is not for ``user``."""
    permissions.may_read_class_run(user, class_run).require()
    survey = main_survey(user, class_run)
    permissions.may_report_class_run(survey).require()
    assert survey is not None
    results = results_of(survey, user)
    if results.total is None:
        raise Refused(permissions.NO_REPORT)
    asked = sorted(_asked(results), key=lambda one: (-one.mean.mean, one.text))
    named = min(NAMED, len(asked) // 2)
    found = comparison_of(user, Asked(survey.version.form_id, class_run.year)).runs
    return Report(
        class_run,
        user,
        survey,
        results,
        results.total,
        soundness_of(survey),
        asked[:named],
        asked[::-1][:named],
        _groups(user, class_run, survey),
        _facts(class_run),
        found,
        found.best.at(str(class_run.pk)) if found.best else None,
    )


def _asked(results: Results) -> list[Item]:
    """Questions about the whole. What is asked of each teacher or session is in no order of the best and the worst: that would be one of persons."""
    return [
        Item(f"{outcome.item.text}{f'（{tally.label}）' if tally.label else ''}", tally.mean)
        for block in results.blocks
        for outcome in block.outcomes
        for tally in outcome.tallies
        if tally.mean and outcome.item.per is Per.FORM
    ]


def _groups(user: Account, class_run: ClassRun, survey: Survey) -> Combined | None:
    """All rater groups of the same form, by the weights of the scheme."""
    closed = surveys_about(user, class_run).filter(state=Survey.State.CLOSED, version__form=survey.version.form_id)
    scheme = rules.in_force().schemes.get(Subject.CLASS_RUN)
    return next(iter(combined(closed, scheme.weights if scheme else {})), None)


def _facts(class_run: ClassRun) -> dict[Fact, Figure]:
    held = Held.whole(ClassRun.objects.filter(pk=class_run.pk).order_by())
    found = {fact: FIGURES[fact](held) for fact in SHOWN_FACTS}
    return {fact: figure for fact, figure in found.items() if figure is not None}
