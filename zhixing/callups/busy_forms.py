"""What a liaison or the department types about a busy time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.callups.models import BusyTime
from zhixing.callups.models.busy import MOST
from zhixing.people.forms import ScopedForm, UnitField
from zhixing.people.models import Unit


class BusyForm(ScopedForm):
    """One busy time; a liaison's own unit is filled in."""

    unit = UnitField(queryset=Unit.objects.none(), label=_("unit"))
    below = forms.TypedChoiceField(
        label=_("holds for"),
        choices=(("no", _("this unit only")), ("yes", _("this unit and all below"))),
        initial="no",
        coerce=lambda chosen: chosen == "yes",
        widget=forms.RadioSelect(),
        help_text=_("With all below, each unit below has the number as its own."),
    )
    from_on = forms.DateField(label=_("first day"), widget=forms.DateInput())
    to_on = forms.DateField(
        label=_("last day"),
        widget=forms.DateInput(),
        help_text=_("It holds for whole weeks, Monday to Sunday: every week that these days touch."),
    )
    most = forms.IntegerField(
        label=_("how many may be away at one time"),
        initial=0,
        min_value=0,
        max_value=MOST,
        help_text=_("0: nobody. A number above the usual limit of the unit changes nothing."),
    )
    reason = forms.CharField(
        label=_("reason"),
        max_length=BusyTime._meta.get_field("reason").max_length,
        help_text=_("Seen by the department and by the liaisons concerned."),
    )

    def facts(self) -> dict[str, Any]:
        """Arguments of ``actions.enter_busy_time``."""
        return dict(self.cleaned_data)
