"""Pages of indicator systems: the list, one version with its tree and what it changed, the draft, publishing."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.columns import state_column
from zhixing.base.listing import Column, Empty, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Conflict, NotFound
from zhixing.engine.indicators import Absent, Object, changes_between
from zhixing.engine.indicators.facts import facts_of
from zhixing.evaluations import actions, permissions, rules, system_editing, system_words
from zhixing.evaluations.forms import PublishForm
from zhixing.evaluations.models import IndicatorSystem, SystemVersion
from zhixing.evaluations.views.editions import edition_of
from zhixing.people.models import Account
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest

deed = require_http_methods(["GET", "POST"])
State = SystemVersion.State


def version_url(version: SystemVersion) -> str:
    return page_about("evaluations:system", version.pk)


def _versions(user: Account) -> QuerySet[SystemVersion]:
    """A school sees no drafts."""
    rows = SystemVersion.objects.filter(system__in=IndicatorSystem.objects.visible_to(user).order_by())
    rows = rows.filter(state=State.PUBLISHED) if user.is_school else rows
    return rows.select_related("system__unit")


def _found(request: SignedInRequest, pk: int) -> SystemVersion:
    found = _versions(request.user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@require_GET
def systems(request: SignedInRequest) -> HttpResponse:
    user = request.user
    may_make = permissions.may_make_systems(user)
    listing = Listing(
        request,
        _versions(user),
        (
            Column("system__title", _("indicator system"), sort="system__title", link=version_url),
            Column("number", _("version"), sort="number", value=lambda one: f"v{one.number}"),
            Column("of", _("what is assessed"), sort="system__of", value=lambda one: one.system.get_of_display()),
            Column("system__unit__name", _("made by"), sort="system__unit__path"),
            Column("published_at", _("published at"), sort="published_at"),
            state_column(_("state")),
        ),
        name="systems",
        label=_("Indicator systems"),
        search=("system__title",),
        empty=Empty(
            _("No indicator system yet"),
            _("Take one that comes with the product, change its weights, and publish it.") if may_make else "",
            icon="hierarchy-2",
        ),
    )
    offered = [(name, one.title, one.root.points) for name, (_document, one) in rules.systems().items()]
    return listing.response("evaluations/systems.html", {"may_make": may_make, "offered": offered if may_make else []})


@require_POST
def take_system(request: SignedInRequest, name: str) -> HttpResponse:
    """A new system from one that comes with the product."""
    offered = rules.systems().get(name)
    if offered is None:
        raise NotFound
    version = actions.create_system(offered[0], by=request.user)
    messages.success(request, _("A draft of your own is there: change what is not right for you, then publish it."))
    return redirect(version_url(version))


@require_GET
def system(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _found(request, pk)
    user = request.user
    lacks = system_words.lacks_of(version.document)
    tree = None if lacks else version.tree
    before = version.system.versions.filter(state=State.PUBLISHED, number__lt=version.number).first()
    changes = changes_between(before.tree, tree) if before and tree else ()
    context = {
        "version": version,
        "tree": tree,
        "rows": [(row, system_words.source_words(row)) for row in system_editing.rows_of(version.document)],
        "faults": lacks,
        "before": before,
        "changes": [system_words.change_sentence(one) for one in changes],
        "versions": _versions(user).filter(system=version.system),
        "publisher": Account.objects.filter(pk=version.published_by_id).first(),
        "is_draft": version.state == State.DRAFT,
        "may_edit": permissions.may_edit_draft(user, version),
        "may_begin": permissions.may_edit_whole(user, version.system),
    }
    return render(request, "evaluations/system.html", context)


@deed
def edit_system(request: SignedInRequest, pk: int) -> HttpResponse:
    """All parts of the draft on one page; a part is added or taken out with the rest of what was typed kept."""
    version = _found(request, pk)
    permissions.may_edit_draft(request.user, version).require()
    document, status, problem = version.document, 200, ""
    if request.method == "POST":
        given = request.POST.dict()
        document = system_editing.changed(document, {key: str(value) for key, value in given.items()})
        try:
            actions.save_system_draft(version, document, edition=edition_of(request), by=request.user)
        except Conflict as conflict:
            status, problem = 409, str(conflict.message)
            document = SystemVersion.objects.get(pk=version.pk).document
        else:
            messages.success(request, _("The draft is kept."))
            return redirect("evaluations:edit_system" if "add" in given else "evaluations:system", version.pk)
    known = facts_of(Object(version.system.of))
    context = {
        "version": SystemVersion.objects.select_related("system").get(pk=version.pk),
        "head": document["system"],
        "rows": system_editing.rows_of(document),
        "facts": [(str(fact), words) for fact, words in system_words.FACT_WORDS.items() if fact in known],
        "absent": (
            (str(Absent.ZERO), _("no points")),
            (str(Absent.LEFT_OUT), _("left out, its points go to its neighbours")),
        ),
        "faults": system_words.lacks_of(document),
        "problem": problem,
    }
    return render(request, "evaluations/edit_system.html", context, status=status)


@require_POST
def begin_system_draft(request: SignedInRequest, pk: int) -> HttpResponse:
    draft = actions.begin_system_draft(_found(request, pk), by=request.user)
    return redirect("evaluations:edit_system", draft.pk)


@require_POST
def drop_system_draft(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _found(request, pk)
    actions.drop_system_draft(version, by=request.user)
    messages.success(request, _("The draft is thrown away."))
    return redirect("evaluations:systems")


@deed
def publish_system(request: SignedInRequest, pk: int) -> HttpResponse:
    version = _found(request, pk)
    form = PublishForm(request.POST or None, initial={"edition": version.edition})

    def act() -> str:
        actions.publish_system(version, **form.cleaned_data, by=request.user)
        return version_url(version)

    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_edit_draft(request.user, version),
        title=_("Publish this version"),
        button=_("Publish"),
        lead=_("From now on it never changes: another weighting is another version, with its reason."),
        back=version_url(version),
        crumbs=[
            (_("Indicator systems"), reverse("evaluations:systems")),
            (version.system.title, version_url(version)),
        ],
        done=_("The version is published."),
    )
