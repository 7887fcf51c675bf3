"""Class runs (班次) with their quotas (名额), and the annual plans (年度培训计划) that they come from."""

from zhixing.plans.models.annual_plans import AnnualPlan, PlanLine, PlanRun
from zhixing.plans.models.class_lists import ClassListImport
from zhixing.plans.models.class_runs import ALL, NONE, ClassRun, ClassRunQuerySet, Quota, in_charge
from zhixing.plans.models.plan_changes import PlanChange, PlanComment, PlanSpending
from zhixing.plans.models.plan_edits import NoDuplicate, PlanEdit, PlanTry
from zhixing.plans.models.programmes import Capacity, Programme, ProgrammeCompetency, Term
from zhixing.plans.models.routes import ApprovalRoute, ApprovalStep, PlanApproval

__all__ = [
    "ALL",
    "NONE",
    "AnnualPlan",
    "ApprovalRoute",
    "ApprovalStep",
    "Capacity",
    "ClassListImport",
    "ClassRun",
    "ClassRunQuerySet",
    "NoDuplicate",
    "PlanApproval",
    "PlanChange",
    "PlanComment",
    "PlanEdit",
    "PlanLine",
    "PlanRun",
    "PlanSpending",
    "PlanTry",
    "Programme",
    "ProgrammeCompetency",
    "Quota",
    "Term",
    "in_charge",
]
