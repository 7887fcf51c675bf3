"""Class runs (班次) of a year with their quotas (名额), and the lists that they come from."""

from zhixing.plans.models.class_lists import ClassListImport
from zhixing.plans.models.class_runs import ALL, NONE, ClassRun, ClassRunQuerySet, Quota, in_charge

__all__ = ["ALL", "NONE", "ClassListImport", "ClassRun", "ClassRunQuerySet", "Quota", "in_charge"]
