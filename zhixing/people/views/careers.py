"""Deeds on one person: enter, correct, post, promote, end the service."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhixing.base.problems import NotFound
from zhixing.people import actions, permissions, queries
from zhixing.people.forms import (
    ClosePostingForm,
    CorrectionForm,
    EndOfServiceForm,
    PersonForm,
    PostingForm,
    PromotionForm,
)
from zhixing.people.models import Person, Posting
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.persons import person_url
from zhixing.people.views.request import SignedInRequest

deed = require_http_methods(["GET", "POST"])


@deed
def add(request: SignedInRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, user=request.user, initial={"unit": request.GET.get("unit")})

    def act() -> str:
        return person_url(actions.add_person(by=request.user, **form.cleaned_data))

    url = reverse("people:persons")
    lead = _("For one person; many come by a roster.")
    crumbs = [(_("People"), url)]
    verdict = permissions.may_add_person(request.user, request.user.scope_unit)
    return deed_page(
        request,
        form,
        act,
        verdict=verdict,
        title=_("Enter a person"),
        button=_("Enter the person"),
        back=url,
        crumbs=crumbs,
        lead=lead,
    )


@deed
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.person_for(request.user, pk)
    initial = {name: getattr(found, name) for name in CorrectionForm.base_fields if name != "id_number"}
    form = CorrectionForm(request.POST or None, initial=initial)

    def act() -> str:
        actions.correct_person(found, by=request.user, **form.cleaned_data)
        return person_url(found)

    lead = _("For what was entered wrongly. What changed in life is a new posting.")
    return _deed_on(request, found, form, act, title=_("Correct the facts"), button=_("Save"), lead=lead)


@deed
def post(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.person_for(request.user, pk)
    initial = {name: getattr(found, name) for name in ("department", "title", "rank", "grade")}
    form = PostingForm(request.POST or None, user=request.user, initial=initial | {"unit": found.unit_id})

    def act() -> str:
        data = dict(form.cleaned_data)
        actions.add_posting(found, data.pop("unit"), by=request.user, **data)
        return person_url(found)

    lead = _("A new principal post ends the one held now, the day before it begins.")
    return _deed_on(request, found, form, act, title=_("Add a posting"), button=_("Add the posting"), lead=lead)


@deed
def promote(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.person_for(request.user, pk)
    form = PromotionForm(request.POST or None, initial={"title": found.title})

    def act() -> str:
        actions.promote(found, by=request.user, **form.cleaned_data)
        return person_url(found)

    lead = _("A rise in rank begins the duty of training within a year.")
    return _deed_on(request, found, form, act, title=_("Promote"), button=_("Promote"), lead=lead)


@deed
def close_posting(request: SignedInRequest, pk: int) -> HttpResponse:
    posting = Posting.objects.select_related("person", "unit").filter(pk=pk).first()
    if posting is None:
        raise NotFound
    found = queries.person_for(request.user, posting.person_id)
    form = ClosePostingForm(request.POST or None)

    def act() -> str:
        actions.close_posting(posting, to_on=form.cleaned_data["to_on"], by=request.user)
        return person_url(found)

    title = _("End the posting in %(unit)s") % {"unit": posting.unit}
    return _deed_on(request, found, form, act, title=title, button=_("End the posting"))


@deed
def end_service(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.person_for(request.user, pk)
    form = EndOfServiceForm(request.POST or None)

    def act() -> str:
        actions.end_service(found, by=request.user, **form.cleaned_data)
        return person_url(found)

    lead = _("Every open posting ends that day; duties to train end with it.")
    return _deed_on(
        request, found, form, act, title=_("End the service"), button=_("End the service"), lead=lead, danger=True
    )


def _deed_on(request: SignedInRequest, found: Person, form: Any, act: Any, **words: Any) -> HttpResponse:
    crumbs = [(_("People"), reverse("people:persons")), (found.name, person_url(found))]
    verdict = permissions.may_change_person(request.user, found)
    return deed_page(request, form, act, verdict=verdict, back=person_url(found), crumbs=crumbs, **words)
