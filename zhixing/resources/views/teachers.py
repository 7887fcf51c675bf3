"""Pages of teachers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.base.templatetags.pages import badge, hours
from zhixing.people.models import Account
from zhixing.people.views.accounts import new_account_page
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest
from zhixing.resources import actions, permissions, queries
from zhixing.resources.forms.teachers import TeacherAccountForm, TeacherForm
from zhixing.resources.models import Bank, Teacher
from zhixing.resources.queries.banks import may_read
from zhixing.resources.used import with_hours, with_uses

deed = require_http_methods(["GET", "POST"])


def teacher_url(teacher: Teacher) -> str:
    return page_about("resources:teacher", teacher.pk)


@require_GET
def teachers(request: SignedInRequest) -> HttpResponse:
    """The teachers in scope, the retired ones too."""
    user = request.user
    if not may_read(user):
        raise NotFound
    may_add = permissions.may_keep(user, user.scope_unit)
    listing = Listing(
        request,
        with_hours(queries.teachers_for(user), timezone.localdate().year).prefetch_related("listed_topics"),
        (
            Column("name", _("Name"), sort="name", link=teacher_url),
            Column("get_group_display", _("teacher group"), sort="group"),
            Column("institution", _("kept by"), sort="institution__path", value=kept_by),
            Column("listed_topics", _("topics"), value=_topics, long=True),
            Column(
                "taught",
                _("hours this year"),
                sort="taught",
                numeric=True,
                value=_taught,
                show=lambda t: hours(t.taught),
            ),
            Column("get_fee_class_display", _("fee class"), sort="fee_class"),
            Column("contact", _("contact details"), long=True),
            Column("account__username", _("account"), sort="account__username"),
            Column("state", _("state"), sort="retired_on", value=_state, show=_state_badge),
        ),
        name="teachers",
        label=_("Teachers"),
        search=("name", "topics", "institution__name"),
        search_label=_("Name, topic or institution"),
        filters=(
            Filter("group", _("teacher group"), Teacher.Group.choices),
            Filter("state", _("state"), (("active", _("in the register")), ("retired", _("retired"))), apply=_in_state),
        ),
        export=excel,
        empty=Empty(
            _("No teachers yet"),
            _("Enter the teachers, so that sessions can name them.") if may_add else "",
            reverse("resources:add_teacher") if may_add else "",
            _("Enter a teacher") if may_add else "",
            "chalkboard",
        ),
    )
    return listing.response("resources/teachers.html", {"may_add": may_add})


def _topics(teacher: Teacher) -> str:
    """Those of the vocabulary, else the words as written."""
    return "、".join(one.name for one in teacher.listed_topics.all()) or teacher.topics


def _taught(teacher: Any) -> float:
    return int(teacher.taught) / 10


def kept_by(teacher: Teacher) -> str:
    return str(teacher.institution) if teacher.institution else _("the city")


def _in_state(rows: QuerySet[Teacher], chosen: str) -> QuerySet[Teacher]:
    return rows.filter(retired_on__isnull=chosen == "active")


def _state(teacher: Teacher) -> str:
    return _("retired") if teacher.retired_on else _("in the register")


def _state_badge(teacher: Teacher) -> str:
    return badge("quiet" if teacher.retired_on else "good", _state(teacher))


@require_GET
def teacher(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.teacher_for(request.user, pk)
    facts = [
        (_("teacher group"), found.get_group_display()),
        (_("kept by"), kept_by(found)),
        (_("topics of the vocabulary"), "、".join(one.name for one in found.listed_topics.all()) or None),
        (_("topics"), found.topics or None),
        (_("for levels"), found.level_labels or None),
        (_("fee class"), found.get_fee_class_display() or None),
        (_("chosen for"), found.chosen_for or None),
        (_("hours this year"), _load(pk)),
        (_("contact details"), found.contact or None),
        (_("account"), found.account.username if found.account else _("none yet: the teacher cannot sign in")),
        (_("retired on"), found.retired_on),
    ]
    context = {
        "teacher": found,
        "facts": facts if found.retired_on else facts[:-1],
        "state_badge": _state_badge(found),
        "may_change": permissions.may_change(request.user, found),
        "may_open_account": permissions.may_open_account(request.user, found),
    }
    return render(request, "resources/teacher.html", context)


def _load(pk: int) -> str:
    """What the teacher teaches this year; it stands alone and beside nobody else's."""
    year = timezone.localdate().year
    found: Any = with_uses(with_hours(Teacher.objects.filter(pk=pk), year), Bank.TEACHERS, year).get()
    words = {"hours": hours(found.taught), "n": found.uses}
    return ngettext("%(hours)s hours in %(n)s session", "%(hours)s hours in %(n)s sessions", found.uses) % words


@deed
def edit(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """Enter a teacher, or change one."""
    user = request.user
    found = queries.teacher_for(user, pk) if pk else None
    new = {"institution": user.scope_unit_id if user.is_school else None}
    initial: dict[str, Any] = {name: getattr(found, name) for name in TeacherForm.base_fields} if found else new
    if found:
        initial["listed_topics"] = found.listed_topics.all()
    form = TeacherForm(request.POST or None, user=user, teacher=found, initial=initial)

    def act() -> str:
        return teacher_url(actions.save_teacher(form.cleaned_data, by=user, teacher=found))

    url = reverse("resources:teachers")
    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_change(user, found) if found else permissions.may_keep(user, user.scope_unit),
        title=_("Edit the teacher") if found else _("Enter a teacher"),
        button=_("Save"),
        back=teacher_url(found) if found else url,
        crumbs=[(_("Teachers"), url), *([(found.name, teacher_url(found))] if found else [])],
        done=_("The teacher is kept."),
    )


@never_cache
@deed
def open_account(request: SignedInRequest, pk: int) -> HttpResponse:
    """Make the teacher's account; the one-time password is shown once."""
    found = queries.teacher_for(request.user, pk)
    permissions.may_open_account(request.user, found).require()
    form = TeacherAccountForm(request.POST or None)

    def make() -> tuple[Account, str]:
        return actions.open_account(found, **form.cleaned_data, by=request.user)

    back = teacher_url(found)
    crumbs = [(_("Teachers"), reverse("resources:teachers")), (found.name, back)]
    return new_account_page(request, form, make, back=back, crumbs=crumbs)


@require_POST
def retire(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.teacher_for(request.user, pk)
    actions.retire_teacher(found, by=request.user)
    messages.success(request, _("%(name)s is retired: no session can name this teacher any more.") % {"name": found})
    return redirect(teacher_url(found))


@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    found = queries.teacher_for(request.user, pk)
    actions.take_teacher_back(found, by=request.user)
    messages.success(request, _("Sessions can name %(name)s again.") % {"name": found})
    return redirect(teacher_url(found))
