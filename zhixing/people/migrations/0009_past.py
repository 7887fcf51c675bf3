"""Posts and dates of service keep their past from here on; what is on record now counts as known ever since."""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

from zhixing.base.append_only import AppendOnly
from zhixing.base.past import KeepPast

KEY = {
    "db_constraint": False,
    "db_index": False,
    "on_delete": django.db.models.deletion.DO_NOTHING,
    "related_name": "+",
}
FROM_TO = [
    ("recorded_at", models.DateTimeField(null=True)),
    ("superseded_at", models.DateTimeField()),
]
ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))
NULL_MOMENT = models.DateTimeField(null=True, editable=False)


class Migration(migrations.Migration):
    dependencies = [("people", "0008_class_head")]
    operations = [
        migrations.AddField("posting", "recorded_at", NULL_MOMENT),
        migrations.AddField("person", "service_recorded_at", NULL_MOMENT),
        # whoever is on record now has been so ever since: the default is for those who come
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AddField("person", "entered_at", NULL_MOMENT)],
            state_operations=[
                migrations.AddField(
                    "person", "entered_at", models.DateTimeField(null=True, default=timezone.now, editable=False)
                )
            ],
        ),
        migrations.CreateModel(
            name="PastPosting",
            fields=[
                ID,
                ("posting_id", models.BigIntegerField()),
                ("person", models.ForeignKey(to="people.person", **KEY)),
                ("unit", models.ForeignKey(to="people.unit", null=True, **KEY)),
                ("rank", models.CharField(blank=True, max_length=20)),
                ("grade", models.CharField(blank=True, max_length=20)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(null=True)),
                ("is_principal", models.BooleanField()),
                ("promoted", models.BooleanField()),
                *FROM_TO,
            ],
            options={
                "ordering": ("id",),
                "indexes": [models.Index(fields=["person", "superseded_at"], name="past_posting_by_person")],
            },
        ),
        migrations.CreateModel(
            name="PastService",
            fields=[
                ID,
                ("person", models.ForeignKey(to="people.person", **KEY)),
                ("joined_on", models.DateField()),
                ("left_on", models.DateField(null=True)),
                ("entered_at", models.DateTimeField(null=True)),
                *FROM_TO,
            ],
            options={
                "ordering": ("id",),
                "indexes": [models.Index(fields=["person", "superseded_at"], name="past_service_by_person")],
            },
        ),
        KeepPast(
            "people_posting",
            "people_pastposting",
            key="posting_id",
            columns=("person_id", "unit_id", "rank", "grade", "from_on", "to_on", "is_principal", "promoted"),
            group="person_id",
        ),
        KeepPast(
            "people_person",
            "people_pastservice",
            key="person_id",
            columns=("joined_on", "left_on", "entered_at"),
            stamp="service_recorded_at",
        ),
        AppendOnly("people_pastposting"),
        AppendOnly("people_pastservice"),
    ]
