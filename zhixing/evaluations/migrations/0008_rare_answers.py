"""Sheets of surveys that closed before totals left rarely answered questions out: scored as ``leave_out_rare`` scores them since."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import migrations

from zhixing.engine.questionnaires import Per, fields_of, read, score
from zhixing.evaluations import rules


def leave_out_rare(apps: Any, _schema_editor: Any) -> None:
    surveys = apps.get_model("evaluations", "Survey").objects.filter(state="closed").select_related("version")
    model, changed = apps.get_model("evaluations", "Sheet"), False
    for survey in surveys.order_by("pk").iterator(chunk_size=100):
        sheets = list(model.objects.filter(survey=survey))
        if not sheets:
            continue
        form, known = read(survey.version.document), rules.in_force()
        fields = fields_of(form, {Per(per): [key for key, _label in rows] for per, rows in survey.subjects.items()})
        counted = Counter(name for sheet in sheets for name in sheet.answers)
        often = [one for one in fields if not 0 < counted[one.name] < known.least]
        if len(often) == len(fields):
            continue
        for sheet in sheets:
            sheet.score = score(form, often, sheet.answers, known.grades).total
        model.objects.bulk_update(sheets, ("score",), batch_size=500)
        changed = True
    if changed:
        apps.get_model("evaluations", "Reckoning").objects.all().delete()  # they hold by when surveys closed


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0007_deciding_unit")]

    operations = [migrations.RunPython(leave_out_rare, migrations.RunPython.noop, elidable=True)]
