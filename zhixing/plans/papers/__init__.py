"""Papers of an annual plan: the plan itself as PDF and Word, and the class list (班次计划表) as Excel. Papers are Chinese whatever the page."""

from zhixing.plans.papers.class_list import class_list_book
from zhixing.plans.papers.plan import plan_pdf, plan_word

__all__ = ["class_list_book", "plan_pdf", "plan_word"]
