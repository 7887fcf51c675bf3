"""Bringing in a list for a bank: upload, look, apply or drop."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.tables.problems import problem_cells
from zhixing.base.templatetags.pages import badge
from zhixing.engine.sheets.banks import BANKS
from zhixing.people.views.request import SignedInRequest
from zhixing.resources import bank_lists, permissions
from zhixing.resources.forms.banks import BankListForm
from zhixing.resources.models import Bank, BankList

TONES = {"read": "info", "refused": "bad", "applied": "good", "dropped": "quiet"}


def _bank(request: SignedInRequest, bank: str) -> Bank:
    permissions.may_keep(request.user, request.user.scope_unit).require()
    if bank not in Bank.values:
        raise NotFound
    return Bank(bank)


def _state_badge(one: BankList) -> str:
    return badge(TONES[one.state], one.get_state_display())


def lists(request: SignedInRequest, bank: str) -> HttpResponse:
    found = _bank(request, bank)
    form = BankListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = bank_lists.receive_list(form.cleaned_data["file"], bank, by=request.user)
        return redirect("resources:list", made.pk)
    listing = Listing(
        request,
        BankList.objects.visible_to(request.user).filter(bank=bank).select_related("file"),
        (
            Column("created_at", _("received"), sort="id", link=lambda i: page_about("resources:list", i.pk)),
            Column("file__name", _("file")),
            Column("state", _("state"), value=lambda i: str(i.get_state_display()), show=_state_badge),
        ),
        name="bank-lists",
        label=_("Lists brought in"),
        empty=Empty(_("No list yet"), _("Upload the spreadsheet; you see every row before anything is kept.")),
    )
    context = {
        "bank": found,
        "back": reverse(f"resources:{bank}"),
        "form": form,
        "columns": "、".join(one.heading.title for one in BANKS[bank] if one.needed),
    }
    return listing.response("resources/lists.html", context)


@require_GET
def blank(request: SignedInRequest, bank: str) -> HttpResponse:
    """The headings, ready to be filled in."""
    found = _bank(request, bank)
    return excel(f"{found}-blank", [one.heading.title for one in BANKS[bank]], [])


def _found(request: SignedInRequest, pk: int) -> BankList:
    found = BankList.objects.visible_to(request.user).select_related("file").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@require_GET
def bank_list(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    context = {
        "found": found,
        "state_badge": _state_badge(found),
        "lists_url": reverse("resources:lists", args=[found.bank]),
        "preview": bank_lists.preview(found, request.user),
        "columns": bank_lists.columns_of(found.bank),
        "name_column": BANKS[found.bank][0].heading.title,
        "may_apply": permissions.may_keep(request.user, request.user.scope_unit),
    }
    return render(request, "resources/list.html", context)


@require_GET
def problems(request: SignedInRequest, pk: int) -> HttpResponse:
    """The rows that need mending, as Excel."""
    headings = [_("sheet"), _("row"), _("column"), _("value"), _("treatment"), _("reason"), _("mend")]
    return excel("problems", headings, map(problem_cells, _found(request, pk).problems))


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    found = _found(request, pk)
    if deed == "apply":
        made = bank_lists.apply_list(found, by=request.user)
        messages.success(request, _("%(made)s rows are kept.") % {"made": made})
        return redirect(f"resources:{found.bank}")
    if deed != "drop":
        raise NotFound
    bank_lists.drop_list(found, by=request.user)
    messages.success(request, _("The list is dropped; nothing was kept."))
    return redirect("resources:lists", found.bank)
