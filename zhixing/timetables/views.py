"""The timetable of a class run, and the sessions of a teacher."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.db.models import Case, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhixing.base.columns import hours_column
from zhixing.base.exports import excel
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import NotFound
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun
from zhixing.plans.queries import class_run_for
from zhixing.resources.queries import teacher_for, teacher_of
from zhixing.timetables import actions, permissions
from zhixing.timetables.forms import SessionForm
from zhixing.timetables.models import Session
from zhixing.timetables.queries import sessions_taught


@require_GET
def sessions(request: SignedInRequest, pk: int) -> HttpResponse:
    class_run = class_run_for(request.user, pk)
    rows = list(class_run.sessions.select_related("teacher"))
    return render(
        request,
        "timetables/sessions.html",
        {
            "class_run": class_run,
            "days": [(day, list(group)) for day, group in groupby(rows, key=lambda s: s.on)],
            "sessions": rows,
            "tenths": sum(s.tenths for s in rows),
            "may_schedule": permissions.may_schedule(request.user, class_run),
        },
    )


@require_GET
def taught(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """The sessions that name one teacher; without ``pk`` the signed-in one. An account that is nobody's yet has none."""
    teacher = teacher_for(request.user, pk) if pk else teacher_of(request.user)
    if pk is None and not request.user.is_teacher:
        raise NotFound
    today = timezone.localdate()
    rows = sessions_taught(request.user, teacher) if teacher else Session.objects.none()
    rows = rows.order_by(
        Case(When(on__gte=today, then=0), default=1), "on", "begins_at"
    )  # what is to come stands first
    listing = Listing(
        request,
        rows,
        (
            Column("on", _("day"), sort=("on", "begins_at")),
            Column("time", _("time"), value=_time),
            Column("title", _("title of the session"), sort="title", long=True),
            Column(
                "class_run__name",
                _("class run"),
                sort="class_run__name",
                long=True,
                link=lambda s: page_about("timetables:sessions", s.class_run_id),
            ),
            Column("get_method_display", _("method")),
            Column("venue", _("venue"), value=lambda s: s.venue or s.class_run.place),
            hours_column("tenths", _("hours"), sort="tenths"),
        ),
        name="sessions",
        label=_("Sessions taught"),
        search=("title", "class_run__name", "venue"),
        search_label=_("Title, class run or venue"),
        filters=(
            Filter(
                "when",
                _("when"),
                (("coming", _("to come")), ("past", _("past"))),
                apply=lambda found, chosen: (
                    found.filter(on__gte=today) if chosen == "coming" else found.filter(on__lt=today)
                ),
            ),
        ),
        export=excel,
        empty=Empty(
            _("No sessions yet"),
            _("A session appears here as soon as a timetable names the teacher.")
            if teacher
            else _("Your account is not linked to a teacher yet: ask the department or your institution."),
            icon="calendar",
        ),
    )
    return listing.response(
        "timetables/taught.html", {"teacher": teacher, "coming": rows.filter(on__gte=today).count()}
    )


def _time(session: Session) -> str:
    return f"{session.get_half_display()} {session.begins_at:%H:%M}–{session.ends_at:%H:%M}"


@require_POST
def lay_out(request: SignedInRequest, pk: int) -> HttpResponse:
    class_run = class_run_for(request.user, pk)
    made = actions.lay_out_sessions(class_run, by=request.user)
    messages.success(request, _("%(made)s half days are laid out.") % {"made": made})
    return redirect("timetables:sessions", pk)


def edit(request: SignedInRequest, pk: int, session_pk: int | None = None) -> HttpResponse:
    """Add a session, or change or remove one."""
    class_run = class_run_for(request.user, pk)
    permissions.may_schedule(request.user, class_run).require()
    session = _session(class_run, session_pk) if session_pk else None
    initial = {} if session else {"on": class_run.starts_on}
    form = SessionForm(request.POST or None, instance=session, initial=initial, user=request.user)
    if request.method == "POST" and form.is_valid():
        fresh = _session(class_run, session_pk) if session_pk else None
        actions.save_session(class_run, form.facts(), by=request.user, session=fresh)
        messages.success(request, _("The session is kept."))
        return redirect("timetables:sessions", pk)
    context = {"form": form, "class_run": class_run, "session": session}
    return render(request, "timetables/edit.html", context, status=422 if form.errors else 200)


@require_POST
def delete(request: SignedInRequest, pk: int, session_pk: int) -> HttpResponse:
    class_run = class_run_for(request.user, pk)
    actions.delete_session(_session(class_run, session_pk), by=request.user)
    messages.success(request, _("The session is removed."))
    return redirect("timetables:sessions", pk)


def _session(class_run: ClassRun, pk: int) -> Session:
    found = class_run.sessions.select_related("class_run").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
