"""Forms of costs, their corrections, and the scores of tests."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.evaluations.models import CostEntry


class CostForm(forms.Form):
    category = forms.ChoiceField(label=_("kind of cost"), choices=CostEntry.Category.choices)
    kind = forms.ChoiceField(label=_("planned or spent"), choices=CostEntry.Kind.choices, widget=forms.RadioSelect)
    amount = forms.DecimalField(label=_("amount (yuan)"), min_value=0, max_digits=12, decimal_places=2)
    on = forms.DateField(label=_("day"))
    note = forms.CharField(label=_("note"), max_length=200, required=False)

    def facts(self) -> dict[str, Any]:
        """As the action takes them: money in cents."""
        found = dict(self.cleaned_data)
        return {"cents": int(found.pop("amount") * 100), **found}


class CorrectionForm(forms.Form):
    reason = forms.CharField(label=_("reason"), max_length=200)


class GainForm(forms.Form):
    file = forms.FileField(label=_("file"), widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}))
    most = forms.IntegerField(label=_("full marks"), min_value=1, max_value=1000, initial=100)
    called_by_pre = forms.BooleanField(
        label=_("people were chosen for their first score"),
        required=False,
        help_text=_(
            "Whoever is chosen for a low score scores higher the second time by chance alone: that part is taken off."
        ),
    )
    mean = forms.DecimalField(
        label=_("mean of the first score of everybody"),
        min_value=0,
        required=False,
        help_text=_("Only if people were chosen by it: of all those from whom they were chosen."),
    )
    reliability = forms.DecimalField(
        label=_("reliability of the test"),
        min_value=0,
        max_value=1,
        required=False,
        help_text=_("From 0 to 1, where it is known."),
    )
    note = forms.CharField(label=_("note"), max_length=200, required=False)
