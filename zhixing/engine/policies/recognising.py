"""The strict reader of ``[[recognition]]`` tables."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Final

from zhixing.engine.policies.channels import Channel
from zhixing.engine.policies.document import Document, Table
from zhixing.engine.policies.faults import Fault
from zhixing.engine.policies.recognition import Measure, Recognition

_KEYS: Final = {
    "code": True,
    "title": True,
    "channel": True,
    "by": True,
    "value": False,
    "half_day": False,
    "steps": False,
    "repeats": False,
    "levels": False,
    "test": False,
    "needs_test": False,
    "needs_whole": False,
    "most": False,
    "most_steps": False,
    "least_days": False,
    "most_a_year": False,
    "split_years": False,
    "content": False,
    "basis": False,
}
_NEEDS: Final = {
    Measure.DAYS: "value",
    Measure.MINUTES: "steps",
    Measure.HOURS: "value",
    Measure.SESSIONS: "value",
    Measure.PIECES: "levels",
}
_ONLY_FOR: Final = {
    "half_day": (Measure.DAYS,),
    "most_steps": (Measure.DAYS,),
    "least_days": (Measure.DAYS,),
    "steps": (Measure.MINUTES,),
    "repeats": (Measure.MINUTES,),
    "levels": (Measure.PIECES,),
    "value": (Measure.DAYS, Measure.HOURS, Measure.SESSIONS),
}
WORTH_MAX: Final = 2_000
"""Hours: more than one training can bring."""
MINUTES_MAX: Final = 100_000
DAYS_MAX: Final = 366
"""Of one training, where its length decides."""


class RecognitionReader(Document):
    """Reads what trainings are worth."""

    def recognitions(self, found: object) -> tuple[Recognition, ...]:
        read: list[Recognition] = []
        for place, table in self.tables(found, "recognition"):
            one = self.recognition(table, place)
            if one.code and one.code in {earlier.code for earlier in read}:
                self.refuse(f"{place}.code", Fault.DUPLICATE, "give each kind of training a code of its own", one.code)
            read.append(one)
        return tuple(read)

    def recognition(self, found: Table, place: str) -> Recognition:
        table = self.table(found, place, _KEYS)
        measure = self.measure(table, place)
        return Recognition(
            code=self.words(table, place, "code", filled=True),
            title=self.words(table, place, "title", filled=True),
            channel=Channel(self.choice(table, place, "channel", Channel) or Channel.OFFJOB),
            measure=measure,
            value=self.worth_of(table, place, "value") or Fraction(0),
            half_day=self.worth_of(table, place, "half_day"),
            steps=self.steps(table, place, "steps", "minutes", MINUTES_MAX),
            repeats=self.flag(table, place, "repeats"),
            levels=self.levels(table, place),
            test=self.worth_of(table, place, "test") or Fraction(0),
            needs_test=self.flag(table, place, "needs_test"),
            needs_whole=self.flag(table, place, "needs_whole"),
            most=self.worth_of(table, place, "most"),
            most_steps=self.steps(table, place, "most_steps", "days", DAYS_MAX),
            least_days=self.whole(table, place, "least_days", 1, DAYS_MAX),
            most_a_year=self.worth_of(table, place, "most_a_year"),
            split_years=self.flag(table, place, "split_years"),
            content=self.words(table, place, "content"),
            basis=self.words(table, place, "basis"),
        )

    def measure(self, table: Table, place: str) -> Measure:
        """By what it is measured, with the key that this needs and without those that would do nothing."""
        word = self.choice(table, place, "by", Measure)
        if not word:
            return Measure.DAYS
        measure = Measure(word)
        if _NEEDS[measure] not in table:
            self.refuse(f"{place}.{_NEEDS[measure]}", Fault.MISSING_KEY, f"add the key {_NEEDS[measure]}")
        for key, measures in _ONLY_FOR.items():
            if key in table and measure not in measures:
                self.refuse(
                    f"{place}.{key}", Fault.DOES_NOTHING, f"it is for {' and '.join(measures)}: remove it", word
                )
        return measure

    def worth_of(self, table: Table, place: str, key: str) -> Fraction | None:
        return self.hundredths(table[key], f"{place}.{key}") if key in table else None

    def hundredths(self, hours: object, place: str) -> Fraction:
        exact = self.number(hours, place, 0, WORTH_MAX, "hours")
        if (exact * 100).denominator != 1:
            self.refuse(place, Fault.NOT_WHOLE_TENTHS, "write hours with at most two decimals", hours)
            return Fraction(0)
        return exact

    def steps(self, table: Table, place: str, key: str, unit: str, most: int) -> tuple[tuple[int, Fraction], ...]:
        """Pairs of minutes or days and hours, both rising: a step that does not rise would never be reached."""
        if key not in table:
            return ()
        where, found = f"{place}.{key}", table[key]
        if (
            not isinstance(found, list)
            or not found
            or not all(isinstance(one, list) and len(one) == 2 for one in found)
        ):
            self.refuse(where, Fault.BAD_TYPE, f"write pairs of {unit} and hours, such as [[15, 0.5], [30, 1]]", found)
            return ()
        sound = len(self.problems)
        steps = tuple(
            (int(self.number(count, where, 1, most, unit)), self.hundredths(hours, where)) for count, hours in found
        )
        rises = all(before[0] < after[0] and before[1] < after[1] for before, after in pairwise(steps))
        if len(self.problems) == sound and not rises:
            self.refuse(where, Fault.NEVER_REACHED, f"let both {unit} and hours rise from step to step", found)
        return steps

    def levels(self, table: Table, place: str) -> dict[str, Fraction]:
        where, found = f"{place}.levels", table.get("levels", {})
        if not isinstance(found, dict) or ("levels" in table and not found):
            self.refuse(where, Fault.BAD_TYPE, "write a table such as { city = 12, nation = 48 }", found)
            return {}
        return {level: self.hundredths(hours, f"{where}.{level}") for level, hours in found.items()}
