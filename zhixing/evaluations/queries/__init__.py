"""Reads for pages, exports and actions, always from what the user may see."""

from zhixing.evaluations.queries.raters import attended, raters
from zhixing.evaluations.queries.tickets import Asked, asked_of, survey_of, waiting_for

__all__ = ["Asked", "asked_of", "attended", "raters", "survey_of", "waiting_for"]
