"""Who owes what on the day asked for, kept in the database and written out (formats.md §1, ``standings.csv``)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zhixing.base.tables.write import Column, Content, write_csv
from zhixing.cycle.books import Roster, Rules
from zhixing.engine.policies import Policy as ParsedPolicy
from zhixing.obligations.actions import install_policy, install_shipped_policy
from zhixing.obligations.actions.counts import count_standings
from zhixing.obligations.actions.standings import store_foreseen, store_standings, year_end
from zhixing.obligations.problem import Question, Row, stand_and_foresee
from zhixing.obligations.queries.policies import rules_of

COLUMNS = (
    Column("key"),
    Column("name"),
    Column("unit"),
    Column("rank"),
    Column("rule"),
    Column("window_opens", Content.DATE),
    Column("window_closes", Content.DATE),
    Column("required", Content.TENTHS),
    Column("counted", Content.TENTHS),
    Column("missing", Content.TENTHS),
    Column("capped", Content.TENTHS),
    Column("state"),
)
STATES = ("met", "on_track", "short", "overdue", "exempt")


@dataclass(frozen=True)
class Standings:
    """Everyone's standings by person and rule, and the policy that they stand under."""

    rows: Sequence[Row]
    policy: ParsedPolicy

    def states(self) -> Counter[str]:
        return Counter(row[-1] for row in self.rows)


def write_standings(rules: Rules | None, on: dt.date) -> Standings:
    """Keep the policy (None: the shipped one) and compute everyone's standings on ``on`` under it, whenever it comes into force."""
    kept = install_shipped_policy() if rules is None else install_policy(rules.text)
    policy = rules_of(kept)
    last = year_end(on)
    rows, foreseen = stand_and_foresee(None, Question(policy, on), Question(policy, last))
    rows.sort()
    store_standings(rows, kept, on)
    store_foreseen(foreseen, kept, last)
    count_standings(on)
    return Standings(rows, policy)


def write_standings_csv(path: Path, standings: Standings, roster: Roster) -> None:
    write_csv(path, COLUMNS, _lines(standings, roster))


def _lines(standings: Standings, roster: Roster) -> Iterator[Sequence[object]]:
    for person, rule, opens, closes, required, counted, missing, capped, state in standings.rows:
        row = roster.row(person)
        yield (
            row.key,
            row.name,
            row.unit,
            row.effective_rank,
            rule,
            opens,
            closes,
            required,
            counted,
            missing,
            capped,
            state,
        )
