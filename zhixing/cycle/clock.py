"""How long each stage of the work takes, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STAGES = {
    "read": 5,
    "database": 3,
    "people": 3,
    "history": 20,
    "standings": 8,
    "callup": 65,
    "lists": 8,
    "notices": 6,
    "report": 3,
}
"""The stages in order, each with the seconds it takes in a city of 30,000 people: their shares of the bar."""
WORDS = {
    "read": "读取名册和班次",
    "database": "新建数据库",
    "people": "写入机构人员",
    "history": "读取培训记录",
    "standings": "计算学时",
    "callup": "选派调训",
    "lists": "写出名单",
    "notices": "写出通知",
    "report": "写出报告",
}
Tell = Callable[[float, str], None]
"""Hears the share done of everything, and what is being done."""


class Clock:
    """Measures one stage after the other; ``seconds`` holds those that are over."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._began = time.perf_counter()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[float], None]]:
        """Within it, the function given is told the share done of the stage."""
        names = list(STAGES)
        before = sum(STAGES[earlier] for earlier in names[: names.index(name)])

        def hear(share: float) -> None:
            self._tell((before + share * STAGES[name]) / sum(STAGES.values()), WORDS[name])

        began = time.perf_counter()
        hear(0.0)
        yield hear
        hear(1.0)
        self.seconds[name] = round(time.perf_counter() - began, 2)

    def total(self) -> float:
        return round(time.perf_counter() - self._began, 2)
