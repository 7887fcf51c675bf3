"""How an assessment stands: what was found for each indicator, the score, and objects beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from zhixing.engine.indicators import (
    Dependence,
    Finding,
    Group,
    Indicator,
    Kind,
    Score,
    dependences,
    fact_finding,
    judged_findings,
    score,
)
from zhixing.engine.indicators.facts import Fact, Figure
from zhixing.engine.indicators.scoring import Part
from zhixing.evaluations.models import Assessment, AssessmentAppeal, AssessmentResult, Judgement, Proof
from zhixing.evaluations.queries.facts import figures_of
from zhixing.people.models import Account

Given = Mapping[int, Mapping[str, list[int]]]
"""Assessment → code of the indicator → what its reviewers gave, in percent."""


def given_under(version_id: int) -> Given:
    """All judgements under a version; self-assessments never count."""
    given: dict[int, dict[str, list[int]]] = {}
    judged = Judgement.objects.filter(assessment__version=version_id, by_school=False).order_by("pk")
    for key, code, percent in judged.values_list("assessment", "code", "percent"):
        given.setdefault(key, {}).setdefault(code, []).append(percent)
    return given


def findings_of(assessment: Assessment, figures: Mapping[Fact, Figure], given: Given) -> dict[str, Finding]:
    """As things stand: figures of the system, and the mean of what the reviewers gave."""
    elsewhere = [own for key, others in given.items() if key != assessment.pk for own in others.values()]
    found = judged_findings(given.get(assessment.pk, {}), elsewhere)
    for one in assessment.version.tree.indicators:
        figure = figures.get(Fact(one.fact)) if one.kind is Kind.FACT else None
        if figure is not None:
            found[one.code] = fact_finding(one, figure.percent, figure.half)
    return found


Coded = TypeVar("Coded", Judgement, Proof, AssessmentAppeal)


@dataclass(frozen=True)
class Row:
    """One part of the tree as a page shows it. ``depth`` from 0; the rest of an indicator only."""

    depth: int
    node: Group | Indicator
    part: Part
    figure: Figure | None = None
    own: Judgement | None = None
    school: Judgement | None = None
    judgements: Sequence[Judgement] = ()
    proofs: Sequence[Proof] = ()
    appeals: Sequence[AssessmentAppeal] = ()

    @property
    def is_group(self) -> bool:
        return isinstance(self.node, Group)

    @property
    def is_judged(self) -> bool:
        return isinstance(self.node, Indicator) and self.node.kind is Kind.JUDGED

    @property
    def percent(self) -> float:
        return float(100 * self.part.earned / self.part.points) if self.part.points else 0.0


@dataclass(frozen=True)
class AssessmentSheet:
    """An assessment in full. ``told``: the latest result, whose findings are shown instead of those of the moment once it is told."""

    assessment: Assessment
    score: Score
    rows: Sequence[Row]
    told: AssessmentResult | None


def sheet_of(assessment: Assessment, user: Account) -> AssessmentSheet:
    """A school sees what reviewers gave once the result is told, without their names."""
    told = assessment.latest if assessment.state in (Assessment.State.FEEDBACK, Assessment.State.FINAL) else None
    figures = figures_of(assessment)
    hides = user.is_school and told is None
    findings = told.as_found() if told else findings_of(assessment, figures, given_under(assessment.version_id))
    if hides:
        facts = {one.code for one in assessment.version.tree.indicators if one.kind is Kind.FACT}
        findings = {code: one for code, one in findings.items() if code in facts}
    found = score(assessment.version.tree, findings)
    return AssessmentSheet(assessment, found, tuple(_rows(assessment, user, found, figures, hides)), told)


def _rows(
    assessment: Assessment, user: Account, found: Score, figures: Mapping[Fact, Figure], hides: bool
) -> Iterator[Row]:
    judgements = _by_code(assessment.judgements.select_related("account"))
    proofs = _by_code(assessment.proofs.select_related("file"))
    appeals = _by_code(AssessmentAppeal.objects.filter(result__assessment=assessment).order_by("code", "id"))
    for depth, _group, node in assessment.version.tree.root.below():
        given = judgements.get(node.code, ())
        fact = Fact(node.fact) if isinstance(node, Indicator) and node.fact else None
        yield Row(
            depth,
            node,
            found.parts[node.code],
            figure=figures.get(fact) if fact else None,
            own=next((one for one in given if one.account_id == user.pk), None),
            school=next((one for one in given if one.by_school), None),
            judgements=() if hides else [one for one in given if not one.by_school],
            proofs=proofs.get(node.code, ()),
            appeals=appeals.get(node.code, ()),
        )


def _by_code(rows: Iterable[Coded]) -> dict[str, list[Coded]]:
    return {code: list(own) for code, own in groupby(rows, key=lambda one: one.code)}


@dataclass(frozen=True)
class Placed:
    """One object beside the others: ``first`` to ``last`` are the places that its interval leaves open."""

    assessment: Assessment
    score: Score
    first: int
    last: int


@dataclass(frozen=True)
class Comparison:
    """Objects under one version in one year, the most points first, and which places hang on a weight."""

    placed: Sequence[Placed]
    dependences: Sequence[Dependence]


def compared(assessments: Sequence[Assessment]) -> Comparison:
    """All of one version; of each what was told last, or else how it stands.

    An object is certainly before another only when their intervals do not meet; that is careful, and no order is claimed inside."""
    if not assessments:
        return Comparison((), ())
    tree, given = assessments[0].version.tree, given_under(assessments[0].version_id)
    scores = {
        one.pk: score(tree, told.as_found() if (told := one.latest) else findings_of(one, figures_of(one), given))
        for one in assessments
    }
    placed = [
        Placed(
            one,
            scores[one.pk],
            first=1 + sum(other.low > scores[one.pk].high for other in scores.values()),
            last=sum(other.high >= scores[one.pk].low for other in scores.values()),
        )
        for one in sorted(assessments, key=lambda one: (-scores[one.pk].earned, one.pk))
    ]
    keyed = {str(key): own for key, own in scores.items()}
    return Comparison(placed, dependences(tree, keyed))
