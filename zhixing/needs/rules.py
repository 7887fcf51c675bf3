"""The rules of needs, read from ``policies/needs.toml`` by a strict parser: what each source of gaps weighs, and on what scale other findings count."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from zhixing.base.policy_files import policy_file
from zhixing.engine.policies.document import Document
from zhixing.engine.policies.faults import Fault, PolicyError

SOURCES = ("self", "superior", "unit")
"""As ``NeedsSurvey.Who`` calls them; the first is what the others are compared with."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much the strongest finding of a kind counts, in percent of the usual lack; ``usual`` is that lack where no survey tells, in hundredths of a
    level."""

    priority: int
    problem: int
    evidence: int
    usual: int


@dataclass(frozen=True, slots=True)
class Rules:
    """``weights``: of ``SOURCES``, in percent."""

    code: str
    basis: str
    weights: tuple[int, ...]
    scale: Scale

    @property
    def told(self) -> dict[str, object]:
        """As a reckoning keeps it."""
        return {
            "code": self.code,
            "weights": dict(zip(SOURCES, self.weights, strict=True)),
            "scale": asdict(self.scale),
        }


def rules_file() -> Path:
    return policy_file("needs.toml")


@cache
def in_force() -> Rules:
    """The rules of this installation, read once. Raises ``PolicyError``."""
    path = rules_file()
    return parse(path.read_text(encoding="utf-8"), path.name)


def parse(text: str, name: str = "needs.toml") -> Rules:
    """Read the rules. Raises ``PolicyError`` with every fault: a missing, unknown or impossible value is never guessed."""
    document = Document(text, name)
    top = document.table(document.load(), "", dict.fromkeys(("rules", "sources", "scale"), True))
    head = document.table(top.get("rules", {}), "rules", {"code": True, "basis": True})
    sources = document.table(top.get("sources", {}), "sources", dict.fromkeys(SOURCES, True))
    names = ("priority", "problem", "evidence")
    scale = document.table(top.get("scale", {}), "scale", dict.fromkeys((*names, "usual"), True))
    weights = tuple(document.whole(sources, "sources", key, 0, 100) for key in SOURCES)
    percents = {key: document.whole(scale, "scale", key, 0, 1000) for key in names}
    found = Rules(
        document.words(head, "rules", "code", filled=True),
        document.words(head, "rules", "basis", filled=True),
        weights,
        Scale(**percents, usual=document.whole(scale, "scale", "usual", 1, 500)),
    )
    if not document.problems and sum(weights) != 100:
        document.refuse("sources", Fault.OUT_OF_RANGE, "let the weights add up to 100", sum(weights))
    if document.problems:
        raise PolicyError(document.problems)
    return found
