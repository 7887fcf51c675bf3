"""Codes → sentences: why a person is called, why not, and what would change it. One map for pages, papers and refusals."""

from zhixing.callups.sentences.beyond import risk
from zhixing.callups.sentences.burden import share_kept
from zhixing.callups.sentences.busy import busy_cause, busy_sentence, busy_weeks
from zhixing.callups.sentences.deadlock import Told
from zhixing.callups.sentences.events import concern, events
from zhixing.callups.sentences.fairness import cause_label, cause_sentence, price
from zhixing.callups.sentences.outside import clash_sentence, elsewhere_sentence, span
from zhixing.callups.sentences.reasons import (
    CODES_LEFT_OUT,
    Names,
    callup_sentence,
    changes,
    code_label,
    facts,
    facts_text,
    obstacle_sentence,
    sentence,
    standing_sentence,
)
from zhixing.callups.sentences.repairs import CHANGES, why_lost, why_new
from zhixing.callups.sentences.runs import gap, of_then, reasons_of, run_answer
from zhixing.callups.sentences.terms import stressed, terms_in_words
from zhixing.callups.sentences.tries import price_audit, price_sum, tried

__all__ = [
    "CHANGES",
    "CODES_LEFT_OUT",
    "Names",
    "Told",
    "busy_cause",
    "busy_sentence",
    "busy_weeks",
    "callup_sentence",
    "cause_label",
    "cause_sentence",
    "changes",
    "clash_sentence",
    "code_label",
    "concern",
    "elsewhere_sentence",
    "events",
    "facts",
    "facts_text",
    "gap",
    "obstacle_sentence",
    "of_then",
    "price",
    "price_audit",
    "price_sum",
    "reasons_of",
    "risk",
    "run_answer",
    "sentence",
    "share_kept",
    "span",
    "standing_sentence",
    "stressed",
    "terms_in_words",
    "tried",
    "why_lost",
    "why_new",
]
