"""Every write about evaluations."""

from zhixing.evaluations.actions.answering import hand_in, survey_behind
from zhixing.evaluations.actions.forms import begin_draft, create_form, drop_draft, publish_version, save_draft
from zhixing.evaluations.actions.surveys import begin, close_survey, launch_survey, prolong_survey, remind

__all__ = [
    "begin",
    "begin_draft",
    "close_survey",
    "create_form",
    "drop_draft",
    "hand_in",
    "launch_survey",
    "prolong_survey",
    "publish_version",
    "remind",
    "save_draft",
    "survey_behind",
]
