"""The resource banks: teachers, courses, cases, teaching sites, textbooks and practices, with the topics that they share."""

from __future__ import annotations

from zhixing.resources.models.cases import Case, CaseStep
from zhixing.resources.models.courses import Course, CourseReview, CourseVersion, FlagshipStep
from zhixing.resources.models.keeping import Keeping, Kept, Topic
from zhixing.resources.models.lists import BankList
from zhixing.resources.models.practices import Practice, Uptake
from zhixing.resources.models.sites import Site
from zhixing.resources.models.teachers import Teacher
from zhixing.resources.models.textbooks import Chapter, Textbook
from zhixing.resources.models.words import Bank, Content, Level, Method

__all__ = [
    "Bank",
    "BankList",
    "Case",
    "CaseStep",
    "Chapter",
    "Content",
    "Course",
    "CourseReview",
    "CourseVersion",
    "FlagshipStep",
    "Keeping",
    "Kept",
    "Level",
    "Method",
    "Practice",
    "Site",
    "Teacher",
    "Textbook",
    "Topic",
    "Uptake",
]
