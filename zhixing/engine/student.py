"""Student's distribution, for the intervals of means."""

from __future__ import annotations


def student_95(freedom: int) -> float:
    """Half the width of a two-sided 95 % interval in standard errors, with so many degrees of freedom (1 or more)."""
    from scipy.special import stdtrit  # here: a web server starts, and serves most pages, without it

    return float(stdtrit(freedom, 0.975))
