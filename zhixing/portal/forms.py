"""Forms of the portal."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.portal.models import Suggestion


class SuggestionForm(forms.Form):
    kind = forms.ChoiceField(label=_("kind"), choices=Suggestion.Kind.choices, widget=forms.RadioSelect)
    text = forms.CharField(label=_("text"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class AnswerForm(forms.Form):
    answer = forms.CharField(label=_("answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
