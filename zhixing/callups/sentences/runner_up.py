"""Who would get the next seat of a class, and where else a person would fit, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhixing.callups.sentences.outside import span
from zhixing.callups.sentences.reasons import CODES_LEFT_OUT, code_label
from zhixing.people.models import Person
from zhixing.plans.models import ClassRun


def nobody_next() -> str:
    return _("Nobody who is left out could take one more seat of this class.")


def next_is_gone() -> str:
    return _("Whoever came next when the list was searched for was called, or decided on by hand, since.")


def next_named(person: Person) -> str:
    facts = {"name": person.name, "unit": person.unit.name if person.unit else "—"}
    return _("The next seat of this class would go to %(name)s, %(unit)s.") % facts


def next_unnamed(*, of_a_unit: bool) -> str:
    """Without the name; ``of_a_unit``: the reader answers for a unit, to which the next one does not belong."""
    if of_a_unit:
        return _("The next seat of this class would go to somebody of another unit.")
    return _("The next seat of this class would go to somebody else of the target group.")


def no_other() -> str:
    return _("Eligible for no other class of this list.")


def best_other(class_run: ClassRun, code: str) -> str:
    """``code``: why the person is not on the list there; empty for whoever is."""
    facts = {"class_run": class_run.name, "days": span(class_run.starts_on, class_run.ends_on)}
    if not code:
        return _("Called to “%(class_run)s” (%(days)s) by the same list.") % facts
    if code not in CODES_LEFT_OUT:
        text = _(
            "Of the other classes “%(class_run)s” (%(days)s) fits best; the search had called the person there, which no longer stands."
        )
        return text % facts
    text = _("Of the other classes “%(class_run)s” (%(days)s) fits best; not on the list there either: %(why)s.")
    return text % (facts | {"why": code_label(code)})
