"""What should be different: the question of a trial."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.needs.models import Competency, NeedsReckoning, RankGroup
from zhixing.people.models import Unit
from zhixing.plans.models import AnnualPlan, Capacity, NoDuplicate, PlanLine
from zhixing.plans.queries.annual_plans import people_of

LEAST, MOST = -90, 200
WEIGHTS = (1, 10)


def percent_field(label: Any, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=LEAST, max_value=MOST, **kwargs)


class TryForm(forms.Form):
    """Percents are more or less than there is; what is left empty stays as it is."""

    money = percent_field(_("money, percent more or less"))
    closed = forms.ModelMultipleChoiceField(
        Unit.objects.none(), label=_("institutions closed"), required=False, widget=forms.CheckboxSelectMultiple
    )
    competency = forms.ModelChoiceField(
        Competency.objects.none(),
        label=_("one priority more"),
        required=False,
        empty_label=_("none"),
        to_field_name="code",
    )
    group = forms.ChoiceField(label=_("for"), choices=[("", _("everyone")), *RankGroup.choices], required=False)
    weight = forms.IntegerField(
        label=_("weight of the priority, 1 to 10"), required=False, min_value=WEIGHTS[0], max_value=WEIGHTS[1]
    )
    teachers = percent_field(_("teacher days, percent more or less"))
    rooms = percent_field(_("rooms and beds, percent more or less"))

    def __init__(self, *args: Any, plan: AnnualPlan, reckoning: NeedsReckoning | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        fields: dict[str, Any] = self.fields
        with_room = Capacity.objects.filter(year=plan.year, closed=False).values("institution")
        fields["closed"].queryset = Unit.objects.within(plan.unit).filter(pk__in=with_room)
        if reckoning is not None:
            known = Competency.objects.filter(framework=reckoning.framework_id, children=None)
            fields["competency"].queryset = known.order_by("position")
        fields["competency"].widget.attrs["data-picker"] = ""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("competency") and not given.get("weight") and "weight" not in self.errors:
            self.add_error("weight", _("Say how much the priority weighs."))
        if given.get("weight") and not given.get("competency") and "competency" not in self.errors:
            self.add_error("competency", _("Choose what the priority asks for."))
        closed = given.get("closed")
        if closed and len(closed) == self.fields["closed"].queryset.count():  # type: ignore[attr-defined]
            self.add_error("closed", _("Without any institution nothing can be held: leave one open."))
        group = given.get("group")
        if group and given.get("competency") and not people_of(PlanLine(plan=self.plan, rank_group=group)).exists():
            self.add_error(
                "group", _("The target group of the priority matches nobody: nobody of that rank serves here.")
            )
        if not self.errors and not self.asked():
            raise forms.ValidationError(_("Say what should be different: money, an institution, a priority …"))
        return given

    def asked(self) -> dict[str, Any]:
        """What ``PlanTry.asked`` keeps: only what is different."""
        given = self.cleaned_data
        asked: dict[str, Any] = {name: given[name] for name in ("money", "teachers", "rooms") if given.get(name)}
        if given.get("closed"):
            asked["closed"] = [{"key": str(one.pk), "name": one.name} for one in given["closed"].order_by("pk")]
        if given.get("competency"):
            one = given["competency"]
            named = {"code": one.code, "name": one.name}
            asked["priority"] = {**named, "group": given["group"], "weight": given["weight"]}
        return asked


class ApartForm(forms.Form):
    """Why two lines are no duplicates."""

    reason = forms.CharField(label=_("reason"), max_length=NoDuplicate.reason.field.max_length)
