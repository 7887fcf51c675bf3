"""The unit whose decision about a course it is. Nullable, so that SQLite adds a column and does not make the table, with its triggers, anew."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0006_measured"), ("people", "0009_past")]

    operations = [
        migrations.AddField(
            model_name="coursedecision",
            name="unit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.unit",
                verbose_name="decides for",
            ),
        ),
    ]
