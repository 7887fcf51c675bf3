"""Sheets: whom a draft would touch, each with both explanations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from zhixing.base.tables.write import Column, Linked, Table
from zhixing.obligations.models import PolicyEffect
from zhixing.obligations.queries.comparison import Compared
from zhixing.obligations.queries.explaining import Duty, explain_under
from zhixing.obligations.sentences import Line

EXPLAINED_MAX: Final = 1_000
"""The explanations of so many people are written out in a few seconds; of more the sheet would be read by nobody."""
AT_ONCE: Final = 500
Explanations = dict[tuple[int, str], tuple[list[Line], list[Line]]]


def explanations(
    effects: QuerySet[PolicyEffect], keys: Sequence[int], compared: Compared, address: Callable[[int], str]
) -> Table:
    """A sheet with the steps of each effect under both policies side by side, in the order of ``effects``.

    ``keys`` are the persons in ``effects``; ``address`` gives the page with one person's explanations.
    """
    titles = (
        _("full name"),
        _("staff number"),
        _("rule"),
        _("what changes"),
        _("step"),
        _("in force when weighed"),
        _("draft"),
    )
    return Table(_("Both explanations"), [Column(title) for title in titles], _rows(effects, keys, compared, address))


def _rows(
    effects: QuerySet[PolicyEffect], keys: Sequence[int], compared: Compared, address: Callable[[int], str]
) -> Iterator[list[Any]]:
    found: Explanations = {}
    for first in range(0, len(keys), AT_ONCE):
        found |= _lines(keys[first : first + AT_ONCE], compared)
    titles = compared.titles
    for one in effects.iterator(chunk_size=AT_ONCE):
        about = [one.person.number, titles.get(one.rule, one.rule), one.get_direction_display()]
        name: object = Linked(one.person.name, address(one.person_id))  # on the first step: a sheet takes so many links
        for step in _side_by_side(*found.get((one.person_id, one.rule), ([], []))):
            yield [name, *about, *step]
            name = one.person.name


def _lines(keys: Sequence[int], compared: Compared) -> Explanations:
    """(person, rule) → the lines under the policy in force and under the draft."""
    found: Explanations = defaultdict(lambda: ([], []))
    for key, both in explain_under(keys, compared.policies, compared.on, compared.known_at).items():
        for side, duties in enumerate(both):
            for duty in duties:
                found[key, duty.explanation.standing.rule][side].extend(_steps(duty))
    return dict(found)


def _steps(duty: Duty) -> list[Line]:
    return [Line(_("state"), str(duty.state_label)), *duty.lines]


def _side_by_side(before: list[Line], after: list[Line]) -> Iterator[tuple[str, str, str]]:
    """(step, in force, draft): equal steps beside each other, in the order of whichever has more to say."""
    longer = before if len(before) > len(after) else after
    for label in dict.fromkeys(str(line.label) for line in [*longer, *before, *after]):
        was, will = ([_said(line) for line in lines if str(line.label) == label] for lines in (before, after))
        for old, new in zip_longest(was, will, fillvalue=""):
            yield label, old, new


def _said(line: Line) -> str:
    return f"{line.value}: {line.detail}" if line.detail else str(line.value)
