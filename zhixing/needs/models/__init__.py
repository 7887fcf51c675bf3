"""Needs (需求研判): what posts require, what the authority asks, what people say, what the system knows, and what follows: the needs of a year."""

from zhixing.needs.models.evidence import NeedsEvidence
from zhixing.needs.models.frameworks import (
    Competency,
    CompetencyLevel,
    Framework,
    GapKind,
    RankGroup,
    RequiredLevel,
)
from zhixing.needs.models.priorities import Priority
from zhixing.needs.models.reckonings import Need, NeedsReckoning, Want
from zhixing.needs.models.surveys import NeedsSheet, NeedsSurvey, NeedsText, NeedsTicket, Stratum
from zhixing.needs.models.work_problems import WorkProblem

__all__ = [
    "Competency",
    "CompetencyLevel",
    "Framework",
    "GapKind",
    "Need",
    "NeedsEvidence",
    "NeedsReckoning",
    "NeedsSheet",
    "NeedsSurvey",
    "NeedsText",
    "NeedsTicket",
    "Priority",
    "RankGroup",
    "RequiredLevel",
    "Stratum",
    "Want",
    "WorkProblem",
]
