"""Who hears what, in the app and by e-mail."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import notices
from zhixing.base.chunks import chunks
from zhixing.base.models import Notice
from zhixing.callups.models import BusyTime, Callup, CallupRun, MakeUp, Reply
from zhixing.people.models import Account, Role
from zhixing.plans.models import ClassRun
from zhixing.plans.permissions import organises


def tell_published(run: CallupRun, callups: Iterable[Callup]) -> int:
    """Each person called hears of the class, each liaison of how many people are to be answered for. Returns how many were told."""
    called = list(callups)
    rows = _notices_to_people(called) + _notices_to_liaisons(run, called)
    return notices.tell_each(rows)


def tell_called(callup: Callup) -> None:
    """One person gets a seat after the publication: a substitute, or the next of the waiting list."""
    notices.tell_each(_notices_to_people([callup]) + _notices_to_liaisons(callup.run, [callup]))


def _notices_to_people(callups: list[Callup]) -> list[Notice]:
    by_person = {account.person_id: account for account in _accounts([callup.person_id for callup in callups])}
    return [
        _notice(by_person[callup.person_id], "callups.called", _called_title(callup), _called_text(callup), callup)
        for callup in callups
        if callup.person_id in by_person
    ]


def _called_title(callup: Callup) -> str:
    return _("You are called to %(class_run)s") % {"class_run": callup.class_run.name}


def _called_text(callup: Callup) -> str:
    facts = {
        "first": callup.class_run.starts_on,
        "last": callup.class_run.ends_on,
        "place": callup.class_run.place or _("to be announced"),
        "day": callup.reply_by,
    }
    return _("From %(first)s to %(last)s; place: %(place)s. Please answer by %(day)s.") % facts


def _notices_to_liaisons(run: CallupRun, callups: list[Callup]) -> list[Notice]:
    """One notice for each liaison whose scope holds somebody, with the number of people."""
    per_unit = Counter(callup.unit.path for callup in callups)
    day = max((callup.reply_by for callup in callups if callup.reply_by), default=run.reply_by)
    link = reverse("callups:replies")
    rows = []
    for liaison in Account.objects.filter(role=Role.LIAISON, is_active=True).select_related("scope_unit"):
        own = liaison.scope_unit
        count = sum(n for path, n in per_unit.items() if own and path.startswith(own.path))
        if count:
            title = _("%(count)s people of your unit are called: please answer by %(day)s") % {
                "count": count,
                "day": day,
            }
            rows.append(_row(liaison, "callups.called_unit", title, run.name, link))
    return rows


def tell_asked(reply: Reply) -> None:
    """The department hears that a leave or a substitute waits for its decision."""
    callup = reply.callup
    title = _("%(kind)s waits for your decision: %(name)s, %(class_run)s") % {
        "kind": reply.get_kind_display(),
        "name": callup.person.name,
        "class_run": callup.class_run.name,
    }
    notices.tell(_department_above(callup.unit.path), "callups.asked", title, link=reverse("callups:replies"))


def tell_decided(reply: Reply) -> None:
    callup = reply.callup
    title = _("%(kind)s, %(class_run)s: %(decision)s") % {
        "kind": reply.get_kind_display(),
        "class_run": callup.class_run.name,
        "decision": reply.get_decision_display(),
    }
    _tell_concerned(callup, "callups.decided", title, reply.decision_note)


def tell_withdrawn(callup: Callup, reason: str) -> None:
    title = _("Your call-up to %(class_run)s is withdrawn") % {"class_run": callup.class_run.name}
    _tell_concerned(callup, "callups.withdrawn", title, reason)


def tell_released(callup: Callup, reason: str) -> None:
    """Nobody refused anything: the person is as before for every later list."""
    title = _("You need not come to %(class_run)s: no seat came free") % {"class_run": callup.class_run.name}
    _tell_concerned(callup, "callups.released", title, reason)


def tell_beyond_soon(class_run: ClassRun, callups: list[Callup]) -> None:
    """The department hears once, a few days before, that people are still beyond the seats, and what happens unless it decides."""
    link = reverse("callups:beyond", args=[max(callup.run_id for callup in callups)]) + f"#class-{class_run.pk}"
    if Notice.objects.filter(kind="callups.beyond_soon", link=link).exists():
        return
    facts = {"class_run": class_run.name, "n": len(callups), "day": class_run.starts_on}
    title = _("%(class_run)s: %(n)s people are still beyond the seats") % facts
    text = (
        _("Give them seats, or release them. Whoever has none when the class begins on %(day)s is released then.")
        % facts
    )
    accounts = Account.objects.filter(is_active=True, role=Role.DEPARTMENT).select_related("scope_unit")
    organisers = [one for one in accounts if organises(one, class_run)]
    notices.tell(organisers, "callups.beyond_soon", title, text=text, link=link)


def tell_in_question(callups: list[Callup]) -> None:
    """The department and the liaisons hear how many called people of theirs left, moved or are called elsewhere, too."""
    per_unit = Counter(callup.unit.path for callup in callups)
    link = f"{reverse('callups:replies')}?face=changed"
    rows = []
    offices = Account.objects.filter(role__in=(Role.DEPARTMENT, Role.LIAISON), is_active=True, scope_unit__isnull=False)
    for account in offices.select_related("scope_unit") if callups else ():
        scope = account.scope_unit.path if account.scope_unit else "-"
        count = sum(n for path, n in per_unit.items() if path.startswith(scope))
        if count:
            title = _("%(count)s call-ups came into question since the publication") % {"count": count}
            text = _("The department decides whether each call-up stands or the seat goes to the waiting list.")
            rows.append(_row(account, "callups.in_question", title, text, link))
    notices.tell_each(rows)


def tell_busy(made: BusyTime, called: list[Callup], by: Account) -> None:
    """The department hears when a unit names weeks in which its people are called already; what the department enters, the liaisons hear."""
    link = reverse("callups:busy_time", args=[made.pk])
    people = len({callup.person_id for callup in called})
    if people and not by.is_department:
        title = _("%(unit)s named a busy time in which %(n)s of its people are called") % {
            "unit": made.unit.name,
            "n": people,
        }
        notices.tell(_department_above(made.unit.path), "callups.busy", title, text=made.reason, link=link)
    if by.is_department:
        title = _("The department entered a busy time: %(unit)s") % {"unit": made.unit.name}
        liaisons = _above(Role.LIAISON, made.unit.path)
        if made.below:
            liaisons += _below(Role.LIAISON, made.unit.path)
        notices.tell(liaisons, "callups.busy", title, text=made.reason, link=link)


def tell_kept(callup: Callup, reason: str) -> None:
    title = _("Your call-up to %(class_run)s stands") % {"class_run": callup.class_run.name}
    _tell_concerned(callup, "callups.kept", title, reason)


def tell_if_short(class_run: ClassRun) -> None:
    """Called when somebody lost a seat: tells the department once, when this was the person whom the class needed."""
    if class_run.state != ClassRun.State.CALLED or class_run.starts_on < timezone.localdate():
        return
    held = Callup.objects.in_force().filter(class_run=class_run).count()
    if held != class_run.seats_min - 1:
        return
    title = _("Below the fewest people: %(class_run)s") % {"class_run": class_run.name}
    text = _("%(held)s people are called, the class needs at least %(least)s. Call more people, or cancel it.")
    accounts = Account.objects.filter(is_active=True, role=Role.DEPARTMENT)
    organisers = [one for one in accounts.select_related("scope_unit") if organises(one, class_run)]
    link = reverse("plans:class_run", args=[class_run.pk])
    notices.tell(
        organisers, "callups.short", title, text=text % {"held": held, "least": class_run.seats_min}, link=link
    )


def tell_rules(callup: Callup) -> None:
    """Somebody accepted for the person: the class rules are still to be read by the person."""
    title = _("Please read the class rules: %(class_run)s") % {"class_run": callup.class_run.name}
    text = _("Your liaison accepted for you. The rules you acknowledge yourself.")
    link = reverse("callups:rules", args=[callup.pk])
    notices.tell(_accounts([callup.person_id]), "callups.rules", title, text=text, link=link)


def tell_make_up_opened(make_up: MakeUp) -> None:
    title = _("To be made up by %(day)s: %(class_run)s") % {
        "day": make_up.due_on,
        "class_run": make_up.missed.class_run.name,
    }
    text = _("The next fitting class calls you first. Nothing needs to be done now.")
    accounts = _accounts([make_up.person_id])
    notices.tell(accounts, "callups.make_up_opened", title, text=text, link=reverse("callups:mine"))


def tell_waived(make_up: MakeUp) -> None:
    title = _("Need not be made up: %(class_run)s") % {"class_run": make_up.missed.class_run.name}
    accounts = _accounts([make_up.person_id])
    notices.tell(accounts, "callups.make_up_waived", title, text=make_up.note, link=reverse("callups:mine"))


def _tell_concerned(callup: Callup, kind: str, title: str, text: str) -> None:
    """The person and the liaisons of the unit."""
    people = [*_accounts([callup.person_id]), *_above(Role.LIAISON, callup.unit.path)]
    known = {account.pk: account for account in people}
    notices.tell(known.values(), kind, title, text=text, link=reverse("callups:callup", args=[callup.pk]))


def _accounts(persons: list[int]) -> list[Account]:
    found: list[Account] = []
    for some in chunks(persons):
        found += Account.objects.filter(is_active=True, person__in=some)
    return found


def _above(role: str, path: str) -> list[Account]:
    """Accounts of the role whose scope holds the unit at ``path``."""
    parts = path.rstrip(".").split(".")
    paths = [".".join(parts[: n + 1]) + "." for n in range(len(parts))]
    return list(Account.objects.filter(role=role, is_active=True, scope_unit__path__in=paths))


def _below(role: str, path: str) -> list[Account]:
    """Accounts of the role whose scope lies below the unit at ``path``."""
    inside = Account.objects.filter(role=role, is_active=True, scope_unit__path__startswith=path)
    return list(inside.exclude(scope_unit__path=path))


def _department_above(path: str) -> list[Account]:
    return _above(Role.DEPARTMENT, path)


def _notice(account: Account, kind: str, title: str, text: str, callup: Callup) -> Notice:
    return _row(account, kind, title, text, reverse("callups:callup", args=[callup.pk]))


def _row(account: Account, kind: str, title: str, text: str, link: str) -> Notice:
    return Notice(recipient_id=account.pk, kind=kind, title=title[:200], text=text, link=link, email=account.email)


def due(today: dt.date, reply_by: dt.date | None, starts_on: dt.date, days: int) -> dt.date:
    """The day by which somebody called late answers: at least ``days`` from now, but before the class starts and never in the past."""
    wanted = max(reply_by or today, today + dt.timedelta(days=days))
    return max(today, min(wanted, starts_on - dt.timedelta(days=1)))
