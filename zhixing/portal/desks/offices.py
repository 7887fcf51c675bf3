"""Desks of the people who run the training: department, school, liaison, auditor."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhixing.attendance.models import Appeal, Leave, LeaveStep, Register, Withdrawal
from zhixing.base.markup import page_about
from zhixing.callups.models import Callup, CallupRun, MakeUp, Reply
from zhixing.callups.queries import in_question
from zhixing.evaluations.queries import closing_soon, waiting_for
from zhixing.obligations.models import EntryAppeal, Standing
from zhixing.obligations.queries.board import Board, board_for
from zhixing.people.models import Account, Person, RecordReading, RosterImport
from zhixing.plans.models import ClassRun
from zhixing.portal import deeds
from zhixing.portal.desks.desk import Deed, Desk, Figure, Group, Line
from zhixing.portal.desks.planned import plans_waiting, short_class_runs

SOON = dt.timedelta(days=21)


def state_figures(counts: dict[str, int]) -> list[Figure]:
    """One tile per state, each opening to its people."""
    people = reverse("obligations:standing_list")
    tones = {Standing.State.OVERDUE: "bad", Standing.State.SHORT: "warn", Standing.State.MET: "good"}
    states = (Standing.State.OVERDUE, Standing.State.SHORT, Standing.State.ON_TRACK, Standing.State.MET)
    return [Figure(counts.get(s, 0), s.label, f"{people}?worst={s.value}", tones.get(s, "")) for s in states]


def class_run_lines(rows: QuerySet[ClassRun]) -> list[Line]:
    return [
        Line(
            when=f"{c.starts_on:%m-%d}",
            title=c.name,
            url=page_about("plans:class_run", c.pk),
            note=_("%(seats)s seats") % {"seats": c.seats_max},
            state=c.state,
            state_label=c.get_state_display(),
        )
        for c in rows
    ]


def _in_question(user: Account) -> Figure:
    """Called people who left or moved since."""
    count = in_question(user).count()
    return Figure(count, _("call-ups in question"), f"{reverse('callups:replies')}?face=changed", "warn")


def own_questionnaires(user: Account) -> Figure:
    """Questionnaires that wait for the own answer, or to be passed on."""
    count = waiting_for(user, timezone.now()).count()
    return Figure(count, _("questionnaires to fill in"), reverse("evaluations:mine"), "warn")


def _open_surveys(user: Account) -> Group:
    """The next to close, with how many have answered; nobody's name."""
    rows = closing_soon(user, timezone.now())[:6]
    lines = [
        Line(
            f"{one.closes_at:%m-%d}",
            one.about,
            page_about("evaluations:survey", one.pk),
            one.version.form.title if one.is_small else f"{one.version.form.title} · {one.answered} / {one.invited}",
        )
        for one in rows
    ]
    return Group(_("Surveys that close next"), lines, _("No survey is open."), reverse("evaluations:surveys"))


def register_lines(rows: QuerySet[Register]) -> list[Line]:
    return [
        Line(
            when=f"{r.session.on:%m-%d} {r.session.begins_at:%H:%M}",
            title=r.session.title,
            url=page_about("attendance:register", r.pk),
            note=r.session.class_run.name,
            state=r.state,
            state_label=r.get_state_display(),
        )
        for r in rows
    ]


def due_registers(user: Account) -> QuerySet[Register]:
    """Open registers up to today, the latest first."""
    rows = Register.objects.visible_to(user).filter(state=Register.State.OPEN, session__on__lte=timezone.localdate())
    return rows.select_related("session__class_run").order_by("-session__on", "-session__begins_at")


def behind_sentence(board: Board) -> str:
    """The one sentence: how many will be overdue at the end of the year if nothing is done."""
    sentence = ngettext(
        "If nothing is done, %(n)s person will be overdue on 31 December %(year)s",
        "If nothing is done, %(n)s people will be overdue on 31 December %(year)s",
        board.due,
    )
    return sentence % {"n": f"{board.due:,}", "year": (board.on or timezone.localdate()).year}


def department_desk(user: Account) -> Desk:
    today = timezone.localdate()
    board = board_for(user, {})
    runs = ClassRun.objects.visible_to(user)
    coming = runs.filter(starts_on__gte=today, state__in=(ClassRun.State.OPEN, ClassRun.State.CALLED)).order_by(
        "starts_on"
    )
    proposed = CallupRun.objects.visible_to(user).filter(state=CallupRun.State.PROPOSED)
    replies = Reply.objects.visible_to(user).filter(decision=Reply.Decision.PENDING)
    steps = LeaveStep.objects.filter(
        leave__in=Leave.objects.visible_to(user).filter(state=Leave.State.ASKED),
        decision=LeaveStep.Decision.WAITING,
        approver="department",
    )
    return Desk(
        behind_sentence(board),
        deeds=(
            Deed(_("Start a call-up"), reverse("callups:runs"), "target-arrow", primary=True),
            Deed(_("Import a roster"), reverse("people:imports"), "file-import"),
        ),
        waiting=(
            Figure(replies.count(), _("replies to decide"), reverse("callups:replies"), "warn"),
            Figure(proposed.count(), _("proposals to publish"), reverse("callups:runs"), "warn"),
            *plans_waiting(user),
            *short_class_runs(user, today),
            _in_question(user),
            Figure(
                steps.values("leave").distinct().count(), _("requests for leave"), reverse("attendance:leaves"), "warn"
            ),
            Figure(
                Withdrawal.objects.visible_to(user).filter(state=Withdrawal.State.PROPOSED).count(),
                _("withdrawals to decide"),
                reverse("attendance:withdrawals"),
                "warn",
            ),
            Figure(
                Appeal.objects.visible_to(user).filter(state=Appeal.State.OPEN).count(),
                _("appeals to decide"),
                reverse("attendance:appeals"),
                "warn",
            ),
            Figure(
                EntryAppeal.objects.visible_to(user).filter(state=EntryAppeal.State.OPEN).count(),
                _("appeals about hours"),
                reverse("obligations:entry_appeals"),
                "warn",
            ),
            Figure(
                RosterImport.objects.visible_to(user).filter(state=RosterImport.State.READ).count(),
                _("rosters to apply"),
                reverse("people:imports"),
                "warn",
            ),
            Figure(
                MakeUp.objects.visible_to(user).filter(state=MakeUp.State.OPEN).count(),
                _("open make-ups"),
                reverse("callups:make_ups"),
                "info",
            ),
        ),
        figures=state_figures(board.states),
        groups=(
            Group(
                _("Class runs of the next weeks"),
                class_run_lines(coming.filter(starts_on__lte=today + SOON)[:8]),
                _("No class run begins in the next three weeks."),
                reverse("plans:class_runs"),
            ),
            _open_surveys(user),
        ),
    )


