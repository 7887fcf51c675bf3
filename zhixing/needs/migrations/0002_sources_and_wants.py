"""What each source says, what people want to learn, and methods on stored sheets in the words that courses and plans use."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from zhixing.base.append_only import AppendOnly, Changeable

METHODS = {"discussion": "seminar", "on_site": "site", "project": "research"}
CHUNK = 1_000


def rename(apps: Any, words: dict[str, str]) -> None:
    """On every sheet; by key, which is drawn by lot and tells nothing of who wrote it when."""
    table = apps.get_model("needs", "NeedsSheet")
    changed = []
    for sheet in table.objects.order_by("pk").only("wants").iterator(chunk_size=CHUNK):
        ticked = sheet.wants.get("methods", [])
        renamed = [words.get(one, one) for one in ticked]
        if renamed != ticked:
            sheet.wants = sheet.wants | {"methods": renamed}
            changed.append(sheet)
    table.objects.bulk_update(changed, ("wants",), batch_size=CHUNK)


def to_new(apps: Any, _schema_editor: Any) -> None:
    rename(apps, METHODS)


def to_old(apps: Any, _schema_editor: Any) -> None:
    rename(apps, {new: old for old, new in METHODS.items()})


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0001_initial"),
    ]

    operations = [
        Changeable("needs_need"),
        migrations.AddField(
            model_name="need",
            name="sources",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="needsevidence",
            name="withdrawn",
            field=models.BooleanField(default=False, verbose_name="taken out"),
        ),
        migrations.AddField(
            model_name="needssurvey",
            name="reminded_on",
            field=models.DateField(null=True, verbose_name="last reminded on"),
        ),
        migrations.CreateModel(
            name="Want",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "who",
                    models.CharField(
                        choices=[("self", "People about themselves"), ("superior", "Superiors about their people")],
                        max_length=8,
                        verbose_name="who answers",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("lecture", "Lecture"),
                            ("case", "Case analysis"),
                            ("simulation", "Sandbox simulation"),
                            ("site", "On-site teaching"),
                            ("interview", "Interview and interaction"),
                            ("seminar", "Seminar"),
                            ("research", "Front-line research"),
                            ("online", "Online"),
                        ],
                        max_length=10,
                        verbose_name="method",
                    ),
                ),
                (
                    "rank_group",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("bureau", "Bureau rank"),
                            ("county", "County rank"),
                            ("township", "Township rank"),
                            ("staff", "Staff"),
                        ],
                        max_length=8,
                        verbose_name="rank group",
                    ),
                ),
                ("n", models.PositiveIntegerField(verbose_name="sheets")),
                ("percent", models.PositiveSmallIntegerField(verbose_name="percent")),
                ("lower", models.PositiveSmallIntegerField()),
                ("upper", models.PositiveSmallIntegerField()),
                (
                    "competency",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="needs.competency"
                    ),
                ),
                (
                    "reckoning",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="wants", to="needs.needsreckoning"
                    ),
                ),
            ],
            options={
                "verbose_name": "what people want to learn",
                "ordering": ("reckoning_id", "who", "-percent", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("competency__isnull", False)),
                        fields=("reckoning", "who", "competency", "rank_group"),
                        name="want_once_per_competency",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("method", ""), _negated=True),
                        fields=("reckoning", "who", "method", "rank_group"),
                        name="want_once_per_method",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("competency__isnull", False), ("method", "")),
                            models.Q(("competency", None), models.Q(("method", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="want_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lower__lte", models.F("percent")),
                            ("upper__gte", models.F("percent")),
                            ("upper__lte", 100),
                        ),
                        name="want_in_its_interval",
                    ),
                ],
            },
        ),
        AppendOnly("needs_need"),
        AppendOnly("needs_want"),
        migrations.RunPython(to_new, to_old, elidable=True),
    ]
