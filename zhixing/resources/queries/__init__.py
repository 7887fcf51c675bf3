"""Reads about the resource banks."""

from __future__ import annotations

from zhixing.resources.queries.teachers import accounts_to_link, teacher_for, teacher_of, teachers_for

__all__ = ["accounts_to_link", "teacher_for", "teacher_of", "teachers_for"]
