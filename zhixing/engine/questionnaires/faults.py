"""What can be wrong with the document of a form or an indicator system: codes with their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One code per thing that can be wrong; the code alone decides what a page says."""

    BAD_TYPE = "bad_type"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNKNOWN_VALUE = "unknown_value"
    OUT_OF_RANGE = "out_of_range"
    NO_BLOCK = "no_block"
    NO_ITEM = "no_item"
    TOO_MANY_ITEMS = "too_many_items"
    CODE_MALFORMED = "code_malformed"
    CODE_TWICE = "code_twice"
    TWICE = "twice"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"
    WEIGHTS = "weights"
    WEIGHT_FOR_NOTHING = "weight_for_nothing"
    NO_WEIGHT = "no_weight"
    REPEAT_OUT_OF_PLACE = "repeat_out_of_place"
    NOT_RISING = "not_rising"
    NOT_FALLING = "not_falling"
    TOO_DEEP = "too_deep"


@dataclass(frozen=True, slots=True)
class DefinitionFault:
    """``place`` is dotted, lists count from 1 (``block[2].item[1].options``); ``value`` is what stands there, or the number that is wrong."""

    place: str
    fault: Fault
    value: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.fault}{f' ({self.value})' if self.value else ''}"


class DefinitionError(ValueError):
    """The document is no form; ``faults`` lists everything that was found."""

    def __init__(self, faults: Iterable[DefinitionFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))
