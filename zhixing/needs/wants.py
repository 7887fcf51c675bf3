"""How people would like to learn, and what first: the topics and methods of teaching (教学方式) ticked on sheets, as shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from zhixing.engine.columns import Flags, Floats, Longs
from zhixing.engine.needs.rank_groups import RANK_GROUPS
from zhixing.engine.needs.shares import share_of
from zhixing.engine.needs.showing import told_shares
from zhixing.needs.facts import GROUPS, Facts
from zhixing.needs.models import Competency, NeedsSheet, Want
from zhixing.resources.models import Method

TOPICS_MOST: Final = 3


@dataclass(frozen=True, eq=False)
class _Sheets:
    """[n] sheets of one source: their survey, rank group and weight; and for each what was offered and ticked."""

    survey: Longs
    group: Longs
    weight: Floats
    offered: list[set[int]]
    topics: list[set[int]]
    methods: list[set[str]]


def wants_of(facts: Facts) -> list[Want]:
    """Everything that may be told, unsaved: of all and of rank groups."""
    found: list[Want] = []
    for who in Want.Who.values:
        sheets = _sheets(facts, who)
        if sheets is None:
            continue
        for method in Method.values:
            ticked = np.array([method in one for one in sheets.methods])
            found += _wants(sheets, np.ones(len(ticked), bool), ticked, facts.least, who=who, method=method)
        for place, competency in enumerate(facts.competencies):
            offered = np.array([place in one for one in sheets.offered])
            ticked = np.array([place in one for one in sheets.topics])
            found += _wants(sheets, offered | ticked, ticked, facts.least, who=who, competency=competency)
    return found


def _sheets(facts: Facts, who: str) -> _Sheets | None:
    surveys = [one.pk for one in facts.surveys if one.who == who]
    rows = NeedsSheet.objects.filter(survey__in=surveys).order_by("pk")
    columns = list(rows.values_list("survey_id", "stratum_id", "stratum__rank_group", "answers", "wants"))
    if not columns:
        return None
    pks = {int(key) for *_others, answers, _wants in columns for key in answers}
    pks |= {key for *_others, wants in columns for key in wants.get("topics", ())}
    codes = dict(Competency.objects.filter(pk__in=pks).values_list("pk", "code"))
    place = {pk: facts.by_code[code] for pk, code in codes.items() if code in facts.by_code}
    weight_of = facts.weight_of_stratum
    return _Sheets(
        np.array([survey for survey, *_others in columns], np.int64),
        np.array([GROUPS[group] for _s, _stratum, group, *_others in columns], np.int64),
        np.array([weight_of.get(stratum, 1.0) for _s, stratum, *_others in columns], np.float64),
        [{place[int(key)] for key in answers if int(key) in place} for *_others, answers, _wants in columns],
        [{place[key] for key in wants.get("topics", ()) if key in place} for *_others, wants in columns],
        [set(wants.get("methods", ())) for *_others, wants in columns],
    )


def _wants(sheets: _Sheets, asked: Flags, ticked: Flags, least: int, **about: Any) -> Iterator[Want]:
    safe = _safe(sheets, asked, ticked, least)
    for place, group in enumerate(("", *RANK_GROUPS)):
        some = asked if not group else asked & (sheets.group == GROUPS[group])
        if safe[place] and ticked[some].any():
            share = share_of(ticked[some], sheets.weight[some])
            percent, lower, upper = (round(100 * part) for part in (share.share, share.lower, share.upper))
            yield Want(rank_group=group, n=int(some.sum()), percent=percent, lower=lower, upper=upper, **about)


def _safe(sheets: _Sheets, asked: Flags, ticked: Flags, least: int) -> Sequence[bool]:
    """Of all, and of each rank group: whether the share may be told, of each survey by itself."""
    safe = np.ones(1 + len(RANK_GROUPS), bool)
    for survey in np.unique(sheets.survey):
        mine = asked & (sheets.survey == survey)
        size = np.bincount(sheets.group[mine], minlength=len(RANK_GROUPS))
        count = np.bincount(sheets.group[mine & ticked], minlength=len(RANK_GROUPS))
        whole = told_shares(np.array([count.sum()]), np.array([size.sum()]), least)
        safe &= np.concatenate([whole, whole & told_shares(count, size, least)]) | (np.append(size.sum(), size) == [0])
    return safe.tolist()
