"""What a run has come to, and why no list can keep all that is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from zhixing.base.templatetags.pages import number
from zhixing.callups.elsewhere import Elsewhere, of_people
from zhixing.callups.models import CallupRun
from zhixing.callups.queries import RunCount
from zhixing.callups.sentences.outside import elsewhere_sentence
from zhixing.callups.sentences.reasons import Detail, Names, sentence
from zhixing.engine.callup.rules import Rule
from zhixing.people.models import Person
from zhixing.plans.models import ClassRun


def gap(result: Mapping[str, Any]) -> str:
    """``1.3%`` from the result of a run; empty before there is one."""
    share = result.get("gap")
    if share is None:
        return ""
    percent = share * 100
    return "<0.01%" if 1e-4 <= percent < 0.005 else f"{round(percent, 2):g}%"


def run_answer(run: CallupRun, count: RunCount) -> str:
    """The first line of a run's page."""
    figures = {
        "class_runs": number(count.class_runs),
        "seats": number(count.seats),
        "callups": number(count.callups),
        "people": number(count.people),
        "gap": gap(run.result),
    }
    return _ANSWERS[CallupRun.State(run.state)](figures)


_ANSWERS: Mapping[str, Callable[[dict[str, str]], str]] = {
    CallupRun.State.DRAFT: lambda f: _("%(class_runs)s class runs, %(seats)s seats: no list yet") % f,
    CallupRun.State.SOLVING: lambda f: _("%(class_runs)s class runs, %(seats)s seats: looking for the best list") % f,
    CallupRun.State.PROPOSED: lambda f: (
        _(
            "%(class_runs)s class runs, %(seats)s seats, %(callups)s call-ups of %(people)s people proposed; gap to the proven bound %(gap)s"
        )
        % f
    ),
    CallupRun.State.INFEASIBLE: lambda f: _("No list can keep all that is asked") % f,
    CallupRun.State.PUBLISHED: lambda f: (
        _("%(class_runs)s class runs: %(callups)s call-ups of %(people)s people in force") % f
    ),
    CallupRun.State.DROPPED: lambda f: _("This run was dropped") % f,
}


def conflict(items: Iterable[Detail]) -> list[str]:
    """What cannot hold together: a rule and the decisions, or the fewest seats, against it."""
    known = [{key.removesuffix("_id"): value for key, value in item.items()} for item in items]
    names = Names()
    people = dict(
        Person.objects.filter(pk__in=[item["person"] for item in known if "person" in item]).values_list("pk", "name")
    )
    return [_conflicting(item, names, people) for item in known] + [
        f"{people.get(one.person, '—')}: {elsewhere_sentence(one.detail)}" for one in _taken(known)
    ]


def _taken(items: Iterable[Detail]) -> list[Elsewhere]:
    """Call-ups by other authorities on the days of classes to which people are pinned: they came after the decision."""
    pinned = [(item["person"], item["class"]) for item in items if item["rule"] == "pinned_in"]
    days = dict(ClassRun.objects.filter(pk__in=[pk for _person, pk in pinned]).values_list("pk", "starts_on"))
    ends = dict(ClassRun.objects.filter(pk__in=days).values_list("pk", "ends_on"))
    found = list(of_people({person for person, _class in pinned}))
    return [
        one
        for one in found
        if any(one.person == person and pk in days and one.takes(days[pk], ends[pk]) for person, pk in pinned)
    ]


def _conflicting(item: Detail, names: Names, people: Mapping[int, str]) -> str:
    facts = {
        "name": people.get(item.get("person", 0), "—"),
        "class_run": names.class_run(item.get("class")),
        "unit": names.unit(item.get("unit")),
        "most": item.get("most", "—"),
        "least": item.get("least", "—"),
    }
    match item["rule"]:
        case "pinned_in":
            return _("By hand: %(name)s goes to “%(class_run)s”") % facts
        case "pinned_out":
            return _("By hand: %(name)s does not go to “%(class_run)s”") % facts
        case Rule.CLASS_SHORT:
            return _("“%(class_run)s” needs at least %(least)s people") % facts
        case Rule.QUOTA_SHORT:
            return _("%(unit)s must send at least %(least)s people to “%(class_run)s”") % facts
        case Rule.CALLUPS_MAX:
            return _("A person may be called %(most)s times a year at most") % facts
        case Rule.SHARED_DAY:
            return _("Nobody can be in two classes on one day")
        case Rule.CLASS_FULL:
            return _("“%(class_run)s” has %(most)s seats") % facts
        case Rule.NOT_ELIGIBLE:
            return _("Only people of the target group can be called")
    return sentence(item["rule"], item, names)
