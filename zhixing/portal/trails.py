"""The audit trail in words: what kind of thing a deed was done to, and its particulars. The codes themselves stay in the export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from zhixing.attendance.models import LeaveStep, Status, Withdrawal
from zhixing.base.models import AuditEntry
from zhixing.base.templatetags.pages import hours
from zhixing.callups.forms import PAPERS
from zhixing.callups.models import Callup, Reply
from zhixing.evaluations.models import CostEntry, CourseDecision, InvitationDecision
from zhixing.obligations.models import Entry
from zhixing.people.models import Person, Role
from zhixing.plans.models import PlanComment, PlanSpending, Term
from zhixing.resources.models import Case, Course

KINDS: dict[str, Promise] = {
    "archive.extract": pgettext_lazy("trail", "extract"),
    "archive.promotioncheck": pgettext_lazy("trail", "promotion check"),
    "attendance.appeal": pgettext_lazy("trail", "appeal about a mark"),
    "attendance.leave": pgettext_lazy("trail", "leave from class"),
    "attendance.mark": pgettext_lazy("trail", "mark"),
    "attendance.register": pgettext_lazy("trail", "register"),
    "attendance.withdrawal": pgettext_lazy("trail", "withdrawal"),
    "base.job": pgettext_lazy("trail", "long work"),
    "base.storedfile": pgettext_lazy("trail", "file"),
    "callups.busytime": pgettext_lazy("trail", "busy time"),
    "callups.callup": pgettext_lazy("trail", "call-up"),
    "callups.calluprun": pgettext_lazy("trail", "call-up run"),
    "callups.makeup": pgettext_lazy("trail", "make-up"),
    "callups.outsidecallup": pgettext_lazy("trail", "call-up by another authority"),
    "callups.outsidelist": pgettext_lazy("trail", "list of another authority"),
    "callups.pin": pgettext_lazy("trail", "decision by hand"),
    "classwork.material": pgettext_lazy("trail", "printed material"),
    "evaluations.appeal": pgettext_lazy("trail", "appeal against a decision"),
    "evaluations.assessment": pgettext_lazy("trail", "assessment"),
    "evaluations.coursedecision": pgettext_lazy("trail", "decision about a course"),
    "evaluations.form": pgettext_lazy("trail", "form"),
    "evaluations.improvement": pgettext_lazy("trail", "improvement"),
    "evaluations.indicatorsystem": pgettext_lazy("trail", "indicator system"),
    "evaluations.study": pgettext_lazy("trail", "study of effects"),
    "evaluations.survey": pgettext_lazy("trail", "survey"),
    "needs.framework": pgettext_lazy("trail", "competency framework"),
    "needs.needsevidence": pgettext_lazy("trail", "evidence of a need"),
    "needs.needsreckoning": pgettext_lazy("trail", "reckoning of needs"),
    "needs.needssurvey": pgettext_lazy("trail", "needs survey"),
    "needs.priority": pgettext_lazy("trail", "priority of the authority"),
    "needs.workproblem": pgettext_lazy("trail", "problem of work"),
    "obligations.entry": pgettext_lazy("trail", "line of the ledger"),
    "obligations.entryappeal": pgettext_lazy("trail", "appeal about hours"),
    "obligations.exemption": pgettext_lazy("trail", "exemption"),
    "obligations.externaltraining": pgettext_lazy("trail", "outside training"),
    "obligations.historyimport": pgettext_lazy("trail", "training history"),
    "obligations.policy": pgettext_lazy("trail", "policy"),
    "people.account": pgettext_lazy("trail", "account"),
    "people.apitoken": pgettext_lazy("trail", "access token"),
    "people.person": pgettext_lazy("trail", "person"),
    "people.rosterimport": pgettext_lazy("trail", "roster import"),
    "people.unit": pgettext_lazy("trail", "unit"),
    "plans.annualplan": pgettext_lazy("trail", "annual plan"),
    "plans.approvalroute": pgettext_lazy("trail", "approval route"),
    "plans.capacity": pgettext_lazy("trail", "capacity of an institution"),
    "plans.classlistimport": pgettext_lazy("trail", "class list"),
    "plans.classrun": pgettext_lazy("trail", "class run"),
    "plans.programme": pgettext_lazy("trail", "programme"),
    "portal.suggestion": pgettext_lazy("trail", "suggestion"),
    "resources.banklist": pgettext_lazy("trail", "list for a resource bank"),
    "resources.case": pgettext_lazy("trail", "case"),
    "resources.course": pgettext_lazy("trail", "course"),
    "resources.practice": pgettext_lazy("trail", "practice"),
    "resources.site": pgettext_lazy("trail", "teaching site"),
    "resources.teacher": pgettext_lazy("trail", "teacher"),
    "resources.textbook": pgettext_lazy("trail", "textbook"),
    "resources.topic": pgettext_lazy("trail", "topic"),
    "timetables.session": pgettext_lazy("trail", "half day"),
}
"""Model label → what the thing is called."""

LABELS: dict[str, Promise] = {
    "absent": pgettext_lazy("trail", "absent"),
    "account": pgettext_lazy("trail", "account"),
    "accounts": pgettext_lazy("trail", "accounts"),
    "before": pgettext_lazy("trail", "before"),
    "after": pgettext_lazy("trail", "after"),
    "after_appeal": pgettext_lazy("trail", "after an appeal"),
    "answered": pgettext_lazy("trail", "answered"),
    "appeals": pgettext_lazy("trail", "appeals"),
    "arrival": pgettext_lazy("trail", "arrivals"),
    "away_max": pgettext_lazy("trail", "most people away"),
    "below": pgettext_lazy("trail", "all units below, too"),
    "beds": pgettext_lazy("trail", "beds"),
    "asked": pgettext_lazy("trail", "people asked"),
    "booked": pgettext_lazy("trail", "booked"),
    "bound": pgettext_lazy("trail", "bound"),
    "bytes": pgettext_lazy("trail", "bytes"),
    "called": pgettext_lazy("trail", "people called"),
    "callup": pgettext_lazy("trail", "call-up"),
    "callups": pgettext_lazy("trail", "call-ups"),
    "cancelled": pgettext_lazy("trail", "entries cancelled"),
    "cap": pgettext_lazy("trail", "cap"),
    "cause": pgettext_lazy("trail", "cause"),
    "change": pgettext_lazy("trail", "corrections"),
    "cents": pgettext_lazy("trail", "cents"),
    "changed": pgettext_lazy("trail", "changed"),
    "chosen": pgettext_lazy("trail", "on the list"),
    "class_run": pgettext_lazy("trail", "class run"),
    "class_runs": pgettext_lazy("trail", "class runs"),
    "code": pgettext_lazy("trail", "code"),
    "complete": pgettext_lazy("trail", "complete roster"),
    "completed": pgettext_lazy("trail", "completed"),
    "concern": pgettext_lazy("trail", "what became of the person"),
    "conflicts": pgettext_lazy("trail", "conflicts"),
    "copied_from": pgettext_lazy("trail", "copied from run"),
    "copies": pgettext_lazy("trail", "copies"),
    "decision": pgettext_lazy("trail", "decision"),
    "differing": pgettext_lazy("trail", "other hours than the ledger"),
    "digest": pgettext_lazy("trail", "digest"),
    "doubtful": pgettext_lazy("trail", "doubtful rows"),
    "entered": pgettext_lazy("trail", "entered"),
    "entries": pgettext_lazy("trail", "entries"),
    "entry": pgettext_lazy("trail", "entry"),
    "exemptions": pgettext_lazy("trail", "exemptions"),
    "expires_on": pgettext_lazy("trail", "expires on"),
    "fields": pgettext_lazy("trail", "facts changed"),
    "from_on": pgettext_lazy("trail", "from"),
    "gap": pgettext_lazy("trail", "gap to the bound"),
    "gaps": pgettext_lazy("trail", "gaps"),
    "given": pgettext_lazy("trail", "rooms given"),
    "groups": pgettext_lazy("trail", "groups"),
    "guests": pgettext_lazy("trail", "people over night"),
    "half_days": pgettext_lazy("trail", "half days"),
    "institution": pgettext_lazy("trail", "institution"),
    "invited": pgettext_lazy("trail", "invited beyond the seats"),
    "invited_most": pgettext_lazy("trail", "most that could be invited"),
    "job": pgettext_lazy("trail", "long work"),
    "kind": pgettext_lazy("trail", "kind"),
    "known": pgettext_lazy("trail", "known already"),
    "last_day": pgettext_lazy("trail", "last day"),
    "leaders": pgettext_lazy("trail", "group leaders"),
    "leaver": pgettext_lazy("trail", "leavers"),
    "left": pgettext_lazy("trail", "left as they are"),
    "make_up": pgettext_lazy("trail", "make-up"),
    "mark": pgettext_lazy("trail", "mark"),
    "material": pgettext_lazy("trail", "printed material"),
    "meals": pgettext_lazy("trail", "meals"),
    "misfits": pgettext_lazy("trail", "rows that do not fit"),
    "missed": pgettext_lazy("trail", "hours missed"),
    "move": pgettext_lazy("trail", "moves"),
    "moved_from": pgettext_lazy("trail", "moved from"),
    "new": pgettext_lazy("trail", "new ones"),
    "not_completed": pgettext_lazy("trail", "not completed"),
    "objective": pgettext_lazy("trail", "value of the list"),
    "offices": pgettext_lazy("trail", "offices of the class"),
    "on": pgettext_lazy("trail", "as of"),
    "on_leave": pgettext_lazy("trail", "on leave"),
    "one_session": pgettext_lazy("trail", "one live session only"),
    "opened": pgettext_lazy("trail", "units opened"),
    "overnight": pgettext_lazy("trail", "over night"),
    "own_class_runs_only": pgettext_lazy("trail", "own class runs only"),
    "paper": pgettext_lazy("trail", "paper"),
    "papers": pgettext_lazy("trail", "papers"),
    "parent": pgettext_lazy("trail", "hangs below"),
    "people": pgettext_lazy("trail", "people"),
    "person": pgettext_lazy("trail", "person"),
    "persons": pgettext_lazy("trail", "people"),
    "position": pgettext_lazy("trail", "place"),
    "posting": pgettext_lazy("trail", "posting"),
    "present": pgettext_lazy("trail", "there"),
    "problem": pgettext_lazy("trail", "problems"),
    "problems": pgettext_lazy("trail", "problems"),
    "promoted": pgettext_lazy("trail", "promotion"),
    "proposed": pgettext_lazy("trail", "people proposed"),
    "reason": pgettext_lazy("trail", "reason"),
    "refused": pgettext_lazy("trail", "refused rows"),
    "registers": pgettext_lazy("trail", "registers"),
    "reply": pgettext_lazy("trail", "reply"),
    "reversal": pgettext_lazy("trail", "reversal"),
    "risk_percent": pgettext_lazy("trail", "risk of too many (%)"),
    "role": pgettext_lazy("trail", "role"),
    "room": pgettext_lazy("trail", "room"),
    "rooms": pgettext_lazy("trail", "rooms"),
    "rows": pgettext_lazy("trail", "rows"),
    "suppressed": pgettext_lazy("trail", "suppressed"),
    "rule": pgettext_lazy("trail", "rule"),
    "run": pgettext_lazy("trail", "call-up run"),
    "scope": pgettext_lazy("trail", "scope"),
    "seat": pgettext_lazy("trail", "seat"),
    "seats": pgettext_lazy("trail", "seats"),
    "seconds": pgettext_lazy("trail", "seconds"),
    "seed": pgettext_lazy("trail", "published seed"),
    "sessions": pgettext_lazy("trail", "half days"),
    "sha256": pgettext_lazy("trail", "digest"),
    "source": pgettext_lazy("trail", "source"),
    "state": pgettext_lazy("trail", "state"),
    "sheets": pgettext_lazy("trail", "sheets"),
    "status": pgettext_lazy("trail", "status"),
    "step": pgettext_lazy("trail", "step"),
    "stock": pgettext_lazy("trail", "in stock"),
    "substitute": pgettext_lazy("trail", "substitute"),
    "tenths": pgettext_lazy("trail", "hours"),
    "to_on": pgettext_lazy("trail", "until"),
    "told": pgettext_lazy("trail", "people told"),
    "trainings": pgettext_lazy("trail", "outside trainings"),
    "transport": pgettext_lazy("trail", "transport"),
    "unchanged": pgettext_lazy("trail", "unchanged"),
    "undone": pgettext_lazy("trail", "taken back"),
    "unit": pgettext_lazy("trail", "unit"),
    "units": pgettext_lazy("trail", "units"),
    "until": pgettext_lazy("trail", "until"),
    "indicator": pgettext_lazy("trail", "indicator"),
    "percent": pgettext_lazy("trail", "percent"),
    "by_school": pgettext_lazy("trail", "self-assessment"),
    "hundredths": pgettext_lazy("trail", "hundredths of a point"),
    "number": pgettext_lazy("trail", "number"),
    "year": pgettext_lazy("trail", "year"),
    "version": pgettext_lazy("trail", "version"),
    "competencies": pgettext_lazy("trail", "competencies"),
    "competency": pgettext_lazy("trail", "competency"),
    "into": pgettext_lazy("trail", "into"),
    "level": pgettext_lazy("trail", "level"),
    "needs": pgettext_lazy("trail", "needs"),
    "sample": pgettext_lazy("trail", "people to ask"),
    "weight": pgettext_lazy("trail", "weight"),
    "withdrawn": pgettext_lazy("trail", "call-ups taken back"),
    "line": pgettext_lazy("trail", "line"),
    "lines": pgettext_lazy("trail", "lines"),
    "merged": pgettext_lazy("trail", "the other line"),
    "outcome": pgettext_lazy("trail", "outcome"),
    "plan": pgettext_lazy("trail", "annual plan"),
    "round": pgettext_lazy("trail", "submission"),
    "steps": pgettext_lazy("trail", "steps"),
    "term": pgettext_lazy("trail", "quarter"),
}
"""Key of a particular → its words."""

_PLACES = {key: place for place, key in enumerate(LABELS)}
HOURS = frozenset({"tenths", "cap", "missed"})
CHOICES: dict[str, Mapping[Any, Any]] = {
    "before": dict(Status.choices) | dict(Case.State.choices),
    "after": dict(Status.choices) | dict(Case.State.choices),
    "state": dict(Course.Flagship.choices),
    "role": dict(Role.choices),
    "status": dict(Person.Status.choices),
    "decision": dict(Reply.Decision.choices)
    | dict(LeaveStep.Decision.choices)
    | dict(CourseDecision.Choice.choices)
    | dict(InvitationDecision.Choice.choices),
    "concern": dict(Callup.Concern.choices),
    "cause": dict(Withdrawal.Cause.choices),
    "kind": dict(Reply.Kind.choices) | dict(CostEntry.Kind.choices) | dict(PlanSpending.Kind.choices),
    "outcome": dict(PlanComment.Outcome.choices),
    "term": dict(Term.choices),
    "paper": dict(PAPERS),
    "source": {"attendance": pgettext_lazy("trail", "register"), **dict(Entry.Source.choices)},
}
"""Codes that are no choice of a field of the thing itself."""


def kind(subject_type: str) -> str:
    """The words for a kind of thing; one of an older version stands for itself."""
    return str(KINDS.get(subject_type, subject_type))


def particulars(entry: AuditEntry) -> str:
    """The details of a deed in words: keys of rows as numbers, hours as hours, codes as the pages call them."""
    return "；".join(f"{LABELS.get(key, key)} {_said(entry, key, value)}" for key, value in _in_order(entry))


def codes(entry: AuditEntry) -> str:
    """The details as they are kept, for the export."""
    return " ".join(f"{key}={value}" for key, value in _in_order(entry))


def _in_order(entry: AuditEntry) -> list[tuple[str, Any]]:
    """In the order of ``LABELS``: PostgreSQL does not keep the order in which details were recorded."""
    return sorted(entry.details.items(), key=lambda item: _PLACES.get(item[0], len(_PLACES)))


def _said(entry: AuditEntry, key: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value == "":
        return "—"
    if isinstance(value, list):
        return "、".join(_field(entry.subject_type, str(one)) for one in value)
    if key in HOURS and isinstance(value, int):
        return hours(value)
    return _label_of(entry.subject_type, key, value) if isinstance(value, str) else str(value)


def _label_of(subject_type: str, key: str, value: str) -> str:
    """A code as the thing's own field calls it, else as ``CHOICES`` do."""
    field = _fields(subject_type).get(key)
    own = dict(field.flatchoices) if field is not None and field.choices else {}
    return str(own.get(value) or CHOICES.get(key, {}).get(value) or value)


def _field(subject_type: str, name: str) -> str:
    """What the pages call a field of the thing."""
    field = _fields(subject_type).get(name)
    return str(field.verbose_name if field is not None else LABELS.get(name, name))


def _fields(subject_type: str) -> dict[str, models.Field[Any, Any]]:
    """By name; nothing of a kind of thing that an older version had."""
    try:
        return {field.name: field for field in apps.get_model(subject_type)._meta.fields}
    except LookupError:
        return {}
