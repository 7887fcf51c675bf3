"""The plan of a study, and its outcomes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.evaluations.models import Study

SHEETS = ".xlsx,.xls,.ods,.csv"
MARKS = "，、,"


class StudyForm(forms.Form):
    """``facts`` makes an unsaved ``Study`` of it."""

    title = forms.CharField(label=_("what is asked"), max_length=120)
    outcome = forms.CharField(
        label=pgettext_lazy("study", "outcome"),
        max_length=120,
        help_text=_("What is measured later, and in which unit."),
    )
    design = forms.ChoiceField(label=_("design"), choices=Study.Design.choices, widget=forms.RadioSelect)
    source = forms.ChoiceField(label=_("outcomes from"), choices=Study.Source.choices, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=_("theme"), required=False, help_text=_("Only for hours from the system."))
    year = forms.IntegerField(label=_("year of the call"), required=False, min_value=2000, max_value=2100)
    same = forms.CharField(
        label=_("must agree"),
        max_length=200,
        required=False,
        help_text=_("Columns of the sheet, parted by commas: such as level."),
    )
    near = forms.CharField(
        label=_("must lie near"),
        max_length=200,
        required=False,
        help_text=_("Columns of numbers, parted by commas: such as age."),
    )
    less_is_better = forms.BooleanField(label=_("less is better"), required=False)
    called = forms.IntegerField(label=_("people called"), min_value=1, max_value=10_000_000)
    compared = forms.IntegerField(label=_("people compared with"), min_value=1, max_value=10_000_000)
    spread = forms.FloatField(label=_("standard deviation of the outcome"), min_value=0, required=False)
    correlation = forms.FloatField(
        label=_("correlation with an earlier measurement"), min_value=0, max_value=0.999, required=False
    )
    per_cluster = forms.FloatField(label=_("people taught together"), min_value=1, max_value=10_000, required=False)
    icc = forms.FloatField(
        label=_("how alike people are who were taught together (ICC)"), min_value=0, max_value=1, required=False
    )
    pilot = forms.FileField(
        label=_("or take these four from earlier figures"),
        required=False,
        widget=forms.FileInput(attrs={"accept": SHEETS}),
        help_text=_("A sheet with the column 结果, and perhaps 分组 and 先前; it is not kept."),
    )

    def __init__(self, *args: Any, themes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = [("", "—"), *((one, one) for one in themes)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("source") == Study.Source.HOURS:
            if given.get("design") == Study.Design.COHORTS:
                self.add_error("design", _("Hours of the year after are compared by matching."))
            for name in ("theme", "year"):
                if not given.get(name):
                    self.add_error(name, _("Choose theme and year of the call."))
        return given

    def facts(self) -> Study:
        given = self.cleaned_data
        by_hours = given["source"] == Study.Source.HOURS
        is_sheet = not by_hours and given["design"] == Study.Design.MATCHED
        return Study(
            **{
                name: given[name]
                for name in ("title", "outcome", "design", "source", "less_is_better", "called", "compared")
            },
            theme=given["theme"] if by_hours else "",
            year=given["year"] if by_hours else None,
            same=names_in(given["same"]) if is_sheet else [],
            near=names_in(given["near"]) if is_sheet else [],
            spread=given["spread"] or None,
            correlation=given["correlation"] or 0.0,
            per_cluster=given["per_cluster"] or 1.0,
            icc=given["icc"] or 0.0,
        )


def names_in(text: str) -> list[str]:
    """What stands between commas of either kind."""
    for mark in MARKS:
        text = text.replace(mark, ",")
    return list(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))


class OutcomesForm(forms.Form):
    file = forms.FileField(label=_("file"), widget=forms.FileInput(attrs={"accept": SHEETS}))
