"""How many of a class run's target group other authorities call on its days (其他部门调训).

Their call-ups live in an app above, so that app says at its start how they are counted; without it nobody is.
"""

from __future__ import annotations

from collections.abc import Callable

from zhixing.plans.models import ClassRun

_counts: list[Callable[[ClassRun], int]] = []


def count_elsewhere_by(count: Callable[[ClassRun], int]) -> None:
    """``count`` says how many people of the target group are away for others on a day of the class run."""
    _counts[:] = [count]


def called_elsewhere(class_run: ClassRun) -> int:
    return _counts[0](class_run) if _counts else 0
