from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0010_titles_known")]

    operations = [
        migrations.AddConstraint(
            model_name="survey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("session", None), ("teacher", None), ("title", "")),
                    models.Q(("session__isnull", False), models.Q(("title", ""), _negated=True)),
                    _connector="OR",
                ),
                name="survey_title_of_its_session",
            ),
        ),
    ]
