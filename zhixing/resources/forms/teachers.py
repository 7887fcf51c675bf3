"""Forms of teachers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.people.forms import UnitField, UsernameField
from zhixing.people.models import Account, Unit
from zhixing.resources.forms.bare import BareForm
from zhixing.resources.models import Level, Teacher, Topic
from zhixing.resources.queries import accounts_to_link


class AccountChoice(forms.ModelChoiceField[Account]):
    def label_from_instance(self, account: Account) -> str:
        return f"{account.name} ({account.username})"


class TeacherForm(BareForm):
    name = forms.CharField(label=_("Name"), max_length=60)
    group = forms.ChoiceField(label=_("teacher group"), choices=Teacher.Group.choices)
    institution = UnitField(
        queryset=Unit.objects.none(),
        label=_("kept by"),
        help_text=_("The institution whose register names the teacher."),
    )
    topics = forms.CharField(
        label=_("topics"), max_length=200, required=False, help_text=_("Separate several with a space.")
    )
    listed_topics = forms.ModelMultipleChoiceField(
        queryset=Topic.objects.none(),
        label=_("topics of the vocabulary"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("By these the coverage map and the diagnosis know which topics have teachers."),
    )
    levels = forms.MultipleChoiceField(
        label=_("for levels"), choices=Level.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    fee_class = forms.ChoiceField(label=_("fee class"), choices=(("", "—"), *Teacher.FeeClass.choices), required=False)
    chosen_for = forms.CharField(
        label=_("chosen for"), max_length=200, required=False, help_text=_("Why this person teaches here.")
    )
    contact = forms.CharField(
        label=_("contact details"),
        max_length=120,
        required=False,
        help_text=_("An office telephone or e-mail address."),
    )
    account = AccountChoice(
        queryset=Account.objects.none(),
        label=_("account"),
        required=False,
        widget=forms.Select(attrs={"data-picker": ""}),
        help_text=_(
            "The account with which the teacher signs in to see the own sessions; each belongs to one teacher."
        ),
    )

    def __init__(self, *args: Any, user: Account, teacher: Teacher | None = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        present = teacher.listed_topics.values("pk") if teacher else ()
        self.fields["listed_topics"].queryset = Topic.objects.filter(Q(retired_on=None) | Q(pk__in=present))  # type: ignore[attr-defined]
        self.fields["account"].queryset = accounts_to_link(user, teacher)  # type: ignore[attr-defined]
        if user.is_department and user.sees_the_city:
            self.fields["institution"].required = False
            self.fields["institution"].help_text = _(
                "Empty: kept by the city, and every institution may name the teacher."
            )


class TeacherAccountForm(forms.Form):
    """A teacher's account: no scope is asked, the own sessions are all it shows."""

    username = UsernameField()
    email = forms.EmailField(label=_("E-mail"), required=False, help_text=_("Notices are sent there too."))
