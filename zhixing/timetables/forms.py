"""The form of one session."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.people.models import Account
from zhixing.timetables.models import Session
from zhixing.timetables.queries import courses_to_name, teachers_to_name


class SessionForm(forms.ModelForm[Session]):
    """One half day; hours are typed as hours and kept as tenths."""

    hours = forms.DecimalField(label=_("hours"), min_value=0, max_value=24, decimal_places=1)

    class Meta:
        model = Session
        fields = ("on", "half", "begins_at", "ends_at", "title", "method", "bank_course", "teacher", "venue")
        labels = {
            "on": _("day"),
            "half": _("half day"),
            "begins_at": _("begins at"),
            "ends_at": _("ends at"),
            "title": _("title of the session"),
            "method": _("method"),
            "bank_course": _("course of the bank"),
            "teacher": _("teacher"),
            "venue": _("venue"),
        }
        widgets = {
            "on": forms.DateInput(),
            "begins_at": forms.TimeInput(),
            "ends_at": forms.TimeInput(),
            "bank_course": forms.Select(attrs={"data-picker": ""}),
            "teacher": forms.Select(attrs={"data-picker": ""}),
        }

    def __init__(self, *args: Any, user: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank_course"].queryset = courses_to_name(user, self.instance.bank_course_id)  # type: ignore[attr-defined]
        self.fields["teacher"].queryset = teachers_to_name(user, self.instance.teacher_id)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["hours"] = Decimal(self.instance.tenths) / 10

    def facts(self) -> dict[str, Any]:
        """The cleaned values as model fields."""
        given = dict(self.cleaned_data)
        given["tenths"] = int(given.pop("hours") * 10)
        return given
