import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("obligations", "0006_policy_effect"),
        ("people", "0005_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=60)),
                ("window_closes", models.DateField()),
                ("days", models.PositiveSmallIntegerField()),
                ("missing_tenths", models.PositiveIntegerField()),
                ("on", models.DateField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reminders", to="people.person"
                    ),
                ),
            ],
            options={
                "ordering": ("-on", "person_id", "rule"),
                "constraints": [
                    models.UniqueConstraint(fields=("person", "rule", "window_closes", "days"), name="reminded_once")
                ],
            },
        ),
    ]
