"""Desks of those who learn and teach."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhixing.base.markup import page_about
from zhixing.base.models import Notice
from zhixing.base.templatetags.pages import hours
from zhixing.callups.models import Callup, OutsideCallup
from zhixing.callups.queries import rules_owed
from zhixing.evaluations.queries import surveys_seen_by, waiting_for
from zhixing.obligations.models import Standing
from zhixing.obligations.queries.policies import policy_in_force, rule_titles
from zhixing.people.models import Account
from zhixing.portal.desks.desk import Deed, Desk, Group, Line
from zhixing.portal.desks.offices import due_registers, own_questionnaires, register_lines
from zhixing.resources.queries import teacher_of
from zhixing.timetables.models import Session
from zhixing.timetables.queries import sessions_taught

LIVE = (Callup.State.SENT, Callup.State.ASKED, Callup.State.ACCEPTED)


def trainee_desk(user: Account) -> Desk:
    callups = (
        Callup.objects.visible_to(user)
        .filter(state__in=LIVE)
        .select_related("class_run")
        .order_by("class_run__starts_on")
    )
    live = [c for c in callups if c.class_run.ends_on >= timezone.localdate()]
    due = next((c for c in live if c.state == Callup.State.SENT), None)
    standings = list(Standing.objects.visible_to(user).order_by("rule"))
    titles = rule_titles(policy_in_force(timezone.localdate()))
    if due:
        deed = Deed(_("Reply"), reverse("callups:mine"), "send", primary=True)
        answer = _("You are called to “%(name)s”: please reply by %(day)s") % {
            "name": due.class_run.name,
            "day": due.reply_by,
        }
    elif owed := rules_owed(user).first():
        deed = Deed(_("Read the class rules"), reverse("callups:rules", args=[owed.pk]), "checklist", primary=True)
        answer = _("Please read and acknowledge the rules of “%(name)s”") % {"name": owed.class_run.name}
    elif count := waiting_for(user, timezone.now()).count():
        deed = Deed(_("Fill in"), reverse("evaluations:mine"), "pencil", primary=True)
        answer = questionnaires_sentence(count)
    else:
        deed = Deed(_("My training record"), reverse("archive:mine"), "archive", primary=True)
        answer = missing_sentence(standings)
    return Desk(
        answer,
        deeds=(deed,),
        groups=(
            Group(
                _("My call-ups"),
                [*(_callup_line(c) for c in live), *_called_by_others(user)],
                _("You are not called at the moment."),
                reverse("callups:mine"),
            ),
            Group(
                _("My hours"),
                [_standing_line(s, titles) for s in standings],
                _("No rule asks hours of you."),
                reverse("obligations:mine"),
            ),
            Group(_("My next sessions"), _sessions(live), _("No session is coming."), reverse("attendance:mine")),
            Group(_("Latest notices"), _notices(user), _("No notices."), reverse("base:notices")),
        ),
    )


def questionnaires_sentence(count: int) -> str:
    """How many questionnaires wait to be filled in."""
    text = ngettext("%(n)s questionnaire waits for your answer", "%(n)s questionnaires wait for your answer", count)
    return text % {"n": count}


def missing_sentence(standings: list[Standing]) -> str:
    """How many hours are still owed, or that nothing is."""
    missing = max((s.missing_tenths for s in standings), default=0)
    if missing:
        return _("You still need %(hours)s hours") % {"hours": hours(missing)}
    return _("You owe no hours") if standings else _("No rule asks hours of you")


def _callup_line(callup: Callup) -> Line:
    run = callup.class_run
    return Line(
        f"{run.starts_on:%m-%d}",
        run.name,
        page_about("callups:callup", callup.pk),
        run.place,
        callup.state,
        callup.get_state_display(),
    )


def _called_by_others(user: Account) -> list[Line]:
    """What other authorities call the person to, until it is over."""
    rows = OutsideCallup.objects.of_person(user).standing().filter(ends_on__gte=timezone.localdate())
    url = reverse("callups:mine")
    return [Line(f"{one.starts_on:%m-%d}", one.class_name, url, one.caller) for one in rows.order_by("starts_on")]


def _standing_line(standing: Standing, titles: Mapping[str, str]) -> Line:
    note = _("%(counted)s of %(required)s hours, until %(day)s") % {
        "counted": hours(standing.counted_tenths),
        "required": hours(standing.required_tenths),
        "day": standing.window_closes,
    }
    return Line(
        "",
        titles.get(standing.rule, standing.rule),
        reverse("obligations:mine"),
        note,
        standing.state,
        standing.get_state_display(),
    )


def _sessions(live: list[Callup]) -> list[Line]:
    called = [c.class_run_id for c in live if c.seat]
    rows = Session.objects.filter(class_run__in=called, on__gte=timezone.localdate()).select_related("class_run")[:4]
    return [Line(f"{s.on:%m-%d} {s.begins_at:%H:%M}", s.title, "", s.venue or s.class_run.place) for s in rows]


def _notices(user: Account) -> list[Line]:
    rows = Notice.objects.filter(recipient_id=user.pk)[:4]
    return [
        Line(
            f"{n.created_at:%m-%d}",
            n.title,
            page_about("base:notice", n.pk),
            state="" if n.read_at else "new",
            state_label=_("new"),
        )
        for n in rows
    ]


def teacher_desk(user: Account) -> Desk:
    today = timezone.localdate()
    teacher = teacher_of(user)
    coming = list(sessions_taught(user, teacher).filter(on__gte=today)[:8]) if teacher else []
    if teacher is None:
        answer = _("Your account is not linked to a teacher yet: ask the department or your institution.")
    elif coming:
        answer = _("Your next session is on %(day)s: %(title)s") % {"day": coming[0].on, "title": coming[0].title}
    else:
        answer = _("No session is coming")
    lines = [
        Line(
            f"{s.on:%m-%d} {s.begins_at:%H:%M}",
            s.title,
            page_about("timetables:sessions", s.class_run_id),
            f"{s.class_run.name} {s.venue}",
        )
        for s in coming
    ]
    return Desk(
        answer,
        deeds=(Deed(_("Registers"), reverse("attendance:registers"), "checklist", primary=True),),
        waiting=(own_questionnaires(user),),
        groups=(
            Group(
                _("My next sessions"), lines, _("No session is coming."), f"{reverse('timetables:mine')}?when=coming"
            ),
            Group(
                _("Open registers"),
                register_lines(due_registers(user)[:8]),
                _("Nothing is open."),
                reverse("attendance:registers"),
            ),
            Group(
                _("What was said of my teaching"),
                [
                    Line(f"{one.closed_at:%m-%d}", one.about, page_about("evaluations:results", one.pk))
                    for one in surveys_seen_by(user)[:5]
                ],
                _("No survey about your sessions is closed yet."),
                reverse("evaluations:surveys"),
            ),
        ),
    )
