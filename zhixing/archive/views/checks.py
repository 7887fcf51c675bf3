"""Pages of promotion checks: ask about a list, read the answer, print it for the file. Every reading is kept on each record."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.archive import permissions
from zhixing.archive.actions.checks import PEOPLE_MAX, ask_check
from zhixing.archive.forms import CheckForm
from zhixing.archive.models import PromotionCheck
from zhixing.archive.papers import checks as papers
from zhixing.archive.queries.checks import Answer, answer_for
from zhixing.base.asked import whole_numbers
from zhixing.base.files import hand_out
from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Invalid, NotFound
from zhixing.people.actions import record_readings
from zhixing.people.models import Person
from zhixing.people.views.request import SignedInRequest


@require_http_methods(["GET", "POST"])
def checks(request: SignedInRequest) -> HttpResponse:
    """The form, and the checks made before."""
    permissions.may_check_promotion(request.user).require()
    form = CheckForm(request.POST or None, request.FILES or None, initial=_today())
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("archive:check", ask_check(form.new_check(), request.user).pk)
        except Invalid as problem:
            form.add_error("people", str(problem.message))
    return _page(request, form)


@require_POST
def check_selected(request: SignedInRequest) -> HttpResponse:
    """The form with the people ticked in the list of people."""
    permissions.may_check_promotion(request.user).require()
    keys = whole_numbers(request.POST.getlist("selected"))[:PEOPLE_MAX]
    people = Person.objects.visible_to(request.user).filter(pk__in=keys).order_by("number")
    lines = "\n".join(f"{person.name} {person.number}" for person in people)
    return _page(request, CheckForm(initial=_today() | {"people": lines}))


def _today() -> dict[str, object]:
    return {"on": timezone.localdate(), "known_on": timezone.localdate()}


def _page(request: SignedInRequest, form: CheckForm) -> HttpResponse:
    listing = Listing(
        request,
        PromotionCheck.objects.visible_to(request.user),
        (
            Column(
                "created_at",
                _("asked at"),
                sort="created_at",
                link=lambda one: page_about("archive:check", one.pk),
            ),
            Column("title", _("what for"), sort="title"),
            Column("on", _("as of"), sort="on"),
            Column("known_on", _("as known at the end of"), sort="known_on"),
            Column("people", _("people"), numeric=True, value=lambda one: len(one.people)),
        ),
        name="checks",
        label=_("Promotion checks"),
        search=("title",),
        empty=Empty(
            _("No check was made yet"),
            _("Paste the people whom a decision is being prepared about."),
            icon="user-check",
        ),
    )
    answer = listing.response("archive/checks.html", {"form": form})
    answer.status_code = 422 if form.errors else answer.status_code
    return answer


@require_GET
def check(request: SignedInRequest, pk: int) -> HttpResponse:
    answer = _answer(request, pk, "promotion_check")
    return render(request, "archive/check.html", {"answer": answer, "check": answer.check})


@require_GET
def check_pdf(request: SignedInRequest, pk: int) -> HttpResponse:
    answer = _answer(request, pk, "promotion_check_pdf")
    return hand_out(papers.check_pdf(answer), papers.file_name(answer, "pdf"), inline=True)


@require_GET
def check_book(request: SignedInRequest, pk: int) -> HttpResponse:
    answer = _answer(request, pk, "promotion_check_book")
    return hand_out(papers.check_book(answer), papers.file_name(answer, "xlsx"))


def _answer(request: SignedInRequest, pk: int, page: str) -> Answer:
    permissions.may_check_promotion(request.user).require()
    found = PromotionCheck.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    answer = answer_for(found, request.user)
    record_readings([one.person.pk for one in answer.people], request.user, page)
    return answer
