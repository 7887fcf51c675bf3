"""Forms (问卷) with surveys (测评), tickets and sheets (答卷) that nobody can be told from; indicator systems (指标体系); studies (效果研究)."""

from zhixing.evaluations.models.appeals import Appeal, Decision
from zhixing.evaluations.models.assessments import (
    Assessment,
    AssessmentAppeal,
    AssessmentResult,
    Judgement,
    Proof,
)
from zhixing.evaluations.models.consequences import CourseDecision, InvitationDecision
from zhixing.evaluations.models.forms import Form, FormVersion
from zhixing.evaluations.models.improvements import Improvement
from zhixing.evaluations.models.measured import CostEntry, ExamGain
from zhixing.evaluations.models.reckonings import Reckoning
from zhixing.evaluations.models.sheets import PaperNumber, Remark, Sheet
from zhixing.evaluations.models.studies import Study, StudyResult
from zhixing.evaluations.models.surveys import Group, LaunchRule, Survey, Ticket
from zhixing.evaluations.models.systems import IndicatorSystem, SystemVersion
from zhixing.evaluations.models.versions import Version

__all__ = [
    "Appeal",
    "Assessment",
    "AssessmentAppeal",
    "AssessmentResult",
    "CostEntry",
    "CourseDecision",
    "Decision",
    "ExamGain",
    "Form",
    "FormVersion",
    "Group",
    "Improvement",
    "IndicatorSystem",
    "InvitationDecision",
    "Judgement",
    "LaunchRule",
    "PaperNumber",
    "Proof",
    "Reckoning",
    "Remark",
    "Sheet",
    "Study",
    "StudyResult",
    "Survey",
    "SystemVersion",
    "Ticket",
    "Version",
]
