"""Parts of a recognised training take their exact hundredths; of those found before, the tenths are all that is known."""

from typing import Any

from django.db import migrations


def add_hundredths(apps: Any, schema_editor: Any) -> None:
    trainings = apps.get_model("obligations", "ExternalTraining").objects.filter(recognition__has_key="parts")
    for training in trainings.iterator():
        parts = [[day, tenths, *(exact or [tenths * 10])] for day, tenths, *exact in training.recognition["parts"]]
        training.recognition = {**training.recognition, "parts": parts}
        training.save(update_fields=["recognition"])


class Migration(migrations.Migration):
    dependencies = [("obligations", "0007_reminder")]

    operations = [migrations.RunPython(add_hundredths, migrations.RunPython.noop)]
