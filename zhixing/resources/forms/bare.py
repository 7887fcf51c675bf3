"""No form of the banks takes an ID number, as no list does."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from zhixing.engine.sheets.identity import without_ids
from zhixing.people.forms import ScopedForm


def no_ids(text: str) -> None:
    if without_ids(text) != text:
        raise ValidationError(_("Leave ID numbers out: only the roster keeps them, sealed."))


class BareForm(ScopedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.validators.append(no_ids)
