"""Words that were typed by hand before they were folded: kept from now on as an import keeps them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from django.db import migrations

from zhixing.engine.roster.rows import RosterRow, as_read

PLAIN = re.compile(r"[0-9A-Za-z]+|[\u4e00-\u9fff]{2,}")
"""Words that reading leaves alone, but for categories."""
SOMEBODY = RosterRow(sheet="", row=0, name="某人", number="1")


def fold(apps: Any, _schema_editor: Any) -> None:
    person, posting = apps.get_model("people", "Person"), apps.get_model("people", "Posting")
    for name in ("name", "category", "phone", "department", "title"):
        _fold(person, name)
    for name in ("department", "title"):
        _fold(posting, name)
    for number, read in _folded(person, "number"):
        if not person.objects.filter(number=read).exists():  # else two people: a person must say who is who
            person.objects.filter(number=number).update(number=read)


def _fold(model: Any, name: str) -> None:
    for word, read in _folded(model, name):
        model.objects.filter(**{name: word}).update(**{name: read})


def _folded(model: Any, name: str) -> list[tuple[str, str]]:
    """Each word of the column that an import reads as another word; what it would refuse, doubt or blank stays."""
    found = []
    for word in model.objects.exclude(**{name: ""}).values_list(name, flat=True).order_by().distinct():
        if name != "category" and PLAIN.fullmatch(word):
            continue
        row, faults = as_read(replace(SOMEBODY, **{name: word}))
        read = getattr(row, name) if row and not faults else ""
        if read and read != word:
            found.append((word, read))
    return found


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_names"),
    ]

    operations = [
        migrations.RunPython(fold, migrations.RunPython.noop, elidable=True),
    ]
