"""Pages of accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.asked import whole_number
from zhixing.base.exports import excel
from zhixing.base.files import hand_out
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Invalid, Text
from zhixing.base.templatetags.pages import badge
from zhixing.people import actions, permissions, queries
from zhixing.people.forms import BulkAccountsForm, EditAccountForm, NewAccountForm
from zhixing.people.models import Account, Role
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.persons import person_url
from zhixing.people.views.request import SignedInRequest

deed = require_http_methods(["GET", "POST"])


def account_url(account: Account) -> str:
    return page_about("people:account", account.pk)


@require_GET
def accounts(request: SignedInRequest) -> HttpResponse:
    """The accounts of the subtree."""
    user = request.user
    listing = Listing(
        request,
        queries.accounts_for(user),
        (
            Column("username", _("User name"), sort="username", link=account_url),
            Column("name", _("Name"), sort="name"),
            Column("get_role_display", _("Role"), sort="role"),
            Column("scope", _("Scope"), value=_scope),
            Column("last_login", _("Last sign-in"), sort="last_login"),
            Column("state", _("State"), value=_state, show=_state_badge),
        ),
        name="accounts",
        label=_("Accounts"),
        search=("username", "name"),
        search_label=_("Name or user name"),
        filters=(
            Filter("role", _("Role"), Role.choices),
            Filter(
                "state",
                _("State"),
                (("on", _("switched on")), ("off", _("switched off"))),
                apply=lambda rows, chosen: rows.filter(is_active=chosen == "on"),
            ),
        ),
        export=excel,
        empty=Empty(_("No accounts"), icon="user-cog"),
    )
    return listing.response("people/accounts.html", {"may_open": permissions.may_open_account(user, user.scope_unit)})


def _scope(account: Account) -> str:
    return str(account.scope_unit or (account.person and account.person.unit) or "")


def _state(account: Account) -> str:
    return _("switched on") if account.is_active else _("switched off")


def _state_badge(account: Account) -> str:
    return badge("good" if account.is_active else "quiet", _state(account))


@require_GET
def account(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.account_for(request.user, pk)
    facts = [
        (_("User name"), found.username),
        (_("Role"), found.get_role_display()),
        (_("Scope"), _scope(found) or None),
        (_("E-mail"), found.email or None),
        (_("Last sign-in"), found.last_login and found.last_login.strftime("%Y-%m-%d")),
        (_("One live session only"), _("yes") if found.one_session else _("no")),
        (_("Runs only the class runs that name this person"), _("yes") if found.is_class_head else None),
        (_("Two-step sign-in"), _("yes") if queries.has_second_step(found) else _("no")),
    ]
    context = {
        "account": found,
        "facts": facts,
        "state_badge": _state_badge(found),
        "person_url": person_url(found.person) if found.person else "",
        "may_change": permissions.may_change_account(request.user, found),
        "may_reset": permissions.may_reset_password(request.user, found),
        "may_switch_off": permissions.may_switch_off_account(request.user, found),
    }
    return render(request, "people/account.html", context)


@never_cache
@deed
def open_account(request: SignedInRequest) -> HttpResponse:
    """Make an account, for a person of the roster (``?person=``) or for somebody else; the one-time password is shown once."""
    user = request.user
    asked = whole_number(request.GET.get("person", ""))
    person = queries.person_for(user, asked) if asked is not None else None
    permissions.may_open_account(user, person.unit if person else user.scope_unit).require()
    initial = {"username": person.number, "name": person.name, "role": Role.TRAINEE} if person else {}
    form = NewAccountForm(request.POST or None, user=user, initial=initial)

    def make() -> tuple[Account, str]:
        return actions.create_account(by=user, person=person, **form.cleaned_data)

    accounts_url = reverse("people:accounts")
    back = person_url(person) if person else accounts_url
    return new_account_page(request, form, make, back=back, crumbs=[(_("Accounts"), accounts_url)])


def new_account_page(
    request: SignedInRequest,
    form: forms.Form,
    make: Callable[[], tuple[Account, str]],
    *,
    back: str,
    crumbs: Sequence[tuple[Text, str]],
) -> HttpResponse:
    """Show ``form``, and on a valid post ``make``, which returns the account with its one-time password: that is shown once."""
    if request.method == "POST" and form.is_valid():
        try:
            made, password = make()
        except Invalid as problem:
            form.add_error(None, str(problem.message))
        else:
            return _show_password(request, made, password)
    context = {
        "form": form,
        "heading": _("Make an account"),
        "button": _("Make the account"),
        "back": back,
        "crumbs": crumbs,
        "lead": _("A one-time password is shown once; the first sign-in asks for another."),
    }
    return render(request, "people/deed.html", context, status=422 if form.is_bound else 200)


def _show_password(request: SignedInRequest, account: Account, password: str) -> HttpResponse:
    return render(request, "people/one_time_password.html", {"account": account, "password": password})


@never_cache
@require_POST
def reset_password(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give an account a one-time password, shown in the answer and never again."""
    found = queries.account_for(request.user, pk)
    return _show_password(request, found, actions.reset_password(found, by=request.user))


@deed
def edit_account(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.account_for(request.user, pk)
    initial = {name: getattr(found, name) for name in ("name", "email", "role", "one_session", "own_class_runs_only")}
    form = EditAccountForm(
        request.POST or None, user=request.user, initial=initial | {"scope_unit": found.scope_unit_id}
    )

    def act() -> str:
        actions.edit_account(found, by=request.user, **form.cleaned_data)
        return account_url(found)

    crumbs = [(_("Accounts"), reverse("people:accounts")), (found.username, account_url(found))]
    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_change_account(request.user, found),
        title=_("Edit the account"),
        button=_("Save"),
        back=account_url(found),
        crumbs=crumbs,
    )


@require_POST
def switch_account(request: SignedInRequest, pk: int, on: int) -> HttpResponse:
    found = queries.account_for(request.user, pk)
    (actions.switch_on_account if on else actions.switch_off_account)(found, by=request.user)
    return redirect(account_url(found))


@deed
def bulk_accounts(request: SignedInRequest) -> HttpResponse:
    """Make accounts for everybody of a unit who has none; the passwords come as a sheet that is handed out once."""
    form = BulkAccountsForm(request.POST or None, user=request.user, initial={"unit": request.user.scope_unit_id})

    def act() -> str:
        job = actions.start_bulk_accounts(form.cleaned_data["unit"], form.cleaned_data["role"], by=request.user)
        return reverse("people:bulk_slips", args=(job.pk,))

    url = reverse("people:accounts")
    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_open_account(request.user, request.user.scope_unit),
        title=_("Accounts in bulk"),
        button=_("Make the accounts"),
        back=url,
        crumbs=[(_("Accounts"), url)],
        lead=_("Who has an account keeps it. The one-time passwords come as one sheet, which is handed out once."),
    )


@never_cache
@require_http_methods(["GET", "POST"])
def bulk_slips(request: SignedInRequest, pk: str) -> HttpResponse:
    """The progress of making accounts, and then, once, the sheet with the passwords."""
    if request.method == "POST":
        return hand_out(actions.take_slips(str(pk), by=request.user), "accounts.xlsx")
    job, sheet = queries.slips_of(request.user, str(pk))
    return render(request, "people/bulk_slips.html", {"job": job, "is_waiting": sheet is not None})
