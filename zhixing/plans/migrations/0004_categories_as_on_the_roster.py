"""Categories of class runs still to be held: in the words that people's categories were folded to, else nobody is eligible."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from zhixing.engine.roster.words import category_of


def fold(apps: Any, _schema_editor: Any) -> None:
    to_be_held = apps.get_model("plans", "ClassRun").objects.exclude(state__in=("held", "cancelled"))
    for class_run in to_be_held.exclude(categories=[]).only("categories"):
        folded = list(dict.fromkeys(map(category_of, class_run.categories)))
        if folded != class_run.categories:
            class_run.categories = folded
            class_run.save(update_fields=["categories"])


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0003_class_rules"),
        ("people", "0006_words_as_imported"),
    ]

    operations = [
        migrations.RunPython(fold, migrations.RunPython.noop, elidable=True),
    ]
