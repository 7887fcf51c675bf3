"""What those who run a class type about its groups, materials and lodging; what a person answers about the own stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhixing.callups.models import Callup
from zhixing.classwork.actions import GROUPS_MAX, Answer, Place
from zhixing.classwork.models import Material, Member, Offer, Room, Stay
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


class OfferForm(forms.Form):
    """What the class run offers; nothing ticked means that nothing is asked."""

    beds = forms.BooleanField(label=_("lodging"), required=False)
    meals = forms.BooleanField(label=_("meals"), required=False)
    transport = forms.BooleanField(label=_("transport"), required=False)
    closes_on = forms.DateField(label=_("answers may change until"), widget=forms.DateInput())


class RoomsForm(forms.Form):
    names = forms.CharField(
        label=_("numbers of the rooms"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Separated by spaces or lines: 301 302 303"),
    )
    beds = forms.TypedChoiceField(label=_("beds"), choices=((2, "2"), (1, "1")), coerce=int, initial=2)


class StayForm(forms.Form):
    """Only what the class run offers is asked."""

    overnight = forms.BooleanField(label=_("I stay over night"), required=False)
    alone = forms.BooleanField(
        label=_("I do not want to share a room"),
        required=False,
        help_text=_("Nobody shares against their will; you may have to wait for a room of your own."),
    )
    meals = forms.BooleanField(label=_("I eat there"), required=False)
    diet = forms.CharField(
        label=_("note for the kitchen"),
        max_length=60,
        required=False,
        help_text=_("For example: no pork, vegetarian. Nothing about health is needed."),
    )
    arrives = forms.ChoiceField(label=_("I arrive by"), choices=[("", "—"), *Stay.Arrival.choices], required=False)

    def __init__(self, *args: Any, offer: Offer, stay: Stay | None, **kwargs: Any) -> None:
        names = ("overnight", "alone", "meals", "diet", "arrives")
        usual = {"overnight": offer.beds, "meals": offer.meals}
        kwargs["initial"] = {name: getattr(stay, name) for name in names} if stay else usual
        super().__init__(*args, **kwargs)
        for given, asked in (
            (offer.beds, ("overnight", "alone")),
            (offer.meals, ("meals", "diet")),
            (offer.transport, ("arrives",)),
        ):
            for name in asked if not given else ():
                del self.fields[name]

    def answer(self) -> Answer:
        return Answer(**self.cleaned_data)


class RoomForm(forms.Form):
    room = forms.ModelChoiceField(label=_("room"), queryset=Room.objects.none(), required=False, empty_label=_("none"))

    def __init__(self, *args: Any, rooms: QuerySet[Room], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = rooms  # type: ignore[attr-defined]
