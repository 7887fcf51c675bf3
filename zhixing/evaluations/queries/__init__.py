"""Reads for pages, exports and actions, always from what the user may see."""

from zhixing.evaluations.queries.raters import attended, raters
from zhixing.evaluations.queries.results import Combined, Results, combined, results_of
from zhixing.evaluations.queries.soundness import Soundness, soundness_of
from zhixing.evaluations.queries.surveys import (
    closing_soon,
    form_for,
    forms_in_force,
    forms_seen_by,
    rule_for,
    rules_seen_by,
    survey_for,
    surveys_about,
    surveys_seen_by,
    version_for,
    versions_to_launch,
)
from zhixing.evaluations.queries.tickets import Asked, asked_of, survey_of, waiting_for

__all__ = [
    "Asked",
    "Combined",
    "Results",
    "Soundness",
    "asked_of",
    "attended",
    "closing_soon",
    "combined",
    "form_for",
    "forms_in_force",
    "forms_seen_by",
    "raters",
    "results_of",
    "rule_for",
    "rules_seen_by",
    "soundness_of",
    "survey_for",
    "survey_of",
    "surveys_about",
    "surveys_seen_by",
    "version_for",
    "versions_to_launch",
    "waiting_for",
]
