"""Rule files of every kind but policies of hours: what is wrong with one, in words. Import it only while ``speaking``."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.attendance import rules as leave
from zhixing.base import workdays
from zhixing.engine.plan.faults import PlanError
from zhixing.engine.plan.rules_reading import parse_rules
from zhixing.engine.policies import PolicyError
from zhixing.engine.policies.kinds import Kind
from zhixing.engine.workdays import WorkdaysError
from zhixing.engine.workdays import parse as parse_workdays
from zhixing.evaluations import rules as evaluation
from zhixing.needs import rules as needs
from zhixing.obligations.sentences import fault_lines
from zhixing.plans import proposal_words

TITLES: Final = {
    Kind.LEAVE: gettext_lazy("rules of attendance and leave"),
    Kind.EVALUATION: gettext_lazy("rules of evaluation"),
    Kind.NEEDS: gettext_lazy("rules of needs"),
    Kind.HOLIDAYS: gettext_lazy("public holidays"),
    Kind.PLAN: gettext_lazy("rules of the annual plan"),
}


def found_in(kind: Kind, text: str, name: str) -> tuple[str, list[str]]:
    """What to say of a sound file, else every fault of it in a line of its own."""
    try:
        return _found(kind, text, name), []
    except PolicyError as error:
        return "", fault_lines(error)
    except WorkdaysError as error:
        return "", [f"{name}: {workdays.said(one)}" for one in error.faults]
    except PlanError as error:
        return "", proposal_words.fault_lines(name, error.faults)


def _found(kind: Kind, text: str, name: str) -> str:
    if kind is Kind.HOLIDAYS:
        return workdays.sound(name, parse_workdays(text))
    words = {"name": name, "code": _code(kind, text, name), "title": TITLES[kind]}
    return _("%(name)s: no problems: %(code)s, %(title)s") % words


def _code(kind: Kind, text: str, name: str) -> str:
    match kind:
        case Kind.LEAVE:
            return leave.parse(text, name).code
        case Kind.EVALUATION:
            return evaluation.parse(text, name).code
        case Kind.NEEDS:
            return needs.parse(text, name).code
        case _:
            return parse_rules(text).code


def not_of_hours(kind: Kind, name: str) -> str:
    """That the file ``name`` is no policy."""
    words = {"name": name, "title": TITLES[kind]}
    return _("%(name)s: these are %(title)s, not of hours: check them with `zhixing policy check`") % words
