"""What can be wrong with a policy's text, each fault with its place and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What can be wrong with a policy's text."""

    NOT_TOML = "not_toml"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    BAD_TYPE = "bad_type"
    EMPTY = "empty"
    UNKNOWN_VALUE = "unknown_value"
    DUPLICATE = "duplicate"
    NOT_WHOLE_TENTHS = "not_whole_tenths"
    OUT_OF_RANGE = "out_of_range"
    CAP_NOT_COUNTED = "cap_not_counted"
    NO_BLOCK_START = "no_block_start"
    UNREACHABLE = "unreachable"
    OVERLAP = "overlap"
    DOES_NOTHING = "does_nothing"
    UNKNOWN_RANK = "unknown_rank"
    UNKNOWN_CONTENT = "unknown_content"
    MORE_THAN_COUNTS = "more_than_counts"
    NEVER_IN_FORCE = "never_in_force"
    NEVER_REACHED = "never_reached"
    SPARES_EVERYBODY = "spares_everybody"
    GIVES_NOTHING = "gives_nothing"
    HALF_ABOVE_WHOLE = "half_above_whole"
    GAP = "gap"
    NO_SHARE = "no_share"
    NO_SUCCESSOR = "no_successor"
    VERSIONS_OVERLAP = "versions_overlap"


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """One fault, said so that its author can mend it.

    ``name`` is the file's, ``line`` its line or None, ``key`` the dotted place (``rule[2].caps.online``, rules from 1); ``known`` lists
    the words, or names the number, that would do.
    """

    name: str
    line: int | None
    key: str
    fault: Fault
    value: str
    mend: str
    known: str = ""

    @property
    def place(self) -> str:
        """Where it is, with the value that stands there, and its code: ``city.toml:9: rule[1].window: month (unknown_value)``."""
        file = self.name if self.line is None else f"{self.name}:{self.line}"
        value = f" {self.value}" if self.value else ""
        return f"{file}: {self.key}:{value} ({self.fault})"

    def __str__(self) -> str:
        return f"{self.place}: {self.mend}"


class PolicyError(ValueError):
    """The text is no policy; ``problems`` lists every fault found in it."""

    def __init__(self, problems: Iterable[PolicyProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
