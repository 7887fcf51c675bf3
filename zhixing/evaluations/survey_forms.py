"""Parsing what people send about surveys."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.engine.questionnaires import Subject
from zhixing.evaluations import rules
from zhixing.evaluations.actions.launching import TOOK_PLACE, end_of_day
from zhixing.evaluations.models import Form, FormVersion, Group, LaunchRule
from zhixing.evaluations.models.surveys import MONTHS
from zhixing.plans.models import ClassRun
from zhixing.timetables.models import Session


class ClassRunForm(forms.Form):
    """Which class run to ask about, of those that the user organises and that took place, the latest first."""

    class_run = forms.ModelChoiceField(
        ClassRun.objects.none(), label=_("class run"), widget=forms.Select(attrs={"data-picker": ""})
    )

    def __init__(self, class_runs: QuerySet[ClassRun], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["class_run"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = class_runs.filter(state__in=TOOK_PLACE).order_by("-ends_on", "code")


class VersionField(forms.ModelChoiceField[FormVersion]):
    def label_from_instance(self, version: FormVersion) -> str:
        return f"{version.form.title} · {version.form.get_subject_display()}"


class SessionField(forms.ModelChoiceField[Session]):
    def label_from_instance(self, session: Session) -> str:
        teacher = f" · {session.teacher}" if session.teacher else ""
        return f"{session.on:%m-%d} {session.get_half_display()} {session.title}{teacher}"


class LaunchForm(forms.Form):
    """Which form, to whom, about what, until when."""

    version = VersionField(FormVersion.objects.none(), label=_("questionnaire"))
    group = forms.ChoiceField(label=_("rater group"), choices=Group.choices)
    session = SessionField(
        Session.objects.none(),
        label=_("course session"),
        required=False,
        empty_label=_("the class run as a whole"),
        help_text=_("Only for a form about sessions."),
    )
    closes_on = forms.DateField(label=_("last day to answer"), widget=forms.DateInput())

    def __init__(self, class_run: ClassRun, versions: QuerySet[FormVersion], *args: Any, **kwargs: Any) -> None:
        last = timezone.localdate() + dt.timedelta(days=rules.in_force().open_days)
        super().__init__(*args, **{"initial": {"closes_on": last}, **kwargs})
        version, session = self.fields["version"], self.fields["session"]
        assert isinstance(version, VersionField)
        assert isinstance(session, SessionField)
        version.queryset = versions
        session.queryset = class_run.sessions.select_related("teacher")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        version, session = given.get("version"), given.get("session")
        if version is not None:
            about_session = version.form.subject == Subject.SESSION
            if about_session and session is None:
                self.add_error("session", _("This form is about sessions: choose one."))
            if session is not None and not about_session:
                self.add_error("session", _("This form is about the class run as a whole: leave this empty."))
        return given

    def facts(self) -> dict[str, Any]:
        """Arguments of ``actions.launch_survey``."""
        given = self.cleaned_data
        return {
            "version": given["version"],
            "group": given["group"],
            "session": given["session"],
            "closes_at": end_of_day(given["closes_on"]),
        }


class ProlongForm(forms.Form):
    closes_on = forms.DateField(label=_("new last day to answer"), widget=forms.DateInput())


class FormField(forms.ModelChoiceField[Form]):
    def label_from_instance(self, form: Form) -> str:
        return f"{form.title} · {form.get_subject_display()}"


class RuleForm(forms.Form):
    """A launch rule; ``months`` counts only for a form about class runs."""

    form = FormField(Form.objects.none(), label=_("questionnaire"))
    group = forms.ChoiceField(label=_("rater group"), choices=Group.choices)
    months = forms.TypedChoiceField(
        label=_("when"),
        choices=MONTHS,
        coerce=int,
        help_text=_("After the end of the class run. A form about sessions is always sent at the end of the session."),
    )
    open_days = forms.IntegerField(
        label=_("open for days"), min_value=1, max_value=90, initial=LaunchRule._meta.get_field("open_days").default
    )

    def __init__(self, all_forms: QuerySet[Form], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["form"]
        assert isinstance(field, FormField)
        field.queryset = all_forms


class PaperForm(forms.Form):
    sheet = forms.FileField(label=_("the workbook with the sheets typed in"))
