"""Notices of the app: to whom, and in which words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from zhixing.base import notices
from zhixing.base.models import Notice
from zhixing.base.templatetags.pages import hours, number
from zhixing.obligations.models import EntryAppeal, ExternalTraining, Policy, Reminder
from zhixing.obligations.queries.policies import rule_titles
from zhixing.people.models import Account, Person, Role

SOME: Final = 5_000
"""Persons whose accounts are looked up, and told, together."""


def departments_of(person: Person) -> QuerySet[Account]:
    """The department whose scope holds the person's unit, the nearest one above it; never the person concerned."""
    above = person.unit.paths_up if person.unit else ()
    found: QuerySet[Account] = Account.objects.filter(is_active=True, role=Role.DEPARTMENT, scope_unit__path__in=above)
    found = found.exclude(person=person)
    nearest = found.order_by("-scope_unit__path").values_list("scope_unit", flat=True).first()
    return found.filter(scope_unit=nearest)


def tell_external(training: ExternalTraining, by: Account) -> None:
    """The department hears of what waits for it; whoever entered it does not."""
    title = _("Outside training waits for approval: %(name)s, %(title)s") % {
        "name": training.person.name,
        "title": training.title,
    }
    link = reverse("obligations:external_training", args=[training.pk])
    notices.tell(departments_of(training.person).exclude(pk=by.pk), "obligations.external_asked", title, link=link)


def tell_appeal(appeal: EntryAppeal) -> None:
    title = _("Appeal about hours: %(name)s, %(title)s") % {"name": appeal.person.name, "title": appeal.entry.title}
    link = reverse("obligations:entry_appeal", args=[appeal.pk])
    notices.tell(departments_of(appeal.person), "obligations.appeal", title, link=link)


def tell_appeal_decided(appeal: EntryAppeal) -> None:
    title = _("Your appeal about “%(title)s”: %(state)s") % {
        "title": appeal.entry.title,
        "state": appeal.get_state_display(),
    }
    link = reverse("obligations:entry_appeal", args=[appeal.pk])
    people = Account.objects.filter(pk=appeal.by_id, is_active=True)
    notices.tell(people, "obligations.appeal_decided", title, text=appeal.decision_reason, link=link)


def tell_reminded(reminders: Iterable[Reminder], policy: Policy) -> int:
    """One notice for each person, whatever the number of rules, and one for each liaison with how many it concerns; returns how many persons."""
    titles = rule_titles(policy)
    own: dict[int, list[Reminder]] = defaultdict(list)
    for one in reminders:
        own[one.person_id].append(one)
    per_unit: dict[str, Counter[str]] = defaultdict(Counter)
    persons = iter(own)
    while some := list(islice(persons, SOME)):
        _remind_people(some, own, titles)
        for pk, path in Person.objects.filter(pk__in=some, unit__isnull=False).values_list("pk", "unit__path"):
            per_unit[path].update(["", *(one.rule for one in own[pk])])
    _remind_liaisons(per_unit, titles)
    return len(own)


def _remind_people(some: Sequence[int], own: Mapping[int, list[Reminder]], titles: Mapping[str, str]) -> None:
    accounts = Account.objects.filter(is_active=True, person__in=some).order_by("pk")
    notices.tell_each([_reminder(account, own[account.person_id or 0], titles) for account in accounts])


def _reminder(account: Account, reminders: Sequence[Reminder], titles: Mapping[str, str]) -> Notice:
    line = _("%(rule)s: %(hours)s hours missing; the window closes on %(day)s.")
    lines = [
        line % {"rule": titles[one.rule], "hours": hours(one.missing_tenths), "day": one.window_closes}
        for one in reminders
    ]
    about = _("Your record shows how this is counted. Whatever is wrong or missing there, you can appeal against.")
    return Notice(
        recipient_id=account.pk,
        kind="obligations.reminder",
        title=_("Hours still missing, to be earned by %(day)s") % {"day": min(one.window_closes for one in reminders)},
        text="\n".join([*lines, about]),
        link=reverse("obligations:mine"),
        email=account.email or "",
    )


def _remind_liaisons(per_unit: Mapping[str, Counter[str]], titles: Mapping[str, str]) -> None:
    """Only how many, and of the own units; the list behind the link says who."""
    rows = []
    for liaison in Account.objects.filter(role=Role.LIAISON, is_active=True).select_related("scope_unit"):
        top = liaison.scope_unit.path if liaison.scope_unit else None
        counts: Counter[str] = Counter()
        for path, counted in per_unit.items():
            if top is not None and path.startswith(top):
                counts += counted
        if not counts:
            continue
        lines = [
            _("%(rule)s: %(people)s") % {"rule": titles[rule], "people": number(people)}
            for rule, people in counts.items()
            if rule
        ]
        rows.append(
            Notice(
                recipient_id=liaison.pk,
                kind="obligations.reminder_unit",
                title=_("%(people)s people of your unit still miss hours") % {"people": number(counts[""])},
                text="\n".join([*lines, _("They were reminded today, as the policy has it.")]),
                link=reverse("obligations:foreseen_list"),
                email=liaison.email or "",
            )
        )
    notices.tell_each(rows)
