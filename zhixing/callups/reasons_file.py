"""The file that keeps the reason behind every eligible pair of a run: one sorted Parquet table, written in small parts."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zhixing.callups.best_other import BEST_OTHER, best_other
from zhixing.callups.passed_over import MARKS, mark_barred
from zhixing.callups.problem.facts import Longs
from zhixing.callups.problem.frozen import ROW_GROUP, Frozen
from zhixing.callups.solution import Solution

FACTS = (
    "person_id",
    "class_id",
    "value",
    "owing",
    "missing",
    "make_up",
    "months",
    "this_year",
    "same_theme",
    "load",
    "tie",
)
WORDS = ("chosen", "code", "detail", *MARKS)
COLUMNS = (*FACTS, *WORDS, *BEST_OTHER)


def write_reasons(frozen: Frozen, solution: Solution) -> tuple[bytes, int]:
    """The file and its rows (``COLUMNS``): class by class the chosen first, then the best.

    A row holds the engine's reason, or the standing call-up that bars the pair, with what the value is made of; ``cause`` and ``holder_id`` where
    a colleague with weaker reasons is called (``passed_over``); and the person's best other pair (``best_other``). Standing call-ups
    themselves are left out: they are facts, not proposals. The details of a million pairs are the largest thing that the search leaves
    behind, so they are never copied as a whole.
    """
    asked = _Rows.asked(frozen.tables["pairs"], solution.reasons)
    barred = _Rows.barred(mark_barred(frozen, solution.reasons))
    order = _order(asked, barred)
    others = _others(asked, barred, frozen.tables["classes"])
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, _part(order[:0], asked, barred, others).schema, compression="zstd") as writer:
        for start in range(0, len(order), ROW_GROUP):
            writer.write_table(_part(order[start : start + ROW_GROUP], asked, barred, others))
    return sink.getvalue(), len(order)


class _Rows:
    """Facts and words of N pairs: row ``n`` has the facts at ``fact[n]`` and the words at ``word[n]``."""

    def __init__(self, facts: pa.Table, fact: Longs, words: pa.Table, word: Longs) -> None:
        self._facts, self._words = facts.select(FACTS).combine_chunks(), words.select(WORDS).combine_chunks()
        self._fact, self._word = fact, word

    @classmethod
    def asked(cls, pairs: pa.Table, said: pa.Table) -> _Rows:
        """What the search was free to choose; nothing when it found no list, since nobody is given a reason then."""
        fact = _by_pair(pairs)[: len(said)]
        free = ~pairs["occupied"].to_numpy()[fact]
        return cls(pairs, fact[free], said, _by_pair(said)[free])

    @classmethod
    def barred(cls, table: pa.Table) -> _Rows:
        places = np.arange(len(table))
        return cls(table, places, table.append_column("chosen", pa.array(np.zeros(len(table), np.bool_))), places)

    def __len__(self) -> int:
        return len(self._fact)

    def column(self, name: str) -> Any:
        """[N] a column that is no text."""
        table, places = (self._facts, self._fact) if name in FACTS else (self._words, self._word)
        return table[name].to_numpy()[places]

    def table(self, rows: Longs) -> pa.Table:
        facts, words = self._facts.take(self._fact[rows]), self._words.take(self._word[rows])
        return pa.table(dict(zip((*FACTS, *WORDS), [*facts.columns, *words.columns], strict=True)))

    def codes(self) -> pa.Array:
        """[N] few different texts, each kept once."""
        return self._words["code"].combine_chunks().dictionary_encode().take(pa.array(self._word)).cast(pa.string())


def _by_pair(table: pa.Table) -> Longs:
    """The rows in the order of person and class."""
    return np.lexsort((table["class_id"].to_numpy(), table["person_id"].to_numpy()))


def _order(asked: _Rows, barred: _Rows) -> Longs:
    """All rows in the order of the file; those barred count on from those asked."""

    def both(name: str) -> Any:
        return _both(asked, barred, name)

    return np.lexsort((both("person_id"), -both("value"), ~both("chosen"), both("class_id")))


def _both(asked: _Rows, barred: _Rows, name: str) -> Any:
    return np.concatenate([asked.column(name), barred.column(name)])


def _others(asked: _Rows, barred: _Rows, calendar: pa.Table) -> pa.Table:
    """The best other pair of every row, those barred after those asked."""
    persons, classes, values = (_both(asked, barred, name) for name in ("person_id", "class_id", "value"))
    return best_other(persons, classes, values, pa.concat_arrays([asked.codes(), barred.codes()]), calendar)


def _part(rows: Longs, asked: _Rows, barred: _Rows, others: pa.Table) -> pa.Table:
    beyond = rows >= len(asked)
    parts = pa.concat_tables([asked.table(rows[~beyond]), barred.table(rows[beyond] - len(asked))])
    back = np.argsort(np.argsort(beyond, kind="stable"), kind="stable")
    told = parts.combine_chunks().take(back)
    for name, column in zip(BEST_OTHER, others.take(rows).columns, strict=True):
        told = told.append_column(name, column)
    return told
