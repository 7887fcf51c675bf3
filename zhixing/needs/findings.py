"""What weighs in a need: gaps of surveys, priorities, problems of work and evidence, all on the scale of a level that somebody lacks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from zhixing.engine.needs.rank_groups import RANK_GROUPS
from zhixing.engine.needs.weights import Finding
from zhixing.needs.facts import Facts
from zhixing.needs.models import NeedsEvidence, Priority, WorkProblem
from zhixing.needs.models.priorities import WEIGHTS
from zhixing.needs.rules import Rules

Findings = dict[tuple[int, str], list[Finding]]


Lacks = Mapping[tuple[int, str], tuple[int, int, int]]
"""(competency, rank group) → people, what they lack weighted by importance, and the gap, both in hundredths of a level."""


def usual_lack(lacks: Lacks, rules: Rules) -> int:
    """What the surveys say that one lacks on average, in hundredths of a level: the measure of all other findings. At least 1."""
    people = sum(n for n, _lack, _gap in lacks.values())
    return max(1, round(sum(n * lack for n, lack, _gap in lacks.values()) / people)) if people else rules.scale.usual


def findings_of(facts: Facts, lacks: Lacks, usual: int) -> Findings:
    """Everything that weighs, on one scale: a level that somebody lacks. The strongest priority, problem or evidence counts as the rules say, in parts of the
    ``usual`` lack; so no source drowns another by the units that it comes in."""
    found: Findings = defaultdict(list)
    for place, (people, lack, gap) in lacks.items():
        found[place].append(Finding("survey", "gap", people, lack, "gap", gap))
    _add_priorities(facts, found, usual * facts.rules.scale.priority)
    _add_problems(facts, found, usual * facts.rules.scale.problem)
    _add_evidence(facts, found, usual * facts.rules.scale.evidence)
    return found


def _on_scale(strength: int, most: int, of_usual: int) -> int:
    """A ``strength`` of at most ``most`` in hundredths of a level; ``of_usual`` in percent of them. At least 1: what is said counts."""
    return max(1, round(strength * of_usual / (most * 100)))


def _people(facts: Facts, within: Sequence[str] | None = None) -> Counter[tuple[int, str]]:
    """People concerned by competency and rank group; ``within``: of units at or below these paths only."""
    found: Counter[tuple[int, str]] = Counter()
    for (c, unit, group), people in facts.concerned.items():
        if within is None or facts.paths[unit].startswith(tuple(within)):
            found[c, group] += people
    return found


def _places(facts: Facts, one: Priority | WorkProblem) -> list[int]:
    """Of the competencies that it is about and the framework knows"""
    return sorted({facts.by_code[x.code] for x in one.competencies.all() if x.code in facts.by_code})


def _add_priorities(facts: Facts, found: Findings, of_usual: int) -> None:
    people = _people(facts)
    in_force = Priority.objects.filter(
        year=facts.asked.year, state=Priority.State.IN_FORCE, unit__path__in=facts.asked.unit.paths_up
    ).prefetch_related("competencies")
    for one in in_force.order_by("pk"):
        for c in _places(facts, one):
            for group in one.rank_groups or RANK_GROUPS:
                if n := people[c, group]:
                    given = _on_scale(one.weight, WEIGHTS[1], of_usual)
                    found[c, group].append(Finding("priority", str(one.pk), n, given, "priority", one.weight))


def _add_problems(facts: Facts, found: Findings, of_usual: int) -> None:
    """Of the problem's unit and those of what was merged into it."""
    standing = WorkProblem.objects.filter(
        year=facts.asked.year, weight__isnull=False, unit__path__startswith=facts.asked.unit.path
    ).exclude(state=WorkProblem.State.MERGED)
    rows = standing.select_related("unit").prefetch_related("competencies", "merged__unit")
    for one in rows.order_by("pk"):
        people = _people(facts, [one.unit.path, *(same.unit.path for same in one.merged.all())])
        for c in _places(facts, one):
            for group in RANK_GROUPS:
                if n := people[c, group]:
                    weight = one.weight or 0
                    given = _on_scale(weight, WEIGHTS[1], of_usual)
                    found[c, group].append(Finding("problem", str(one.pk), n, given, "problem", weight))


def _add_evidence(facts: Facts, found: Findings, of_usual: int) -> None:
    people = _people(facts)
    rows = NeedsEvidence.objects.filter(year=facts.asked.year, withdrawn=False).select_related("competency", "unit")
    for one in rows.order_by("pk"):
        if one.unit is not None and not one.unit.path.startswith(facts.asked.unit.path):
            continue
        about = _about(facts, one)
        for c in about:
            for group in [one.rank_group] if one.rank_group else RANK_GROUPS:
                n = _share(one, people, c, group)
                parts = 1 if one.competency_id or one.topic else max(1, _required_of(people, group))
                if n:
                    key, given = f"{one.source}:{one.key}", _on_scale(one.weight, 100 * parts, of_usual)
                    found[c, group].append(Finding(one.source, key, n, given, one.code, one.value))


def _required_of(people: Counter[tuple[int, str]], group: str) -> int:
    """Competencies that somebody of the rank group needs"""
    return sum(1 for (_c, of), n in people.items() if of == group and n)


def _share(one: NeedsEvidence, people: Counter[tuple[int, str]], c: int, group: str) -> int:
    """How many of the people of a finding that names no rank group fall to one, in proportion."""
    if one.rank_group:
        return one.n if people[c, group] else 0
    whole = sum(people[c, name] for name in RANK_GROUPS)
    return one.n * people[c, group] // whole if whole else 0


def _about(facts: Facts, one: NeedsEvidence) -> list[int]:
    """Places of the competencies that a finding is about: the named one; those whose name and the topic hold each other; without both, all."""
    if one.competency is not None:
        return [facts.by_code[one.competency.code]] if one.competency.code in facts.by_code else []
    if not one.topic:
        return list(range(len(facts.competencies)))
    return [c for c, x in enumerate(facts.competencies) if x.name in one.topic or one.topic in x.name]
