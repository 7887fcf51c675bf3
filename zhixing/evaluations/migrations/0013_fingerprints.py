"""Fingerprints of marks. Nullable, so that SQLite adds a column and does not make the table, with its triggers, anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0012_appeals")]

    operations = [
        migrations.AddField("examgain", "marks", models.JSONField(null=True)),
    ]
