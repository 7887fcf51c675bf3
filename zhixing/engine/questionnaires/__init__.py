"""Questionnaires (问卷): a form as data, what a filled sheet may say, what it is worth, and what many sheets say together.

A form is one document, written as TOML or built on a page: a table ``form`` and a list ``block`` of parts with their ``item`` lists
(docs/reference/evaluations.md). The words of the modules: an *item* is one question; a *field* is one thing to fill in, of which an item
that is repeated for each session or teacher, or has rows, has several; a *sheet* holds one rater's answers by the names of the fields.
"""

from zhixing.engine.questionnaires.answering import Answer, AnswerFault, Answers, Checked, Wrong, check
from zhixing.engine.questionnaires.definition import (
    GRADES,
    Block,
    Item,
    Kind,
    Per,
    Questionnaire,
    Subject,
)
from zhixing.engine.questionnaires.faults import DefinitionError, DefinitionFault, Fault
from zhixing.engine.questionnaires.fields import Field, Subjects, fields_of
from zhixing.engine.questionnaires.reading import read
from zhixing.engine.questionnaires.scoring import Score, score, weights_of, worth
from zhixing.engine.questionnaires.summary import Mean, mean_of, mean_of_sums

__all__ = [
    "GRADES",
    "Answer",
    "AnswerFault",
    "Answers",
    "Block",
    "Checked",
    "DefinitionError",
    "DefinitionFault",
    "Fault",
    "Field",
    "Item",
    "Kind",
    "Mean",
    "Per",
    "Questionnaire",
    "Score",
    "Subject",
    "Subjects",
    "Wrong",
    "check",
    "fields_of",
    "mean_of",
    "mean_of_sums",
    "read",
    "score",
    "weights_of",
    "worth",
]
