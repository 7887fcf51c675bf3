"""Forms (问卷) with their versions, surveys (测评) with tickets, and the sheets (答卷) that nobody can be told from."""

from zhixing.evaluations.models.forms import Form, FormVersion
from zhixing.evaluations.models.sheets import PaperNumber, Remark, Sheet
from zhixing.evaluations.models.surveys import Group, LaunchRule, Survey, Ticket

__all__ = [
    "Form",
    "FormVersion",
    "Group",
    "LaunchRule",
    "PaperNumber",
    "Remark",
    "Sheet",
    "Survey",
    "Ticket",
]
