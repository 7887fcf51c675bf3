"""Parsing what people send about attendance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from zhixing.attendance.models import Leave, NamedApprover, Status
from zhixing.attendance.rules import Approver
from zhixing.base.proofs import ACCEPT
from zhixing.base.templatetags.pages import hours
from zhixing.people.models import Account
from zhixing.timetables.models import Session

PROOF_HELP = _(
    "Optional: PDF, JPEG or PNG, 10 MB at most. A medical paper is shown to the class head and not uploaded."
)


def half_day_label(session: Session) -> str:
    """``9月7日 上午 · title · 3.5 学时``."""
    day = date_format(session.on, "m-d D")
    tenths = _("%(hours)s hours") % {"hours": hours(session.tenths)}
    return f"{day} {session.get_half_display()} · {session.title} · {tenths}"


class LeaveForm(forms.Form):
    """Which half days, why, and a proof when there is one."""

    sessions = forms.MultipleChoiceField(label=_("half days to be away"), widget=forms.CheckboxSelectMultiple)
    reason = forms.ChoiceField(label=_("reason"), choices=Leave.Reason.choices)
    text = forms.CharField(
        label=_("explanation"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    proof = forms.FileField(
        label=_("proof"), required=False, help_text=PROOF_HELP, widget=forms.FileInput(attrs={"accept": ACCEPT})
    )

    def __init__(self, sessions: Sequence[Session], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._by_key = {str(session.pk): session for session in sessions}
        field = self.fields["sessions"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(key, half_day_label(session)) for key, session in self._by_key.items()]

    def chosen(self) -> list[Session]:
        return [self._by_key[key] for key in self.cleaned_data["sessions"]]


class ApproversForm(forms.Form):
    """For each rung the person named and the deputy, among the staff of the institution."""

    def __init__(
        self,
        rungs: Sequence[Approver],
        staff: QuerySet[Account],
        named: Mapping[str, NamedApprover],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._codes = [rung.code for rung in rungs]
        for rung in rungs:
            one = named.get(rung.code)
            for key, label, initial, nobody in (
                (rung.code, rung.title, one and one.account_id, _("any staff of the institution")),
                (
                    f"{rung.code}-deputy",
                    _("%(title)s: deputy") % {"title": rung.title},
                    one and one.deputy_id,
                    _("none"),
                ),
            ):
                self.fields[key] = forms.ModelChoiceField(
                    staff, label=label, initial=initial, required=False, empty_label=nobody
                )

    def named(self) -> dict[str, tuple[Account | None, Account | None]]:
        return {code: (self.cleaned_data[code], self.cleaned_data[f"{code}-deputy"]) for code in self._codes}


class NoteForm(forms.Form):
    """What an approver adds; whoever refuses says why."""

    note = forms.CharField(label=_("remark"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class ReasonForm(forms.Form):
    """The reason of a decision."""

    note = forms.CharField(label=_("reason of the decision"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class CorrectionForm(forms.Form):
    status = forms.ChoiceField(label=_("correct status"), choices=Status.choices)
    reason = forms.CharField(label=_("reason of the correction"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)


class AppealForm(forms.Form):
    claims = forms.ChoiceField(
        label=_("what it should say"), choices=[choice for choice in Status.choices if choice[0] != Status.ABSENT]
    )
    text = forms.CharField(label=_("what happened"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}))
    proof = forms.FileField(
        label=_("proof"), required=False, help_text=PROOF_HELP, widget=forms.FileInput(attrs={"accept": ACCEPT})
    )


class SheetForm(forms.Form):
    sheet = forms.FileField(label=_("the sheet you bring back"))
