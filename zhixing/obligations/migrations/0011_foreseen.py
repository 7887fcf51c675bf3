import datetime as dt
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def age_the_snapshot(apps: Any, schema_editor: Any) -> None:
    """Stored standings know nothing of the year's end yet: they are taken for yesterday's, so that the next refresh is of everyone."""
    for name in ("Standing", "StandingCount"):
        table = apps.get_model("obligations", name)
        day = table.objects.order_by().values_list("on", flat=True).first()
        if day is not None:
            table.objects.update(on=day - dt.timedelta(days=1))


class Migration(migrations.Migration):
    dependencies = [
        ("obligations", "0010_external_abroad"),
        ("people", "0005_names"),
    ]

    operations = [
        migrations.RunPython(age_the_snapshot, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name="standingcount",
            name="due",
        ),
        migrations.AlterField(
            model_name="standingcount",
            name="state",
            field=models.CharField(
                choices=[
                    ("met", "Met"),
                    ("on_track", "On track"),
                    ("short", "Behind"),
                    ("overdue", "Overdue"),
                    ("exempt", "Exempt"),
                    ("foreseen", "overdue by the year's end"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="Foreseen",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=60)),
                ("rule_no", models.PositiveSmallIntegerField()),
                ("on", models.DateField()),
                ("window_opens", models.DateField()),
                ("window_closes", models.DateField()),
                ("required_tenths", models.PositiveIntegerField()),
                ("counted_tenths", models.PositiveIntegerField()),
                ("missing_tenths", models.PositiveIntegerField()),
                ("above", models.JSONField(default=list)),
                ("rooms", models.JSONField(default=list)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="foreseen", to="people.person"
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="obligations.policy"
                    ),
                ),
            ],
            options={
                "ordering": ("person_id", "rule"),
                "constraints": [models.UniqueConstraint(fields=("person", "rule"), name="foreseen_once_per_rule")],
            },
        ),
    ]
