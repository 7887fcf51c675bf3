"""Pages of the vocabulary, and the map of what the banks cover of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest
from zhixing.resources import actions, permissions
from zhixing.resources.forms.banks import TopicForm
from zhixing.resources.models import Topic
from zhixing.resources.queries.banks import Covered, coverage_for, may_read
from zhixing.resources.queries.links import Links
from zhixing.resources.views.shelves import WAYS, item_url, way_badge

deed = require_http_methods(["GET", "POST"])


@require_GET
def topics(request: SignedInRequest) -> HttpResponse:
    if not may_read(request.user):
        raise NotFound
    may_keep = permissions.may_keep_topics(request.user)
    links = Links.as_they_stand()
    told = links.told
    listing = Listing(
        request,
        Topic.objects.all(),
        (
            Column(
                "name",
                _("topic"),
                sort="name",
                link=(lambda t: page_about("resources:edit_topic", t.pk)) if may_keep else None,
            ),
            Column("get_gap_display", _("kind of gap"), sort="gap"),
            Column("competencies", _("competencies"), value=lambda t: "、".join(told.named(t.competencies)), long=True),
            Column("stated_in", _("need stated in"), long=True),
            Column(
                "need",
                _("need"),
                value=lambda t: _way_of(links, t),
                show=lambda t: way_badge(links.topics.get(t.pk)),
            ),
            Column("state", _("state"), sort="retired_on", value=_state, show=_state_badge),
        ),
        name="topics",
        label=_("Vocabulary of topics"),
        search=("name", "stated_in"),
        filters=(
            Filter("gap", _("kind of gap"), Topic.Gap.choices),
            Filter(
                "state",
                _("state"),
                (("active", _("in use")), ("retired", _("retired"))),
                apply=lambda rows, chosen: rows.filter(retired_on__isnull=chosen == "active"),
            ),
            Filter(
                "need",
                _("need"),
                (("yes", _("stated")), ("no", _("not stated"))),
                apply=lambda rows, chosen: _needed(rows, chosen, links),
            ),
        ),
        export=excel,
        empty=Empty(
            _("No topics yet"),
            _("The words by which courses, teachers and needs find each other."),
            reverse("resources:add_topic") if may_keep else "",
            _("Enter a topic") if may_keep else "",
            "list-check",
        ),
    )
    return listing.response("resources/topics.html", {"may_keep": may_keep})


def _needed(rows: QuerySet[Any], chosen: str, links: Links) -> QuerySet[Any]:
    return rows.filter(pk__in=list(links.topics)) if chosen == "yes" else rows.exclude(pk__in=list(links.topics))


def _way_of(links: Links, topic: Topic) -> str:
    way = links.topics.get(topic.pk)
    return str(WAYS[way][1]) if way else _("no need stated")


def _state(topic: Topic) -> str:
    return _("retired") if topic.retired_on else _("in use")


def _state_badge(topic: Topic) -> str:
    return badge("quiet" if topic.retired_on else "good", _state(topic))


@deed
def edit_topic(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    permissions.may_keep_topics(request.user).require()
    found = get_object_or_404(Topic, pk=pk) if pk else None
    form: Any = TopicForm(request.POST or None, instance=found)
    url = reverse("resources:topics")

    def act() -> str:
        actions.save_topic(form.cleaned_data, by=request.user, topic=Topic.objects.get(pk=pk) if pk else None)
        return url

    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_keep_topics(request.user),
        title=_("Edit the topic") if found else _("Enter a topic"),
        button=_("Save"),
        back=url,
        crumbs=[(_("Resource banks"), reverse("resources:banks")), (_("Vocabulary of topics"), url)],
        done=_("The topic is kept."),
        template="resources/topic.html",
        more={"topic": found},
    )


@require_POST
def retire_topic(request: SignedInRequest, pk: int) -> HttpResponse:
    permissions.may_keep_topics(request.user).require()
    found = get_object_or_404(Topic, pk=pk)
    actions.retire_topic(found, by=request.user)
    messages.success(request, _("“%(topic)s” is retired: it can be chosen no more.") % {"topic": found})
    return redirect("resources:edit_topic", pk)


@require_POST
def take_topic_back(request: SignedInRequest, pk: int) -> HttpResponse:
    permissions.may_keep_topics(request.user).require()
    found = get_object_or_404(Topic, pk=pk)
    actions.take_topic_back(found, by=request.user)
    messages.success(request, _("“%(topic)s” can be chosen again.") % {"topic": found})
    return redirect("resources:edit_topic", pk)


@require_GET
def coverage(request: SignedInRequest) -> HttpResponse:
    """Needs without a course, topics without a teacher, courses without a need."""
    user = request.user
    if not may_read(user) or user.is_teacher:
        raise NotFound
    found = coverage_for(user)
    if request.GET.get("export") == "coverage":
        headings = [
            _("topic"), _("kind of gap"), _("need"), _("competencies"), _("need stated in"), _("courses"), _("teachers"), _("cases"), _("sites"), _("chapters"),
        ]  # fmt: skip
        return excel("coverage", headings, map(_cells, found.topics))
    context = {
        "coverage": found,
        "rows": [(one, way_badge(one.way)) for one in found.topics],
        "needless": [(one, item_url("courses", one.pk), "、".join(names)) for one, names in found.needless],
        "may_keep": permissions.may_keep_topics(user),
    }
    return render(request, "resources/coverage.html", context)


def _cells(one: Covered) -> list[object]:
    topic = one.topic
    way = str(WAYS[one.way][1]) if one.way else _("no need stated")
    words = [topic.name, str(topic.get_gap_display()), way, "、".join(one.names), topic.stated_in]
    return [*words, one.courses, one.teachers, one.cases, one.sites, one.chapters]
