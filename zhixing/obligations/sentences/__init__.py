"""The engine's codes and numbers in words."""

from zhixing.obligations.sentences.arithmetic import Excused, arithmetic
from zhixing.obligations.sentences.faults import POLICY_FAULTS, fault_lines, policy_problems, sound, without_successor
from zhixing.obligations.sentences.recognitions import recognition_sentences
from zhixing.obligations.sentences.rules import policy_sentences, rule_sentences
from zhixing.obligations.sentences.words import NOT_COUNTED, NOT_OWED, WINDOWS, Line

__all__ = [
    "NOT_COUNTED",
    "NOT_OWED",
    "POLICY_FAULTS",
    "WINDOWS",
    "Excused",
    "Line",
    "arithmetic",
    "fault_lines",
    "policy_problems",
    "policy_sentences",
    "recognition_sentences",
    "rule_sentences",
    "sound",
    "without_successor",
]
