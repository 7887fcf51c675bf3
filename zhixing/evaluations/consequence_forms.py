"""Forms of decisions about courses and invitations, and of appeals against them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Invalid
from zhixing.evaluations.models import CourseDecision, InvitationDecision
from zhixing.evaluations.queries.taught import Evidence


class SeenForm(forms.Form):
    """``seen``: the mark of the figures that the page showed, so that a decision keeps no others."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, evidence: Evidence) -> None:
        super().__init__(data, initial={"seen": evidence.mark})
        self.evidence = evidence

    def facts(self) -> dict[str, Any]:
        """As the action takes them. Raises ``Invalid`` when the figures are others by now; the form then goes with these."""
        found = {**self.cleaned_data, "evidence": self.evidence}
        if found.pop("seen") != self.evidence.mark:
            self.data = {**self.data, "seen": self.evidence.mark}
            raise Invalid(
                _("The figures have changed since this page was shown. The new ones stand above: decide by them.")
            )
        return found


class CourseDecisionForm(SeenForm):
    choice = forms.ChoiceField(label=_("decision"), choices=CourseDecision.Choice.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    owner = forms.CharField(
        label=_("who answers for it"), max_length=60, required=False, help_text=_("Only if it is to be mended.")
    )
    due_on = forms.DateField(label=_("to be mended by"), required=False, help_text=_("Only if it is to be mended."))


class InvitationForm(SeenForm):
    choice = forms.ChoiceField(label=_("decision"), choices=InvitationDecision.Choice.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The teacher reads it, with your name, and may appeal."),
    )


class AppealForm(forms.Form):
    text = forms.CharField(
        label=_("grounds"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Somebody else than who decided reads this and decides anew; both stay to be read."),
    )
