"""Which competencies there are and which of them are needed (需求对应): what topics and courses link to by code.

Frameworks and reckonings of needs lie in an app above, so that app says at its start what they hold; without it there is nothing to link to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Needed:
    """``names``: code → name of each competency of the city's published frameworks, in their order. ``codes``: those for which the latest reckoning
    of the city holds a need; None: nothing was reckoned yet, so that no link can say whether there is a need.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    codes: frozenset[str] | None = None

    def known(self, codes: Iterable[str]) -> list[str]:
        """Those of ``codes`` that a published framework still has, in its order."""
        given = set(codes)
        return [code for code in self.names if code in given]

    def named(self, codes: Iterable[str]) -> list[str]:
        """The names of those."""
        return [self.names[code] for code in self.known(codes)]

    def says(self, codes: Iterable[str]) -> bool | None:
        """Whether one of ``codes`` is needed; None: no link is stated, or nothing was reckoned."""
        known = self.known(codes)
        return None if not known or self.codes is None else not self.codes.isdisjoint(known)


_lookups: list[Callable[[], Needed]] = []


def needs_told_by(lookup: Callable[[], Needed]) -> None:
    _lookups[:] = [lookup]


def needed() -> Needed:
    """As things stand; a few queries, so a page asks once."""
    return _lookups[0]() if _lookups else Needed()
