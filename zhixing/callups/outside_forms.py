"""What people type about call-ups by other authorities."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.callups.models import OutsideCallup
from zhixing.engine.sheets.outside import Stated
from zhixing.obligations.forms import PersonForm

NAMES = ("caller", "document", "class_name", "theme", "place")


def _text(name: str, **more: Any) -> forms.CharField:
    field = OutsideCallup._meta.get_field(name)
    return forms.CharField(label=field.verbose_name, max_length=field.max_length, **more)  # type: ignore[union-attr]


def _day(name: str, **more: Any) -> forms.DateField:
    field = OutsideCallup._meta.get_field(name)
    return forms.DateField(label=field.verbose_name, widget=forms.DateInput(), **more)  # type: ignore[union-attr]


class OutsideListForm(forms.Form):
    """The sheet, and what holds for every row of it: a name list often hangs on a letter that says the rest."""

    file = forms.FileField(label=_("list of another authority"))
    caller = _text("caller", required=False)
    document = _text("document", required=False)
    class_name = _text("class_name", required=False)
    theme = _text("theme", required=False)
    starts_on = _day("starts_on", required=False)
    ends_on = _day("ends_on", required=False)
    place = _text("place", required=False)

    @property
    def for_every_row(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "file"]

    def stated(self) -> Stated:
        given = self.cleaned_data
        words = {"name" if name == "class_name" else name: given[name].strip() for name in NAMES}
        return Stated(**words, starts_on=given["starts_on"], ends_on=given["ends_on"])


class OutsideForm(PersonForm):
    """One call-up by another authority, entered by hand."""

    caller = _text("caller")
    document = _text("document", required=False)
    class_name = _text("class_name")
    theme = _text("theme", required=False, help_text=_("The same theme within a year counts as repeated."))
    starts_on = _day("starts_on")
    ends_on = _day("ends_on")
    away_from = _day("away_from", required=False, help_text=_("Only where travel takes days of its own."))
    away_to = _day("away_to", required=False)
    place = _text("place", required=False)

    def facts(self) -> dict[str, Any]:
        """Fields of ``OutsideCallup``; days of travel that are not stated are None."""
        return {name: value for name, value in self.cleaned_data.items() if name != "number"}
