import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0008_rare_answers"),
        ("resources", "0002_teacher_register"),
        ("timetables", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="survey",
            name="teacher",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="resources.teacher"
            ),
        ),
        migrations.AddField(
            model_name="survey",
            name="teachers",
            field=models.ManyToManyField(related_name="+", to="resources.teacher"),
        ),
        migrations.AddField(
            model_name="survey",
            name="title",
            field=models.CharField(blank=True, max_length=120),
        ),
    ]
