"""Indicator systems (指标体系): a tree of what is looked at, what each part is worth, and what comes out of it with how much certainty.

A system is one document, like a form (docs/reference/evaluations.md). The words of the modules: a *group* holds groups or indicators; an *indicator* is
worth some points; its *share* is the part of them that it earns, from 0 to 1. The share of a *fact* comes from a figure of the system along a *scale*,
that of a *judged* indicator is the mean of what the reviewers give.
"""

from zhixing.engine.indicators.changes import Change, changes_between
from zhixing.engine.indicators.definition import Absent, Group, Indicator, Kind, Level, Object, System
from zhixing.engine.indicators.order import Dependence, dependences
from zhixing.engine.indicators.reading import read
from zhixing.engine.indicators.scoring import Finding, Score, State, fact_finding, judged_findings, score

__all__ = [
    "Absent",
    "Change",
    "Dependence",
    "Finding",
    "Group",
    "Indicator",
    "Kind",
    "Level",
    "Object",
    "Score",
    "State",
    "System",
    "changes_between",
    "dependences",
    "fact_finding",
    "judged_findings",
    "read",
    "score",
]
