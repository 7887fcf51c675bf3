"""Forms of decisions about courses and invitations, and of a teacher's appeal."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.evaluations.models import CourseDecision, InvitationDecision


class CourseDecisionForm(forms.Form):
    choice = forms.ChoiceField(label=_("decision"), choices=CourseDecision.Choice.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    owner = forms.CharField(
        label=_("who answers for it"), max_length=60, required=False, help_text=_("Only if it is to be mended.")
    )
    due_on = forms.DateField(label=_("to be mended by"), required=False, help_text=_("Only if it is to be mended."))


class InvitationForm(forms.Form):
    choice = forms.ChoiceField(label=_("decision"), choices=InvitationDecision.Choice.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The teacher reads it, with your name, and may appeal."),
    )


class InvitationAppealForm(forms.Form):
    text = forms.CharField(
        label=_("grounds"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Somebody else than who decided reads this and decides anew; both stay to be read."),
    )