def school_desk(user: Account) -> Desk:
    today = timezone.localdate()
    due = due_registers(user)
    held = ClassRun.objects.in_charge(user)
    now = held.filter(starts_on__lte=today + SOON, ends_on__gte=today).order_by("starts_on")
    open_count = due.count()
    leaves = Leave.objects.filter(state=Leave.State.ASKED, callup__in=Callup.objects.visible_to(user))
    sentence = ngettext("%(n)s register is open", "%(n)s registers are open", open_count) % {"n": open_count}
    return Desk(
        sentence if open_count else _("Every register is closed"),
        deeds=(Deed(_("Registers"), reverse("attendance:registers"), "checklist", primary=True),),
        waiting=(
            Figure(leaves.count(), _("requests for leave"), reverse("attendance:leaves"), "warn"),
            own_questionnaires(user),
        ),
        groups=(
            Group(_("Open registers"), register_lines(due[:8]), _("Nothing is open."), reverse("attendance:registers")),
            Group(
                _("Class runs now and soon"),
                class_run_lines(now[:8]),
                _("No class run now or soon."),
                reverse("plans:class_runs"),
            ),
            _open_surveys(user),
        ),
    )


def liaison_desk(user: Account) -> Desk:
    waiting = Callup.objects.visible_to(user).filter(state=Callup.State.SENT)
    count = waiting.count()
    rows = waiting.select_related("person", "class_run").order_by("reply_by")[:8]
    lines = [
        Line(
            f"{c.reply_by:%m-%d}" if c.reply_by else "",
            c.person.name,
            page_about("callups:callup", c.pk),
            c.class_run.name,
            c.state,
            c.get_state_display(),
        )
        for c in rows
    ]
    make_ups = MakeUp.objects.visible_to(user).filter(state=MakeUp.State.OPEN)
    sentence = ngettext("%(n)s person waits for your reply", "%(n)s people wait for your reply", count) % {"n": count}
    return Desk(
        sentence if count else _("No reply is due"),
        deeds=(Deed(_("Reply"), reverse("callups:replies"), "inbox", primary=True),),
        waiting=(
            _in_question(user),
            Figure(make_ups.count(), _("open make-ups"), reverse("callups:make_ups"), "info"),
            own_questionnaires(user),
        ),
        figures=state_figures(board_for(user, {}).states),
        groups=(
            Group(
                _("Called people of your unit"),
                lines,
                _("Nobody of your unit is called at the moment."),
                reverse("callups:replies"),
            ),
        ),
    )


def auditor_desk(user: Account) -> Desk:
    week = timezone.now() - dt.timedelta(days=7)
    people = Person.objects.visible_to(user)
    done = deeds.visible_to(user).filter(at__gte=week)
    count = done.count()
    top = done.order_by().values_list("action").annotate(n=Count("pk")).order_by("-n")[:8]
    trail = reverse("portal:trail")
    sentence = ngettext("%(n)s deed in the last seven days", "%(n)s deeds in the last seven days", count) % {
        "n": f"{count:,}"
    }
    return Desk(
        sentence,
        deeds=(Deed(_("Open the audit trail"), trail, "history", primary=True),),
        figures=(
            Figure(
                RecordReading.objects.filter(at__gte=week, person__in=people).count(),
                _("readings of personal records"),
                reverse("archive:records"),
            ),
            Figure(
                Standing.objects.visible_to(user)
                .filter(state=Standing.State.OVERDUE)
                .values("person")
                .distinct()
                .count(),
                _("people overdue"),
                f"{reverse('obligations:standing_list')}?state=overdue",
            ),
            Figure(
                Appeal.objects.visible_to(user).filter(state=Appeal.State.OPEN).count(),
                _("appeals to decide"),
                reverse("attendance:appeals"),
            ),
        ),
        groups=(
            Group(
                _("What was done most"),
                [Line(f"{n:,}", deeds.name(action), f"{trail}?action={action}") for action, n in top],
                _("Nothing was done."),
                trail,
            ),
            _open_surveys(user),
        ),
    )
