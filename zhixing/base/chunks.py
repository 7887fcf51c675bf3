"""Many keys, some at a time: a query that names all of them outgrows what a database takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
SIZE = 500


def chunks(items: Iterable[T], size: int = SIZE) -> Iterator[list[T]]:
    """All items in their order, ``size`` at a time."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
