"""What can be wrong with a planning problem or its rules, each fault with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Stable codes; the sentences are in ``config/cli/plan_sentences.py``."""

    NOT_JSON = "not_json"
    NOT_TOML = "not_toml"
    BAD_TYPE = "bad_type"
    MISSING_KEY = "missing_key"
    UNKNOWN_KEY = "unknown_key"
    EMPTY = "empty"
    UNKNOWN_VALUE = "unknown_value"
    UNKNOWN_REFERENCE = "unknown_reference"
    DUPLICATE = "duplicate"
    OUT_OF_RANGE = "out_of_range"
    BAD_DATE = "bad_date"
    NOT_IN_ORDER = "not_in_order"
    MONEY_DECIMAL = "money_decimal"
    MONEY_NEGATIVE = "money_negative"
    MONEY_ABSURD = "money_absurd"
    MONEY_IN_YUAN = "money_in_yuan"
    NOBODY = "nobody"
    MORE_THAN_GROUP = "more_than_group"
    NO_NEEDS = "no_needs"
    NO_INSTITUTIONS = "no_institutions"
    NO_PROGRAMMES = "no_programmes"
    NO_TERMS = "no_terms"
    NO_EVIDENCE = "no_evidence"
    WEIGHT_DIFFERS = "weight_differs"
    HOURS_DIFFER = "hours_differ"
    NO_SOURCE = "no_source"


@dataclass(frozen=True, slots=True)
class PlanFault:
    """``place`` is dotted and counts from 1 (``needs[3].people``), ``title`` what stands there is called; ``known`` is what would do."""

    place: str
    fault: Fault
    value: str = ""
    known: str = ""
    title: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.value} ({self.fault})"


class PlanError(Exception):
    """A problem that cannot be read; ``faults`` holds everything that is wrong with it."""

    def __init__(self, faults: Sequence[PlanFault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(map(str, self.faults)))
