"""Forms: the list, the versions of one, and the builder of a draft. Every change is a form of its own, so it works without JavaScript."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.asked import whole_number
from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Invalid, NotFound, Refused
from zhixing.engine.questionnaires import Per, Subject, editing, fields_of, read
from zhixing.evaluations import actions, asking, permissions, queries, rules
from zhixing.evaluations.building import BlockForm, HeadForm, ItemForm
from zhixing.evaluations.models import FormVersion
from zhixing.evaluations.sentences import lacks_of
from zhixing.evaluations.views.editions import edition_of
from zhixing.people.views.request import SignedInRequest

COLUMNS = (
    Column(
        "title", gettext_lazy("questionnaire"), sort="title", link=lambda form: page_about("evaluations:form", form.pk)
    ),
    Column("get_subject_display", gettext_lazy("about"), sort="subject"),
    Column("in_force", gettext_lazy("version in force"), numeric=True),
    Column(
        "draft",
        pgettext_lazy("form", "draft"),
        value=lambda form: _("in work") if form.draft else "",
        link=lambda form: page_about("evaluations:version", form.draft) if form.draft else "",
    ),
    Column("unit__name", gettext_lazy("made by")),
)
DEEDS = ("up", "down", "remove")


@require_GET
def forms(request: SignedInRequest) -> HttpResponse:
    may_make = permissions.may_make_forms(request.user)
    if not (may_make or request.user.is_auditor):
        raise Refused(permissions.ONLY_DEPARTMENT)
    rows = queries.forms_seen_by(request.user)
    listing = Listing(
        request,
        rows,
        COLUMNS,
        name="forms",
        label=_("Forms"),
        search=("title",),
        search_label=_("Title"),
        empty=Empty(_("No form yet"), _("Begin with one of the templates, or from nothing."), icon="list-check"),
    )
    context = {
        "templates": rules.templates().values(),
        "may_make": may_make,
        "in_force": queries.forms_in_force(request.user).count(),
    }
    return listing.response("evaluations/forms.html", context)


@require_http_methods(["GET", "POST"])
def create(request: SignedInRequest) -> HttpResponse:
    """From a template by its name, or an empty one; whoever opens the address finds both on the page of forms."""
    if request.method == "GET":
        return redirect("evaluations:forms")
    name = request.POST.get("template", "")
    template = rules.templates().get(name)
    if name and template is None:
        raise NotFound
    document = template.document if template else editing.empty(_("New form"), Subject.CLASS_RUN)
    version = actions.create_form(document, by=request.user)
    return redirect("evaluations:version", version.pk)


@require_GET
def form(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.form_for(request.user, pk)
    versions = list(found.versions.all())
    context = {
        "form": found,
        "versions": versions,
        "may_edit": permissions.may_edit_whole(request.user, found),
        "has_draft": any(one.state == FormVersion.State.DRAFT for one in versions),
        "rules": queries.rules_seen_by(request.user).filter(form=found, stopped_on=None),
    }
    return render(request, "evaluations/form.html", context)


@require_POST
def begin(request: SignedInRequest, pk: int) -> HttpResponse:
    """A new draft as a copy of this version."""
    draft = actions.begin_draft(queries.version_for(request.user, pk), by=request.user)
    return redirect("evaluations:version", draft.pk)


@require_GET
def version(request: SignedInRequest, pk: int) -> HttpResponse:
    """A draft in the builder; a published version as raters see it."""
    found = queries.version_for(request.user, pk)
    may_edit = permissions.may_edit_draft(request.user, found)
    context: dict[str, Any] = {"version": found, "document": found.document, "may_edit": may_edit}
    if found.state == FormVersion.State.PUBLISHED or not may_edit:
        return render(request, "evaluations/version.html", {**context, **preview_of(found)})
    lacks = lacks_of(found.document)
    context |= {
        "lacks": lacks,
        "weights": sum(block.get("weight", 0) for block in found.document["block"]),
        "lacking": {(one.block, one.item) for one in lacks},
    }
    return render(request, "evaluations/builder.html", context)


@require_GET
def preview(request: SignedInRequest, pk: int) -> HttpResponse:
    """As the phone shows it; nothing can be sent."""
    found = queries.version_for(request.user, pk)
    if lacks_of(found.document):
        raise Invalid(_("This form is not ready yet: the builder lists what is missing."))
    return render(request, "evaluations/preview.html", {"version": found, **preview_of(found)})


def preview_of(version: FormVersion) -> dict[str, Any]:
    """The questions with invented sessions and teachers for what is repeated; nothing of a draft that is not ready."""
    if lacks_of(version.document):
        return {"parts": []}
    questionnaire = read(version.document)
    labels = {
        (Per.SESSION.value, "1"): _("the first session"),
        (Per.SESSION.value, "2"): _("the second session"),
        (Per.TEACHER.value, "1"): _("the first teacher"),
        (Per.TEACHER.value, "2"): _("the second teacher"),
    }
    fields = fields_of(questionnaire, {Per.SESSION: ["1", "2"], Per.TEACHER: ["1", "2"]})
    parts = asking.parts_of(questionnaire, fields, labels)
    return {
        "form": questionnaire,
        "parts": parts,
        "questions": asking.questions_in_words(parts),
        "minutes": asking.minutes_of(fields),
    }


# Changing a draft


def _draft(request: SignedInRequest, pk: int) -> FormVersion:
    found = queries.version_for(request.user, pk)
    permissions.may_edit_draft(request.user, found).require()
    return found


@require_http_methods(["GET", "POST"])
def head(request: SignedInRequest, pk: int) -> HttpResponse:
    draft = _draft(request, pk)
    given = HeadForm(request.POST or None, initial=draft.document["form"])
    if request.method == "POST" and given.is_valid():
        changed = editing.with_head(draft.document, **given.cleaned_data)
        actions.save_draft(draft, changed, edition=edition_of(request), by=request.user)
        return redirect("evaluations:version", pk)
    return _page(request, draft, given, _("Title and introduction"))


@require_http_methods(["GET", "POST"])
def block(request: SignedInRequest, pk: int, block: int) -> HttpResponse:
    """One block; the place after the last makes a new one."""
    draft = _draft(request, pk)
    blocks = draft.document["block"]
    if not 1 <= block <= len(blocks) + 1:
        raise NotFound
    known = blocks[block - 1] if block <= len(blocks) else {"weight": max(0, 100 - _weights(blocks))}
    given = BlockForm(request.POST or None, initial=known)
    if request.method == "POST" and given.is_valid():
        changed = editing.with_block(draft.document, block, **given.cleaned_data)
        actions.save_draft(draft, changed, edition=edition_of(request), by=request.user)
        return redirect("evaluations:version", pk)
    return _page(request, draft, given, _("Part %(n)s") % {"n": block})


def _weights(blocks: list[dict[str, Any]]) -> int:
    return sum(one.get("weight", 0) for one in blocks)


@require_http_methods(["GET", "POST"])
def item(request: SignedInRequest, pk: int, block: int, item: int) -> HttpResponse:
    """One question; the place after the last of its block makes a new one."""
    draft = _draft(request, pk)
    blocks = draft.document["block"]
    if not 1 <= block <= len(blocks) or not 1 <= item <= len(blocks[block - 1]["item"]) + 1:
        raise NotFound
    items = blocks[block - 1]["item"]
    known = items[item - 1] if item <= len(items) else {"code": _free_code(blocks)}
    given = ItemForm(request.POST or None, initial={"required": known.get("kind") != "text", **known})
    if request.method == "POST" and given.is_valid():
        changed = editing.with_item(draft.document, block, item, given.item())
        actions.save_draft(draft, changed, edition=edition_of(request), by=request.user)
        return redirect("evaluations:version", pk)
    title = _("Part %(block)s, question %(n)s") % {"block": block, "n": item}
    return _page(request, draft, given, title, template="evaluations/item.html")


def _free_code(blocks: list[dict[str, Any]]) -> str:
    return editing.free_code("q", {one.get("code") for each in blocks for one in each.get("item", ())})


def _page(
    request: SignedInRequest, draft: FormVersion, form: Any, title: str, template: str = "evaluations/piece.html"
) -> HttpResponse:
    """A page that changes one piece. Where it is shown anew, it keeps the edition it came with: what others changed meanwhile stays a conflict."""
    edition = edition_of(request) if request.method == "POST" else draft.edition
    context = {"version": draft, "form": form, "title": title, "edition": edition}
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
def change(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """Move or remove a block or, with ``item``, a question."""
    draft = _draft(request, pk)
    if deed not in DEEDS:
        raise NotFound
    at = whole_number(request.POST.get("block", "")) or 0
    of = whole_number(request.POST.get("item", "")) or 0
    steps = {"up": -1, "down": 1}
    document = draft.document
    try:
        changed = editing.moved(document, at, of, steps[deed]) if deed in steps else editing.without(document, at, of)
    except IndexError:
        raise NotFound from None
    actions.save_draft(draft, changed, edition=edition_of(request), by=request.user)
    return redirect("evaluations:version", pk)


@require_POST
def publish(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.version_for(request.user, pk)
    actions.publish_version(found, edition=edition_of(request), by=request.user)
    messages.success(request, _("The version is published: it can be put to raters, and never changes."))
    return redirect("evaluations:form", found.form_id)


@require_POST
def drop(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.version_for(request.user, pk)
    actions.drop_draft(found, by=request.user)
    messages.success(request, _("The draft is gone."))
    return redirect("evaluations:forms")
