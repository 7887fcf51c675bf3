"""Codes → sentences: why a person is called, why not, and what would change it. One map for pages, papers and refusals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zhixing.base.problems import Text
from zhixing.base.templatetags.pages import number
from zhixing.callups import values
from zhixing.callups.models import Callup, CallupRun, Reply
from zhixing.callups.problem.pairs import EXCUSED
from zhixing.callups.queries import RunCount
from zhixing.callups.seats import Obstacle
from zhixing.engine.callup.reasons import Code
from zhixing.engine.callup.rules import Rule
from zhixing.people.models import Person, Unit
from zhixing.plans.models import ClassRun

Detail = Mapping[str, Any]


class Names:
    """The names that details point to; each table is read once, when the first of its names is asked for."""

    @cached_property
    def _class_runs(self) -> dict[int, str]:
        return dict(ClassRun.objects.order_by().values_list("pk", "name"))

    @cached_property
    def _units(self) -> dict[int, str]:
        return dict(Unit.objects.order_by().values_list("pk", "name"))

    def class_run(self, pk: int | None) -> str:
        return self._class_runs.get(pk or 0, "—")

    def unit(self, pk: int | None) -> str:
        return self._units.get(pk or 0, "—")


CODE_LABELS: Mapping[str, Text] = {
    Code.CHOSEN_PINNED: gettext_lazy("decided by hand"),
    Code.CHOSEN_BEST: gettext_lazy("best for the whole list"),
    Code.PINNED_OUT: gettext_lazy("taken out by hand"),
    Code.CALLUPS_MAX: gettext_lazy("called often enough"),
    Code.SHARED_DAY: gettext_lazy("called elsewhere at that time"),
    Code.CLASS_FULL: gettext_lazy("class is full"),
    Code.QUOTA_FULL: gettext_lazy("quota of the unit is used"),
    Code.AWAY_FULL: gettext_lazy("too many of the unit away"),
    Code.NOT_WORTH_SECOND_CALLUP: gettext_lazy("a second call-up is not worth it"),
    Code.OUTPRICED: gettext_lazy("the seats went to greater needs"),
    Code.PRICED_OUT: gettext_lazy("the search ended before"),
    EXCUSED: gettext_lazy("excused at that time"),
    Rule.NOT_ELIGIBLE: gettext_lazy("not in the target group"),
}


CODES_LEFT_OUT = tuple(str(code) for code in CODE_LABELS if code not in {Code.CHOSEN_PINNED, Code.CHOSEN_BEST})


def code_label(code: str) -> Text:
    """A few words, for filters and counts."""
    return CODE_LABELS.get(code, code)


def sentence(code: str, detail: Detail, names: Names) -> str:
    """Why a pair is not on the list; also why one more call-up is not possible."""
    write = _LEFT_OUT.get(code)
    return write(detail, names) if write else str(code_label(code))


def obstacle_sentence(found: Obstacle) -> str:
    """The rule that one more call-up would break."""
    return sentence(str(found.rule), found.detail, Names())


def _week(detail: Detail) -> str:
    monday = dt.date.fromisoformat(detail["week"])
    return f"{monday} – {monday + dt.timedelta(days=6)}"


_LEFT_OUT: Mapping[str, Callable[[Detail, Names], str]] = {
    Rule.NOT_ELIGIBLE: lambda detail, names: _("Does not belong to the target group of this class."),
    Code.PINNED_OUT: lambda detail, names: _("Taken out by the planner."),
    Code.CALLUPS_MAX: lambda detail, names: _("Is already called as often as one person may be in this year."),
    Code.SHARED_DAY: lambda detail, names: (
        _("Is called to “%(class_run)s”, which shares days with this class.")
        % {"class_run": names.class_run(detail.get("class"))}
    ),
    EXCUSED: lambda detail, names: (
        _("Was excused from “%(class_run)s”, which shares days with this class.")
        % {"class_run": names.class_run(detail.get("class"))}
    ),
    Code.CLASS_FULL: lambda detail, names: (
        _("All seats of the class (%(most)s) went to people with a higher priority.")
        % {"most": detail.get("most", "—")}
    ),
    Code.QUOTA_FULL: lambda detail, names: (
        _("The quota of %(unit)s for this class (%(most)s) is used up.")
        % {"unit": names.unit(detail.get("unit")), "most": detail.get("most", "—")}
    ),
    Code.AWAY_FULL: lambda detail, names: (
        _("In the week %(week)s as many of the unit are away as may be (%(most)s).")
        % {"week": _week(detail), "most": detail.get("most", "—")}
    ),
    Code.NOT_WORTH_SECOND_CALLUP: lambda detail, names: _(
        "Is called to another class; a second call-up costs more than it brings."
    ),
    Code.OUTPRICED: lambda detail, names: _("The seats that this would take are needed more by others."),
    Code.PRICED_OUT: lambda detail, names: _(
        "The search ended before this seat was given; solve again with more time."
    ),
}


def change(code: str, detail: Detail, names: Names) -> str:
    """The smallest thing that would change a no; empty where there is none to name."""
    write = _CHANGES.get(code)
    return write(detail, names) if write else ""


_CHANGES: Mapping[str, Callable[[Detail, Names], str]] = {
    Code.PINNED_OUT: lambda detail, names: _("Take back the decision and solve again."),
    Code.CALLUPS_MAX: lambda detail, names: _("One more call-up a year in the terms of the run, or one call-up fewer."),
    Code.SHARED_DAY: lambda detail, names: (
        _("Taking the person out of “%(class_run)s”, or other days for one of the two.")
        % {"class_run": names.class_run(detail.get("class"))}
    ),
    Code.CLASS_FULL: lambda detail, names: _("One more seat in the class, or a greater need."),
    Code.QUOTA_FULL: lambda detail, names: (
        _("One more seat in the quota of %(unit)s.") % {"unit": names.unit(detail.get("unit"))}
    ),
    Code.AWAY_FULL: lambda detail, names: _("A higher limit for the unit in that week, or one colleague fewer away."),
    Code.NOT_WORTH_SECOND_CALLUP: lambda detail, names: _("A greater need, or a lower cost of a second call-up."),
    Code.PRICED_OUT: lambda detail, names: _("Solving again with more time."),
}

_OWING: Mapping[str, Text] = {
    "overdue": gettext_lazy("hours overdue"),
    "short": gettext_lazy("behind with hours"),
    "on_track": gettext_lazy("hours on track"),
    "met": gettext_lazy("hours met"),
}


def callup_sentence(callup: Callup, names: Names) -> str:
    """Why a person is on the list."""
    match callup.code:
        case "from_waiting":
            text = _("A seat came free; place %(position)s on the waiting list.")
            return text % {"position": callup.detail.get("position", "—")}
        case "substitute":
            return _("Comes instead of a colleague, proposed by the unit and approved.")
        case Code.CHOSEN_PINNED:
            return _("Put on the list by the planner.")
    if facts := facts_text(callup.detail):
        return _("%(facts)s; on the best list for all classes together.") % {"facts": facts}
    return _("On the best list for all classes together.")


def facts_text(detail: Detail) -> str:
    """What speaks for the person, in the order of its weight."""
    words = []
    if detail.get("make_up"):
        words.append(_("has something to make up"))
    if "owing" in detail:
        words.append(str(_OWING[values.OWING[detail["owing"]]]))
    if "months" in detail:
        words.append(_waited(detail["months"]))
    if detail.get("same_theme"):
        words.append(_("same theme within a year"))
    text = _(", ").join(words)
    return text[:1].upper() + text[1:]


def _waited(months: int) -> str:
    if months == values.NEVER:
        return _("never trained off the desk so far")
    return ngettext("last trained %(months)s month ago", "last trained %(months)s months ago", months) % {
        "months": months
    }


PART_LABELS: Mapping[str, Text] = {
    "owing": gettext_lazy("hours owed"),
    "missing": gettext_lazy("share of hours missing"),
    "make_up": gettext_lazy("to be made up"),
    "waited": gettext_lazy("time since the last training"),
    "this_year": gettext_lazy("trained or called this year"),
    "same_theme": gettext_lazy("same theme within a year"),
    "tie": gettext_lazy("drawn from the published seed"),
}


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
    return [_conflicting(item, names, people) for item in known]


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


def events(callup: Callup, replies: Iterable[Reply]) -> list[dict[str, Any]]:
    """What happened to a call-up, newest first, for the timeline."""
    found: list[dict[str, Any]] = []
    if callup.state in {Callup.State.COMPLETED, Callup.State.NOT_COMPLETED, Callup.State.WITHDRAWN}:
        found.append({"at": "", "title": callup.get_state_display(), "text": callup.note, "icon": "flag"})
    for reply in replies:
        if reply.decided_at:
            tone = "good" if reply.decision == Reply.Decision.APPROVED else "bad"
            found.append(
                {
                    "at": f"{reply.decided_at:%Y-%m-%d}",
                    "title": reply.get_decision_display(),
                    "text": reply.decision_note,
                    "tone": tone,
                    "icon": "gavel",
                }
            )
        text = _("; ").join(filter(None, (str(reply.get_reason_display()), _substitute(reply), reply.text)))
        found.append(
            {"at": f"{reply.at:%Y-%m-%d}", "title": reply.get_kind_display(), "text": text, "icon": "message-2"}
        )
    if callup.sent_at:
        found.append({"at": f"{callup.sent_at:%Y-%m-%d}", "title": _("Called"), "tone": "info", "icon": "send"})
    return found


def _substitute(reply: Reply) -> str:
    return _("proposes %(name)s") % {"name": reply.substitute.name} if reply.substitute else ""
