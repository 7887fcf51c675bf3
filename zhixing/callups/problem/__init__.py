"""Rows → the frozen problem that the engine solves, and back to keys."""

from zhixing.callups.problem.build import load
from zhixing.callups.problem.facts import ClassFacts, OpenMakeUp, read_make_ups
from zhixing.callups.problem.frozen import BARRED, Frozen
from zhixing.callups.problem.pairs import fit_of

__all__ = [
    "BARRED",
    "ClassFacts",
    "Frozen",
    "OpenMakeUp",
    "fit_of",
    "load",
    "read_make_ups",
]
