from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("resources", "0001_initial"),
    ]

    operations = [
        migrations.RenameField(model_name="teacher", old_name="school", new_name="institution"),
        migrations.AlterField(
            model_name="teacher",
            name="institution",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="teachers",
                to="people.unit",
                verbose_name="kept by",
            ),
        ),
        migrations.AlterField(
            model_name="teacher",
            name="account",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="teacher",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AlterField(
            model_name="teacher",
            name="name",
            field=models.CharField(max_length=60, verbose_name="Name"),
        ),
        migrations.AlterField(
            model_name="teacher",
            name="group",
            field=models.CharField(
                choices=[
                    ("leader", "Leading cadre"),
                    ("expert", "Expert or professor"),
                    ("school", "Party-school teacher"),
                    ("village", "Village party secretary"),
                ],
                max_length=8,
                verbose_name="teacher group",
            ),
        ),
        migrations.AddField(
            model_name="teacher",
            name="contact",
            field=models.CharField(blank=True, max_length=120, verbose_name="contact details"),
        ),
        migrations.AddField(
            model_name="teacher",
            name="retired_on",
            field=models.DateField(blank=True, null=True, verbose_name="retired on"),
        ),
    ]
