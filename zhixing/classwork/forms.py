"""What those who run a class type about its groups and materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhixing.callups.models import Callup
from zhixing.classwork.actions import GROUPS_MAX, Place
from zhixing.classwork.models import Material, Member
from zhixing.people.models import Unit


class DrawForm(forms.Form):
    groups = forms.IntegerField(label=_("number of groups"), min_value=1, max_value=GROUPS_MAX)


class ArrangeForm(forms.Form):
    """Group, leader and office of everybody on the list."""

    def __init__(self, *args: Any, people: Sequence[Callup], members: Mapping[int, Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        offices = [("", "—"), *Member.Office.choices]
        for one in people:
            member, name = members.get(one.pk), one.person.name
            fields = {
                "group": forms.IntegerField(
                    min_value=1, max_value=GROUPS_MAX, initial=member.group if member else None
                ),
                "leads": forms.BooleanField(initial=bool(member and member.leads)),
                "office": forms.ChoiceField(choices=offices, initial=member.office if member else ""),
            }
            for kind, label in (("group", _("group")), ("leads", _("group leader")), ("office", _("class committee"))):
                field = fields[kind]
                field.required, field.label = False, label
                field.widget.attrs["aria-label"] = f"{name} {label}"
                self.fields[f"{kind}-{one.pk}"] = field

    @property
    def rows(self) -> list[tuple[Callup, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Call-up, group, leader, office."""
        return [
            (one, self[f"group-{one.pk}"], self[f"leads-{one.pk}"], self[f"office-{one.pk}"]) for one in self.people
        ]

    def places(self) -> dict[int, Place]:
        given = self.cleaned_data
        return {
            one.pk: Place(given[f"group-{one.pk}"], given[f"leads-{one.pk}"], given[f"office-{one.pk}"])
            for one in self.people
        }


class MaterialForm(forms.Form):
    institution = forms.ModelChoiceField(
        label=_("training institution"), queryset=Unit.objects.none(), empty_label=None
    )
    name = forms.CharField(label=_("title"), max_length=120)
    edition = forms.CharField(label=_("edition"), max_length=60, required=False)
    stock = forms.IntegerField(label=_("copies in stock"), min_value=0, max_value=1_000_000, initial=0)

    def __init__(self, *args: Any, schools: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institution"].queryset = schools  # type: ignore[attr-defined]


class StockForm(forms.Form):
    copies = forms.IntegerField(
        label=_("copies"),
        min_value=-1_000_000,
        max_value=1_000_000,
        help_text=_("Came in: 50. Lost or written off: -3."),
    )
    reason = forms.CharField(label=_("reason"), max_length=200)


class HandoutForm(forms.Form):
    material = forms.ModelChoiceField(label=_("material"), queryset=Material.objects.none(), empty_label=None)
    comes_back = forms.BooleanField(label=_("to be returned"), required=False)

    def __init__(self, *args: Any, materials: QuerySet[Material], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["material"].queryset = materials  # type: ignore[attr-defined]
