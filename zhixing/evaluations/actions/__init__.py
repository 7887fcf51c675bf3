"""Every write about evaluations."""

from zhixing.evaluations.actions.answering import hand_in, survey_behind
from zhixing.evaluations.actions.appeals import answer_appeal, appeal_decision
from zhixing.evaluations.actions.assessments import (
    appeal_result,
    begin_assessment,
    decide_appeal,
    file_assessment,
    go_on_without_report,
    hand_in_proof,
    hand_in_report,
    judge,
    tell_result,
)
from zhixing.evaluations.actions.consequences import decide_course, decide_invitation
from zhixing.evaluations.actions.evidence import take_evidence
from zhixing.evaluations.actions.forms import begin_draft, create_form, drop_draft, publish_version, save_draft
from zhixing.evaluations.actions.improvements import ask_improvement, close_improvement, report_improvement
from zhixing.evaluations.actions.launching import make_rule, settle_surveys, stop_rule
from zhixing.evaluations.actions.measured import correct_cost, enter_cost, enter_gain
from zhixing.evaluations.actions.paper import go_to_paper, import_paper
from zhixing.evaluations.actions.studies import begin_study, bring_outcomes, read_outcomes, smallest_of
from zhixing.evaluations.actions.surveys import begin, close_survey, launch_survey, prolong_survey, remind
from zhixing.evaluations.actions.systems import (
    begin_system_draft,
    create_system,
    drop_system_draft,
    publish_system,
    save_system_draft,
)

__all__ = [
    "answer_appeal",
    "appeal_decision",
    "appeal_result",
    "ask_improvement",
    "begin",
    "begin_assessment",
    "begin_draft",
    "begin_study",
    "begin_system_draft",
    "bring_outcomes",
    "close_improvement",
    "close_survey",
    "correct_cost",
    "create_form",
    "create_system",
    "decide_appeal",
    "decide_course",
    "decide_invitation",
    "drop_draft",
    "drop_system_draft",
    "enter_cost",
    "enter_gain",
    "file_assessment",
    "go_on_without_report",
    "go_to_paper",
    "hand_in",
    "hand_in_proof",
    "hand_in_report",
    "import_paper",
    "judge",
    "launch_survey",
    "make_rule",
    "prolong_survey",
    "publish_system",
    "publish_version",
    "read_outcomes",
    "remind",
    "report_improvement",
    "save_draft",
    "save_system_draft",
    "settle_surveys",
    "smallest_of",
    "stop_rule",
    "survey_behind",
    "take_evidence",
    "tell_result",
]
