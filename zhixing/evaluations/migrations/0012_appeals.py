"""Appeals about invitations and about courses in one table. SQLite makes an altered table anew, without its triggers: they are taken off and put back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhixing.base.append_only import AppendOnly, Changeable

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0011_title_of_its_session"),
        ("people", "0009_past"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Changeable("evaluations_coursedecision"),
        Changeable("evaluations_invitationdecision"),
        Changeable("evaluations_invitationappeal"),
        migrations.RemoveConstraint("invitationappeal", "invitation_appeal_once"),
        migrations.RenameModel("InvitationAppeal", "Appeal"),
        migrations.AlterModelOptions(
            "appeal", options={"ordering": ("-id",), "verbose_name": "appeal against a decision"}
        ),
        migrations.RenameField("appeal", "decision", "invitation"),
        migrations.AlterField(
            "appeal",
            "invitation",
            models.ForeignKey(
                null=True, on_delete=PROTECT, related_name="appeals", to="evaluations.invitationdecision"
            ),
        ),
        migrations.AddField(
            "appeal",
            "course",
            models.ForeignKey(null=True, on_delete=PROTECT, related_name="appeals", to="evaluations.coursedecision"),
        ),
        migrations.AddField(
            "appeal",
            "institution",
            models.ForeignKey(
                null=True, on_delete=PROTECT, related_name="+", to="people.unit", verbose_name="institution"
            ),
        ),
        migrations.AlterField(
            "appeal",
            "by",
            models.ForeignKey(
                on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="appealed by"
            ),
        ),
        migrations.AlterField("appeal", "at", models.DateTimeField(auto_now_add=True, verbose_name="appealed at")),
        migrations.AddConstraint(
            "appeal",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("course__isnull", False), ("invitation", None)),
                    models.Q(("course", None), ("institution", None), ("invitation__isnull", False)),
                    _connector="OR",
                ),
                name="appeal_of_one_decision",
            ),
        ),
        migrations.AddConstraint(
            "appeal", models.UniqueConstraint(fields=("invitation",), name="appeal_once_about_invitation")
        ),
        migrations.AddConstraint(
            "appeal", models.UniqueConstraint(fields=("course", "by"), name="appeal_once_about_course")
        ),
        migrations.AddConstraint(
            "appeal", models.UniqueConstraint(fields=("course", "institution"), name="appeal_once_by_institution")
        ),
        migrations.AlterField(
            "invitationdecision",
            "appeal",
            models.OneToOneField(
                null=True, on_delete=PROTECT, related_name="about_invitation", to="evaluations.appeal"
            ),
        ),
        migrations.AddField(
            "coursedecision",
            "appeal",
            models.OneToOneField(null=True, on_delete=PROTECT, related_name="about_course", to="evaluations.appeal"),
        ),
        AppendOnly("evaluations_appeal"),
        AppendOnly("evaluations_invitationdecision"),
        AppendOnly("evaluations_coursedecision"),
    ]
