"""What a desk is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zhixing.base.problems import Text


@dataclass(frozen=True)
class Deed:
    """A button under the answer."""

    label: Text
    url: str
    icon: str = ""
    primary: bool = False


@dataclass(frozen=True)
class Figure:
    """A number that opens to its rows; one that waits for somebody has the tone ``warn``."""

    value: int
    label: Text
    url: str
    tone: str = ""
    note: Text = ""


@dataclass(frozen=True)
class Line:
    """One row of a short list: when, what, and a state."""

    when: str
    title: str
    url: str = ""
    note: str = ""
    state: str = ""
    state_label: Text = ""


@dataclass(frozen=True)
class Group:
    """A short list under a heading, with what to say when it is empty."""

    title: Text
    lines: Sequence[Line]
    empty: Text
    more_url: str = ""


@dataclass(frozen=True)
class Desk:
    """The answer in one sentence, what to do next, what waits, the figures, and short lists."""

    answer: Text
    deeds: Sequence[Deed] = ()
    waiting: Sequence[Figure] = ()
    figures: Sequence[Figure] = ()
    groups: Sequence[Group] = ()
    lead: Text = ""

    @property
    def waits(self) -> list[Figure]:
        """Only what really waits: an empty tray is not shown."""
        return [figure for figure in self.waiting if figure.value]
