"""Plans of invented cities of 30,000 people, and beside each last year's way: by priority, as long as money and places last."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from zhixing.config.cli.bench.figure import Figure
from zhixing.config.cli.bench.plan_city import city
from zhixing.engine.plan.check import check
from zhixing.engine.plan.document import plan_document
from zhixing.engine.plan.options import Option, options_of
from zhixing.engine.plan.problem import PlanProblem
from zhixing.engine.plan.search import propose
from zhixing.engine.plan.usage import Usage

SEEDS = tuple(range(1, 9))
GOAL = 0.01


def figures(folder: Path, people: int) -> Iterator[Figure]:
    seconds, gaps, lines, broken, checked, better, list_gaps = [], [], [], 0, [], [], []
    near, near_cpu, near_gaps = [], [], []
    for seed in SEEDS:
        problem = city(seed, people)
        before = time.process_time()
        good = propose(problem, gap=GOAL)
        near_cpu.append(time.process_time() - before)
        near.append(good.seconds)
        near_gaps.append(100.0 if good.gap is None else 100 * good.gap)
        result = propose(problem)
        document = plan_document(problem, result)
        (folder / f"plan-{seed}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        began = time.perf_counter()
        report = check(document["problem"], document)
        checked.append(time.perf_counter() - began)
        broken += len(report.violations) + sum(not holds for holds in report.claims.values())
        seconds.append(result.seconds)
        gaps.append(100.0 if result.gap is None else 100 * result.gap)
        lines.append(len(result.lines))
        listed = by_priority(problem)
        objective, bound = listed.objective(), result.bound or 1
        list_gaps.append(100 * (bound - objective) / bound)
        better.append(100 * ((result.objective or 0) / objective - 1))
    for seed, taken, cpu, gap in zip(SEEDS, near, near_cpu, near_gaps, strict=True):
        yield Figure(
            f"plan of {people:,} people, city {seed}: to a proven gap of {gap:.2f} % (goal 1 %)", taken, "s", 60
        )
        yield Figure("… CPU", cpu, "s")
    yield Figure("… the largest of these gaps", max(near_gaps), "%", 100 * GOAL, digits=2)
    yield Figure(f"the same searched on towards half a percent, the slowest of {len(SEEDS)}", max(seconds), "s", 60)
    yield Figure("… the median", median(seconds), "s", 60)
    yield Figure("… the largest proven gap", max(gaps), "%", 100 * GOAL, digits=2)
    yield Figure("… lines, the median", median(lines), "lines")
    yield Figure("… rules broken and figures wrong, by the checker", broken, "", 0, digits=0)
    yield Figure("… checking, the slowest", max(checked), "s", digits=2)
    yield Figure("a list by priority: gap to the bound, the median", median(list_gaps), "%")
    yield Figure("… the plan covers more by, the median", median(better), "%")


def by_priority(problem: PlanProblem) -> Usage:
    """The need of the largest weight first: full runs of the programme that covers it most for the money, at the first house that has room.

    It keeps what no plan may pass, and first holds what must be held."""
    options = options_of(problem)
    usage = Usage(problem, options)
    for programme in problem.programmes:
        own = [option for option in options if option.programme.key == programme.key]
        while usage.runs_of[programme.key] < programme.runs_min and _put_one(usage, own):
            pass
    for place in sorted(range(len(problem.needs)), key=lambda at: -problem.needs[at].weight):
        covering = [(dict(option.covers)[place], option) for option in options if place in dict(option.covers)]
        covering.sort(key=lambda one: -one[0] / one[1].cents(1, one[1].programme.size_max))
        while usage.covered(place) < problem.needs[place].amount and _put_one(usage, [one for _, one in covering]):
            pass
    return usage


def _put_one(usage: Usage, options: list[Option]) -> bool:
    for option in options:
        seats = min(option.programme.size_max, usage.seats_left(option, 1))
        if seats >= option.programme.size_min and not usage.blocked(option, 1, seats):
            usage.put(option, 1, seats)
            return True
    return False
