"""Forms of teachers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.people.forms import ScopedForm, UnitField, UsernameField
from zhixing.people.models import Account, Unit
from zhixing.resources.models import Teacher
from zhixing.resources.queries import accounts_to_link


class AccountChoice(forms.ModelChoiceField[Account]):
    def label_from_instance(self, account: Account) -> str:
        return f"{account.name} ({account.username})"


class TeacherForm(ScopedForm):
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
