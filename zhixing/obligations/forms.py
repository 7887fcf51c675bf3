"""Forms of policies, exemptions and corrections."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.obligations.queries.policies import policy_in_force, rule_titles


class MomentForm(forms.Form):
    """The day asked about, and the day whose knowledge is used."""

    on = forms.DateField(label=_("as of"), widget=forms.DateInput())
    known_on = forms.DateField(label=_("as known at the end of"), required=False, widget=forms.DateInput())


class PolicyForm(forms.Form):
    """A policy document, as a file or as text."""

    file = forms.FileField(label=_("policy document (TOML)"), required=False)
    text = forms.CharField(label=_("or its text"), required=False, widget=forms.Textarea(attrs={"rows": 16}))

    def document(self) -> str:
        """The text given. The reader of policies says what is wrong with it."""
        upload = self.cleaned_data["file"]
        return str(upload.read(), "utf-8", errors="replace") if upload else str(self.cleaned_data["text"])


class ExemptionForm(forms.Form):
    number = forms.CharField(label=_("staff number"), max_length=40)
    rule = forms.ChoiceField(label=_("rule"))
    from_on = forms.DateField(label=_("from"), widget=forms.DateInput())
    to_on = forms.DateField(label=_("to"), widget=forms.DateInput())
    reason = forms.CharField(label=_("reason"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = list(rule_titles(policy_in_force(timezone.localdate())).items())  # type: ignore[attr-defined]


class ReversalForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)
