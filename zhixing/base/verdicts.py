"""A permission's answer: a yes, or a no with its reason. The same answer feeds the button, its tooltip and the action."""

from __future__ import annotations

from dataclasses import dataclass

from zhixing.base.problems import Refused, Text


@dataclass(frozen=True)
class Verdict:
    """Truthy when allowed; ``reason`` is the sentence shown when not."""

    allowed: bool
    reason: Text = ""

    def __bool__(self) -> bool:
        return self.allowed

    def require(self) -> None:
        """Raise ``Refused`` with the reason when the answer is no."""
        if not self.allowed:
            raise Refused(self.reason)


YES = Verdict(True)


def no(reason: Text) -> Verdict:
    return Verdict(False, reason)
