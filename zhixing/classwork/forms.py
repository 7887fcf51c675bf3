"""What the class head types about groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.callups.models import Callup
from zhixing.classwork.actions import GROUPS_MAX, Place
from zhixing.classwork.models import Member


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
