"""Rows → the problem of a year's plan, and a proposal back as the facts of lines (``engine.plan``)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from django.db.models import Prefetch

from zhixing.base import workdays
from zhixing.base.policy_files import policy_file
from zhixing.engine.annual.terms import QUARTERS, days_of
from zhixing.engine.needs.rank_groups import BUREAU, RANK_GROUPS, STAFF
from zhixing.engine.plan.options import Limit
from zhixing.engine.plan.problem import PlanProblem
from zhixing.engine.plan.reading import read
from zhixing.engine.plan.rules import Rule, Rules
from zhixing.engine.plan.rules_reading import parse_rules
from zhixing.engine.proportion import by_largest_remainder
from zhixing.needs.models import Need, NeedsReckoning, RankGroup
from zhixing.needs.problem import serving_in
from zhixing.people.models import Unit
from zhixing.plans.models import Capacity, PlanLine, Programme, ProgrammeCompetency, Term

WHOLE: Final = 10_000
"""Shares of the evidence of a line are in ten-thousandths."""


def rules_in_force() -> Rules:
    """The installation's own ``policies/plan.toml``, else that of the product. Raises ``PlanError``."""
    return _parsed(policy_file("plan.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=2)
def _parsed(text: str) -> Rules:
    return parse_rules(text)


def latest_reckoning(year: int, unit: Unit | None = None) -> NeedsReckoning | None:
    """Of the unit; none named: of the widest that has a ready one."""
    ready = NeedsReckoning.objects.filter(year=year, state=NeedsReckoning.State.READY).select_related("unit")
    return (ready if unit is None else ready.filter(unit=unit)).order_by("unit__path", "-pk").first()


def problem_of(reckoning: NeedsReckoning, *, money: int, decided_on: dt.date, rules: Rules) -> PlanProblem:
    """What the needs of a reckoning, the programmes in use and the institutions' capacities ask and offer. ``money`` in cents.

    Raises ``PlanError`` with every fault, such as that there is no institution. Needs are those of the whole unit by rank group."""
    groups = list(_groups(reckoning))
    return read(
        {
            "year": reckoning.year,
            "decided_on": decided_on.isoformat(),
            "money": money,
            "groups": groups,
            "needs": list(_needs(reckoning)),
            "programmes": list(_programmes(reckoning, {group["key"] for group in groups})),
            "institutions": _institutions(reckoning),
            "terms": [_term(reckoning.year, term) for term in QUARTERS],
            **_workdays(decided_on.year, reckoning.year),
        },
        rules,
    )


def _workdays(first: int, last: int) -> dict[str, list[str]]:
    """Days off and weekend days worked instead, as far as they are stated."""
    known = workdays.in_force()
    named = {"holidays": known.off, "workdays": known.worked}
    return {
        name: [day.isoformat() for day in sorted(days) if first <= day.year <= last] for name, days in named.items()
    }


def _term(year: int, term: int) -> dict[str, str]:
    first, last = days_of(year, term)
    return {
        "key": str(term),
        "starts_on": first.isoformat(),
        "ends_on": last.isoformat(),
        "title": str(Term(term).label),
    }


def _groups(reckoning: NeedsReckoning) -> Iterator[dict[str, Any]]:
    """Rank groups that somebody serves in. Members of leading groups: whoever has a leading post (职务层次) above staff."""
    people, leading = Counter[str](), Counter[str]()
    for served in serving_in(reckoning.unit):
        group = served.post.group
        people[group] += 1
        leading[group] += bool(served.post.rank) and group != STAFF
    for group in RANK_GROUPS:
        if people[group]:
            yield {
                "key": group,
                "people": people[group],
                "leading": leading[group],
                "fee_class": "bureau" if group == BUREAU else "county",
            }


def _needs(reckoning: NeedsReckoning) -> Iterator[dict[str, Any]]:
    rows = Need.objects.filter(reckoning=reckoning, unit=None, weight__gt=0, people__gt=0).exclude(rank_group="")
    for need in rows.select_related("competency").order_by("competency__position", "rank_group", "pk"):
        weight, shares = _per_person(need)
        if not weight:
            continue
        yield {
            "key": need_key(need.competency.code, need.rank_group),
            "competency": need.competency.code,
            "group": need.rank_group,
            "people": need.people,
            "title": need.competency.name,
            "weight": weight,
            "evidence": [
                {
                    "key": f"{need.competency.code}/{need.rank_group}/{part['source']}/{part['key']}/{number}",
                    "source": part["source"],
                    "share": share,
                }
                for number, (part, share) in enumerate(zip(need.parts, shares, strict=True))
            ],
        }


def need_key(code: str, rank_group: str) -> str:
    """What a problem calls the need of a competency and a rank group."""
    return f"{code}/{rank_group}"


def keys_of_needs(reckoning: NeedsReckoning) -> dict[str, int]:
    """What a problem calls a need → the key of its row, of those of the whole unit."""
    rows = Need.objects.filter(reckoning=reckoning, unit=None).values_list("competency__code", "rank_group", "pk")
    return {need_key(code, group): pk for code, group, pk in rows}


def strengths_of(lines: Iterable[PlanLine]) -> dict[int | None, dict[str, int]]:
    """Key of each programme of the lines → what it covers by competency, as strongly as it says."""
    keys = {line.programme_id for line in lines if line.programme_id is not None}
    rows = ProgrammeCompetency.objects.filter(programme__in=keys).order_by("pk")
    found: dict[int | None, dict[str, int]] = {}
    for programme, code, strength in rows.values_list("programme", "competency__code", "strength"):
        found.setdefault(programme, {})[code] = strength
    return found


def _per_person(need: Need) -> tuple[int, list[int]]:
    """A need weighs what all its people lack together, in hundredths of a level; a seat takes one of them: what one lacks, and what each part gives to that."""
    parts = {number: part["weight"] for number, part in enumerate(need.parts)}
    weight = (2 * sum(parts.values()) + need.people) // (2 * need.people)
    return weight, list(by_largest_remainder(weight, parts).values())


def _programmes(reckoning: NeedsReckoning, groups: set[str]) -> Iterator[dict[str, Any]]:
    """Programmes of the unit and of those above; of no rank group: for all."""
    covers = Prefetch("covers", ProgrammeCompetency.objects.select_related("competency"))
    paths = [*reckoning.unit.paths_up, reckoning.unit.path]
    for one in Programme.objects.in_use().filter(unit__path__in=paths).prefetch_related(covers):
        yield {
            "key": str(one.pk),
            "title": one.name,
            "kind": one.kind,
            "days": one.days,
            "hours": one.content_tenths,
            "methods": one.method_tenths,
            "leader_tenths": one.leader_tenths,
            "groups": [group for group in one.rank_groups or RANK_GROUPS if group in groups],
            "covers": {row.competency.code: row.strength for row in one.covers.all()},
            "size_min": one.size_min,
            "size_max": one.size_max,
            "person_day_cents": one.person_day_cents,
            "run_cents": one.run_cents,
            "teacher_days": one.teacher_days,
            "leading": one.leading,
            "runs_min": one.runs_min,
            **({} if one.runs_max is None else {"runs_max": one.runs_max}),
        }


def _institutions(reckoning: NeedsReckoning) -> list[dict[str, Any]]:
    """An institution whose rate differs between quarters is reckoned with the highest."""
    rows = Capacity.objects.filter(
        institution__path__startswith=reckoning.unit.path, year=reckoning.year, closed=False
    ).select_related("institution")
    found: dict[int, dict[str, Any]] = {}
    for row in rows.order_by("institution__path", "term"):
        key = row.institution_id
        house = found.setdefault(
            key, {"key": str(key), "title": row.institution.name, "rate_cents": 0, "capacities": []}
        )
        house["rate_cents"] = max(house["rate_cents"], row.rate_cents)
        house["capacities"].append(
            {"term": str(row.term), "classes": row.runs_at_once, "beds": row.seats, "teachers": row.teacher_days}
        )
    return list(found.values())


def evidence_of_needs(lines: Iterable[PlanLine], reckoning: NeedsReckoning) -> dict[int, list[dict[str, Any]]]:
    """Number of a line → what it rests on by its programme: every need of its rank group that the programme covers, by weight, strength and people.

    Lines without a programme or without such a need are left out."""
    needs: dict[tuple[str, str], Mapping[str, Any]] = {
        (row["competency"], row["group"]): row for row in _needs(reckoning)
    }
    lines = list(lines)
    keys, covers = keys_of_needs(reckoning), strengths_of(lines)
    found = {}
    for line in lines:
        covered = [
            {
                "need": need["key"],
                "weight": need["weight"],
                "amount": strength * line.people,
                "evidence": need["evidence"],
            }
            for code, strength in covers.get(line.programme_id, {}).items()
            if (need := needs.get((code, line.rank_group))) is not None
        ]
        evidence = [{**part, "need": one["need"]} for one in covered for part in one["evidence"]]
        if rested := _shares({"covers": covered, "evidence": evidence}, keys, {}):
            found[line.number] = rested
    return found


def named_limit(problem: PlanProblem, limit: Limit) -> dict[str, Any]:
    """A rule with what it is about, what that is called, and its number: cents, percent, people, runs or days."""
    rule, about = limit
    rules = problem.rules
    programme = next((one for one in problem.programmes if one.key == about), None)
    numbers: dict[Rule, int | None] = {
        Rule.MONEY: problem.money,
        Rule.LEADING_SHARE: problem.leading_least,
        Rule.CALLUPS_MAX: rules.callups_max,
        Rule.LEADING_CALLUPS_MAX: rules.callups_max,
        Rule.BUSINESS_DAYS: rules.business_days,
        Rule.NOTICE: rules.notice_days,
        **rules.shares,
    }
    if programme is not None:
        numbers |= {
            Rule.RUNS_MIN: programme.runs_min,
            Rule.RUNS_MAX: programme.runs_max,
            Rule.SIZE_MIN: programme.size_min,
            Rule.SIZE_MAX: programme.size_max,
        }
    titles = {one.key: one.title for one in problem.programmes} | {one.key: one.title for one in problem.terms}
    titles |= {str(group): str(label) for group, label in RankGroup.choices}
    return {"rule": str(rule), "about": about, "title": titles.get(about, about), "number": numbers.get(rule)}


def line_facts(document: Mapping[str, Any], reckoning: NeedsReckoning) -> Iterator[dict[str, Any]]:
    """The fields of a ``PlanLine`` for each line of a proposal (``plan_document``). The share of a need is its part of what the line covers, by weight."""
    rows = document.get("lines", [])
    programmes = Programme.objects.in_bulk({int(row["programme"]) for row in rows})
    schools = Unit.objects.in_bulk({int(row["institution"]) for row in rows})
    keys = keys_of_needs(reckoning)
    names = dict(reckoning.framework.competencies.values_list("code", "name"))
    for row in rows:
        template = programmes[int(row["programme"])]
        yield {
            "programme": template,
            "title": template.name,
            "kind": template.kind,
            "theme": template.theme,
            "rank_group": row["group"],
            "people": row["seats"],
            "runs": row["runs"],
            "days": template.days,
            "tenths": template.tenths,
            "institution": schools[int(row["institution"])],
            "term": int(row["term"]),
            "content_tenths": template.content_tenths,
            "method_tenths": template.method_tenths,
            "leader_tenths": template.leader_tenths,
            "budget": row["budget_cents"],
            "evidence": _shares(row, keys, names),
        }


def _shares(row: Mapping[str, Any], keys: Mapping[str, int], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """[{need, share, amount, evidence}], ``need`` its row: whole ten-thousandths that add up to 10,000, the largest remainders rounded up.

    A need that was never reckoned, as a trial may add it, is named by its own key and has a title."""
    shares = by_largest_remainder(WHOLE, {one["need"]: one["weight"] * one["amount"] for one in row["covers"]})
    return [
        {
            **_named_need(one, keys, names),
            "share": shares[one["need"]],
            "amount": one["amount"],
            "evidence": [part for part in row["evidence"] if part["need"] == one["need"]],
        }
        for one in row["covers"]
        if shares[one["need"]]
    ]


def _named_need(one: Mapping[str, Any], keys: Mapping[str, int], names: Mapping[str, str]) -> dict[str, str]:
    if one["need"] in keys:
        return {"need": str(keys[one["need"]])}
    return {"need": one["need"], "title": names.get(one["competency"], one["competency"])}
