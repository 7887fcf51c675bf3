"""One measured figure with its goal, and how a command is measured."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """A row of the table; ``limit`` is the most that reaches the goal, None when there is none. ``needs`` tells why nothing was measured,
    ``digits`` how fine to show it."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    needs: str = ""
    digits: int = 1

    @classmethod
    def left_out(cls, what: str, needs: str) -> Figure:
        return cls(what, 0, "", needs=needs)

    @property
    def measured(self) -> str:
        if self.needs:
            return f"not run: {self.needs}"
        return f"{self.value:,.{self.digits}f} {self.unit}" if self.value < 1000 else f"{self.value:,.0f} {self.unit}"

    @property
    def goal(self) -> str:
        return f"≤ {self.limit:,g} {self.unit}" if self.limit is not None else ""

    @property
    def reached(self) -> bool:
        return self.limit is None or self.value <= self.limit


@dataclass(frozen=True)
class Run:
    """A finished command: wall seconds and the largest memory of the process and its children, in MB."""

    seconds: float
    peak_mb: float


def run(arguments: Sequence[str], home: Path, database: str = "") -> Run:
    """Run ``zhixing ARGUMENTS`` with its own home. Raises ``RuntimeError`` with what it said when it fails."""
    environment = {**os.environ, "ZHIXING_HOME": str(home), "DATABASE_URL": database}
    began = time.monotonic()
    command = [sys.executable, "-m", "zhixing.config", *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        watch = PeakMemory(process.pid)
        _nothing, errors = process.communicate()
        seconds = time.monotonic() - began
        peak, code = watch.stop(), process.returncode
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{errors.decode(errors='replace')}")
    return Run(seconds, peak)


class PeakMemory:
    """Samples the resident memory of a process tree ten times a second."""

    def __init__(self, pid: int) -> None:
        import psutil

        self._process = psutil.Process(pid)
        self._gone = psutil.Error
        self._peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            try:
                tree = [self._process, *self._process.children(recursive=True)]
                self._peak = max(self._peak, sum(p.memory_info().rss for p in tree))
            except self._gone:
                continue

    def stop(self) -> float:
        """End the watch and return the peak in MB."""
        self._stop.set()
        self._thread.join()
        return self._peak / 1e6
