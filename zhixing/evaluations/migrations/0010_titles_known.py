"""Surveys that were launched before they kept titles and teachers: as the timetable has them now, which is as near to their launch as anybody knows."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def keep_titles(apps: Any, _schema_editor: Any) -> None:
    surveys = apps.get_model("evaluations", "Survey").objects
    teachers = dict(apps.get_model("timetables", "Session").objects.values_list("pk", "teacher"))
    for survey in surveys.filter(session__isnull=False).select_related("session").iterator(chunk_size=500):
        surveys.filter(pk=survey.pk).update(title=survey.session.title, teacher=survey.session.teacher_id)
    for survey in surveys.exclude(subjects={}).iterator(chunk_size=500):
        given = survey.subjects
        for row in given.get("session", ()):
            row[2:] = [str(teachers.get(int(row[0])) or "")]
        surveys.filter(pk=survey.pk).update(subjects=given)
        named = {row[2] for row in given.get("session", ())} | {row[0] for row in given.get("teacher", ())}
        survey.teachers.set({int(key) for key in named if key})


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0009_titles_at_launch")]

    operations = [migrations.RunPython(keep_titles, migrations.RunPython.noop, elidable=True)]
