"""Frameworks: the list, one with its competencies and post map, taking one in, changing a draft."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.columns import state_column
from zhixing.base.files import hand_out
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound, Refused, RowProblem
from zhixing.base.refusals import said_on, status_of
from zhixing.base.tables.write import Table, write_book
from zhixing.base.templatetags.pages import badge
from zhixing.needs import papers, permissions, queries
from zhixing.needs.actions import frameworks as actions
from zhixing.needs.forms import CompetencyForm, FrameworkForm, RequiredForm
from zhixing.needs.models import Competency, Framework, GapKind, RequiredLevel
from zhixing.needs.problem import Suited
from zhixing.people.models import Account
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest
from zhixing.resources.models import Content

COLUMNS = (
    Column("name", gettext_lazy("framework"), sort="name", link=lambda one: page_about("needs:framework", one.pk)),
    Column("number", gettext_lazy("version"), sort="number", numeric=True),
    state_column(gettext_lazy("state")),
    Column("size", gettext_lazy("competencies"), sort="size", numeric=True),
    Column("posts", gettext_lazy("lines of the post map"), sort="posts", numeric=True),
    Column("source", gettext_lazy("source"), long=True),
    Column("unit__name", gettext_lazy("made by"), sort="unit__path"),
)


def _may_read(user: Account) -> None:
    own = user.is_department or user.is_auditor or user.is_liaison or (user.is_school and not user.is_class_head)
    if not (own and user.scope_unit):
        raise Refused(_("Frameworks are for departments, liaisons and training institutions."))


@require_GET
def frameworks(request: SignedInRequest) -> HttpResponse:
    _may_read(request.user)
    may_make = permissions.may_make(request.user)
    rows = queries.frameworks_seen_by(request.user)
    listing = Listing(
        request,
        rows,
        COLUMNS,
        name="frameworks",
        label=_("Competency frameworks"),
        search=("name", "source"),
        search_label=_("Name or source"),
        filters=(Filter("state", _("state"), Framework.State.choices),),
        empty=Empty(
            _("No framework yet"),
            _("Take the template, fill it in and bring it here."),
            reverse("needs:create_framework") if may_make else "",
            _("New framework") if may_make else "",
            "sitemap",
        ),
    )
    published = rows.filter(state=Framework.State.PUBLISHED).count()
    return listing.response("needs/frameworks.html", {"published": published, "may_make": may_make})


@require_http_methods(["GET", "POST"])
def create(request: SignedInRequest) -> HttpResponse:
    """From a book, all of whose faults are told by row, or empty."""
    permissions.may_make(request.user).require()
    form = FrameworkForm(request.POST or None, request.FILES or None)
    problems: list[RowProblem] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        about = {"name": given["name"], "source": given["source"], "by": request.user}
        with said_on(form) as problems:
            made = (
                actions.import_framework(given["file"], **about) if given["file"] else actions.create_framework(**about)
            )
            return redirect("needs:framework", made.pk)
    context = {"form": form, "problems": problems}
    return render(request, "needs/create_framework.html", context, status=status_of(form))


@require_GET
def template(request: SignedInRequest) -> HttpResponse:
    _may_read(request.user)
    return _book(_("framework template"), papers.template_tables())


@require_GET
def book(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.framework_for(request.user, pk)
    return _book(str(found), papers.framework_tables(found))


def _book(name: str, tables: list[Table]) -> HttpResponse:
    content = io.BytesIO()
    write_book(content, tables)
    return hand_out(content.getvalue(), f"{name}.xlsx")


@require_GET
def framework(request: SignedInRequest, pk: int) -> HttpResponse:
    """The competencies as a tree; the post map is a list of its own below."""
    found = queries.framework_for(request.user, pk)
    may_edit = permissions.may_edit(request.user, found)
    may_renew = permissions.may_renew(request.user, found)
    listing = Listing(
        request,
        found.required.select_related("competency"),
        (
            Column("competency__name", _("competency"), sort="competency__position"),
            Column("level", _("required level"), sort="level", numeric=True),
            Column("ranks", _("ranks and grades"), value=lambda one: "、".join(one.ranks) or _("all"), long=True),
            Column("categories", _("categories"), value=lambda one: "、".join(one.categories) or _("all")),
            Column("title", _("word in the name of the post"), sort="title"),
            *((_suited(found),) if may_edit or may_renew else ()),
            *((_removal(),) if may_edit else ()),
        ),
        name="post-map",
        label=_("Post map"),
        search=("competency__name", "competency__code", "title"),
        search_label=_("Competency or word of the post"),
        filters=(
            Filter("kind", _("gap type"), GapKind.choices, field="competency__kind"),
            Filter("content", _("content block"), Content.choices, field="competency__content"),
        ),
        empty=Empty(_("No post requires anything yet"), _("Say which posts need which level."), icon="hierarchy-2"),
    )
    context = {
        "framework": found,
        "rows": _tree(list(found.competencies.prefetch_related("levels"))),
        "may_edit": may_edit,
        "may_renew": may_renew,
        "may_retire": permissions.may_retire(request.user, found),
    }
    return listing.response("needs/framework.html", context)


def _suited(found: Framework) -> Column:
    """Nobody is said loudly: a rank or category is misspelt, or nobody has such a post."""
    suited = Suited(found.unit)
    return Column(
        "people",
        _("people now"),
        numeric=True,
        value=suited,
        show=lambda line: suited(line) or badge("warn", _("nobody fits")),
    )


def _removal() -> Column:
    return Column(
        "pk", _("deed"), value=lambda one: _("remove"), link=lambda one: page_about("needs:remove_required", one.pk)
    )


def _tree(competencies: list[Competency]) -> list[dict[str, Any]]:
    """Each below the one that it belongs to, with its depth."""
    below: dict[int | None, list[Competency]] = {}
    for one in competencies:
        below.setdefault(one.parent_id, []).append(one)
    found: list[dict[str, Any]] = []
    waiting = [(one, 0) for one in reversed(below.get(None, []))]
    while waiting:
        one, depth = waiting.pop()
        found.append({"competency": one, "depth": min(depth, 3), "is_group": one.pk in below})
        waiting += [(child, depth + 1) for child in reversed(below.get(one.pk, []))]
    return found


def _crumbs(found: Framework) -> list[tuple[Any, str]]:
    return [
        (_("Competency frameworks"), reverse("needs:frameworks")),
        (found.name, reverse("needs:framework", args=[found.pk])),
    ]


def _deed(request: SignedInRequest, found: Framework, form: Any, act: Any, **words: Any) -> HttpResponse:
    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_edit(request.user, found),
        back=reverse("needs:framework", args=[found.pk]),
        crumbs=_crumbs(found),
        **words,
    )


@require_http_methods(["GET", "POST"])
def add_competency(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.framework_for(request.user, pk)
    form = CompetencyForm(found.competencies.all(), request.POST or None)

    def act() -> str:
        actions.save_competency(found, form.facts(), form.behaviours(), by=request.user)
        return reverse("needs:framework", args=[pk])

    return _deed(
        request, found, form, act, title=_("Add a competency"), button=_("Add"), done=_("The competency is kept.")
    )


def _competency_for(user: Account, pk: int) -> Competency:
    seen = Framework.objects.visible_to(user).order_by().values("pk")
    rows = Competency.objects.filter(framework__in=seen).select_related("framework__unit", "parent")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@require_http_methods(["GET", "POST"])
def edit_competency(request: SignedInRequest, pk: int) -> HttpResponse:
    competency = _competency_for(request.user, pk)
    found = competency.framework
    known = {f"level_{one.level}": one.behaviour for one in competency.levels.all()}
    names = ("code", "name", "parent", "kind", "content", "description")
    initial = known | {name: getattr(competency, name) for name in names}
    form = CompetencyForm(found.competencies.exclude(pk=pk), request.POST or None, initial=initial)

    def act() -> str:
        actions.save_competency(found, form.facts(), form.behaviours(), competency=competency, by=request.user)
        return reverse("needs:framework", args=[found.pk])

    return _deed(request, found, form, act, title=competency.name, button=_("Save"), done=_("The competency is kept."))


@require_POST
def remove_competency(request: SignedInRequest, pk: int) -> HttpResponse:
    competency = _competency_for(request.user, pk)
    actions.remove_competency(competency, by=request.user)
    messages.success(request, _("The competency is gone, with all below it."))
    return redirect("needs:framework", competency.framework_id)


@require_http_methods(["GET", "POST"])
def add_required(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.framework_for(request.user, pk)
    form = RequiredForm(found.competencies.filter(children=None), request.POST or None)

    def act() -> str:
        actions.require_level(found, **form.cleaned_data, by=request.user)
        return reverse("needs:framework", args=[pk])

    return _deed(
        request,
        found,
        form,
        act,
        title=_("Say which posts need it"),
        button=_("Add"),
        lead=_("Of several lines that suit a post, the highest level holds."),
        done=_("The post map has a line more."),
    )


@require_http_methods(["GET", "POST"])
def remove_required(request: SignedInRequest, pk: int) -> HttpResponse:
    seen = Framework.objects.visible_to(request.user).order_by().values("pk")
    lines = RequiredLevel.objects.filter(framework__in=seen).select_related("framework__unit", "competency")
    line = lines.filter(pk=pk).first()
    if line is None:
        raise NotFound
    found = line.framework

    def act() -> str:
        actions.remove_required(line, by=request.user)
        return reverse("needs:framework", args=[found.pk])

    return _deed(
        request,
        found,
        forms.Form(request.POST if request.method == "POST" else None),
        act,
        title=_("Remove this line: %(name)s, level %(level)s") % {"name": line.competency.name, "level": line.level},
        button=_("Remove"),
        done=_("The line is gone."),
        danger=True,
    )


@require_POST
def move(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """Publish, retire, drop, or begin the next version."""
    found = queries.framework_for(request.user, pk)
    if deed == "publish":
        actions.publish_framework(found, by=request.user)
        messages.success(request, _("The framework is published: surveys can ask by it, and it never changes."))
    elif deed == "retire":
        actions.retire_framework(found, by=request.user)
        messages.success(request, _("The framework is retired."))
    elif deed == "renew":
        return redirect("needs:framework", actions.begin_version(found, by=request.user).pk)
    elif deed == "drop":
        actions.drop_framework(found, by=request.user)
        messages.success(request, _("The draft is gone."))
        return redirect("needs:frameworks")
    else:
        raise NotFound
    return redirect("needs:framework", pk)
