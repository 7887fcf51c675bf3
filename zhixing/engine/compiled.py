"""The one place that compiles: array loops become machine code on first use and are kept on disk for the next process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compiles for the argument types met; releases the GIL, so that blocks of persons can run on several threads.

    The functions may not make arrays: without the counting of array references (``_nrt``) passing a ``NamedTuple`` of arrays is free,
    with it the many small functions here are ten times slower."""
    return cast(Function, numba.njit(**OPTIONS)(function))


def ready() -> None:
    """Load the compiler's own tables (0.2 s), as the first call of a compiled function would; another thread may read meanwhile."""
    from numba.core.registry import cpu_target

    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
