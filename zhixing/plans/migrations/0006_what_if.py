import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhixing.base.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0005_annual_plans"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="annualplan",
            name="from_year",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="from the class runs of"),
        ),
        migrations.AlterField(
            model_name="planchange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("add", "New line"),
                    ("edit", "Changed line"),
                    ("strike", "Struck out"),
                    ("merge", "Two lines into one"),
                ],
                max_length=6,
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="PlanEdit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("move", "Line moved"),
                            ("merge", "Two lines merged"),
                            ("evidence", "Evidence changed"),
                            ("try", "Proposal of a trial taken over"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("was", models.JSONField(default=dict)),
                ("became", models.JSONField(default=dict)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="edits", to="plans.annualplan"
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "edit of a draft plan",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="PlanTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked", models.JSONField(default=dict)),
                ("answer", models.JSONField(default=dict)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("job", models.UUIDField(null=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tries", to="plans.annualplan"
                    ),
                ),
                (
                    "taken",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="of_try",
                        to="plans.planedit",
                    ),
                ),
            ],
            options={
                "verbose_name": "trial of a plan",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="NoDuplicate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first", models.PositiveSmallIntegerField()),
                ("second", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="no_duplicates", to="plans.annualplan"
                    ),
                ),
            ],
            options={
                "verbose_name": "lines that are no duplicates",
                "ordering": ("plan_id", "first", "second"),
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "first", "second"), name="no_duplicate_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="no_duplicate_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="no_duplicate_has_reason"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="planedit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undone_at", None), ("undone_by", None)),
                    models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                    _connector="OR",
                ),
                name="plan_edit_undone_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="plantry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taken", None),
                    models.Q(("answered_at__isnull", False), models.Q(("digest", ""), _negated=True)),
                    _connector="OR",
                ),
                name="plan_try_taken_is_answered",
            ),
        ),
        AppendOnly("plans_planedit", when="OLD.undone_at IS NOT NULL"),
    ]
