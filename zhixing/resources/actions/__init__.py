"""Every write about the resource banks."""

from __future__ import annotations

from zhixing.resources.actions.cases import move_case, save_case, save_practice, take_up
from zhixing.resources.actions.courses import (
    choose_flagship,
    follow_decision,
    propose_flagship,
    review_course,
    save_course,
    unchoose_flagship,
)
from zhixing.resources.actions.keeping import retire_row, retire_topic, save_topic, take_row_back, take_topic_back
from zhixing.resources.actions.teachers import open_account, retire_teacher, save_teacher, take_teacher_back
from zhixing.resources.actions.textbooks import save_site, save_textbook, set_chapter_topics

__all__ = [
    "choose_flagship",
    "follow_decision",
    "move_case",
    "open_account",
    "propose_flagship",
    "retire_row",
    "retire_teacher",
    "retire_topic",
    "review_course",
    "save_case",
    "save_course",
    "save_practice",
    "save_site",
    "save_teacher",
    "save_textbook",
    "save_topic",
    "set_chapter_topics",
    "take_row_back",
    "take_teacher_back",
    "take_topic_back",
    "take_up",
    "unchoose_flagship",
]
