"""Half the widths of two-sided 95 % intervals, in standard errors."""

from __future__ import annotations

from typing import Final

NORMAL_95: Final = 1.959963984540054


def student_95(freedom: int) -> float:
    """With so many degrees of freedom (1 or more)."""
    from scipy.special import stdtrit  # here: a web server starts, and serves most pages, without it

    return float(stdtrit(freedom, 0.975))
