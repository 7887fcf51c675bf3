"""Reading the training history in a process of its own.

It is by far the largest book: it is read while the roster goes into the database, and its memory goes back to the machine before the search.
"""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from zhixing.base.problems import Invalid
from zhixing.base.tables.read import read_book
from zhixing.cycle.history import History, history_of
from zhixing.engine.sheets.cells import largest

_REFUSED = 3


class HistoryReading:
    """The process at work: it reads the sheet at once, and its rows as soon as it is told whom their numbers mean."""

    def __init__(self, path: Path) -> None:
        self._path = path
        command = [sys.executable, "-m", __name__, str(path)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def finish(self, people: Mapping[str, int]) -> History:
        """Tell the people by ID number and staff number, and wait. Raises ``Invalid`` when the file is refused."""
        content, _nothing = self._process.communicate(pickle.dumps(dict(people)))
        if self._process.returncode == _REFUSED:
            read_book(self._path, self._path.name)  # says why
        if self._process.returncode:
            raise subprocess.CalledProcessError(self._process.returncode, self._process.args)
        history: History = pickle.loads(content)  # noqa: S301  our own process wrote it
        return history

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self._process.kill()
        self._process.communicate()


def main() -> int:
    """Argument: the path. Standard input: a pickled mapping of numbers to keys. Standard output: a pickled ``History``."""
    gc.disable()  # millions of cells, and no circle among them
    path = Path(sys.argv[1])
    try:
        sheet = largest(read_book(path, path.name))
    except Invalid:
        return _REFUSED
    people: dict[str, int] = pickle.load(sys.stdin.buffer)  # noqa: S301  our own process wrote it
    pickle.dump(history_of(sheet, people), sys.stdout.buffer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
