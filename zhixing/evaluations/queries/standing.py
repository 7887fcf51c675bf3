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
    System,
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


def findings_of(assessment: Assessment, figures: Mapping[Fact, Figure] | None = None) -> dict[str, Finding]:
    """As things stand: figures of the system, and the mean of what the reviewers gave. The self-assessment never counts."""
    figures = figures_of(assessment) if figures is None else figures
    given: dict[int, dict[str, list[int]]] = {assessment.pk: {}}
    judged = Judgement.objects.filter(assessment__version=assessment.version_id, by_school=False).order_by("pk")
    for key, code, percent in judged.values_list("assessment", "code", "percent"):
        given.setdefault(key, {}).setdefault(code, []).append(percent)
    own = given.pop(assessment.pk)
    found = judged_findings(own, [percents for others in given.values() for percents in others.values()])
    for one in assessment.version.tree.indicators:
        figure = figures.get(Fact(one.fact)) if one.kind is Kind.FACT else None
        if figure is not None:
            found[one.code] = fact_finding(one, figure.percent, figure.half)
    return found


def scored(system: System, findings: Mapping[str, Finding]) -> Score:
    return score(system, findings)


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
class Sheet:
    """An assessment in full. ``told``: the latest result, whose findings are shown instead of those of the moment once it is told."""

    assessment: Assessment
    score: Score
    rows: Sequence[Row]
    told: AssessmentResult | None


def sheet_of(assessment: Assessment, user: Account) -> Sheet:
    """A school sees what reviewers gave once the result is told, without their names."""
    told = assessment.results.first()
    is_told = assessment.state in (Assessment.State.FEEDBACK, Assessment.State.FINAL)
    figures = figures_of(assessment)
    hides = user.is_school and not is_told
    findings = told.as_found() if told is not None and is_told else findings_of(assessment, figures)
    if hides:
        facts = {one.code for one in assessment.version.tree.indicators if one.kind is Kind.FACT}
        findings = {code: one for code, one in findings.items() if code in facts}
    found = score(assessment.version.tree, findings)
    return Sheet(assessment, found, tuple(_rows(assessment, user, found, figures, hides)), told if is_told else None)


def _rows(
    assessment: Assessment, user: Account, found: Score, figures: Mapping[Fact, Figure], hides: bool
) -> Iterator[Row]:
    judgements = _by_code(assessment.judgements.select_related("account"))
    proofs = _by_code(assessment.proofs.select_related("file"))
    appeals = _by_code(AssessmentAppeal.objects.filter(result__assessment=assessment).order_by("code", "id"))
    for depth, node in _walk(assessment.version.tree.root, 0):
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


def _walk(group: Group, depth: int) -> Iterator[tuple[int, Group | Indicator]]:
    for node in group.parts:
        yield depth, node
        if isinstance(node, Group):
            yield from _walk(node, depth + 1)


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
    scores = {}
    for one in assessments:
        told = one.results.first()
        scores[one.pk] = score(one.version.tree, told.as_found() if told else findings_of(one))
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
    return Comparison(placed, dependences(assessments[0].version.tree, keyed) if assessments else ())
