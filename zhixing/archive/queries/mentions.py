"""Who is meant by a list of names and numbers: found, or a problem with its row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from zhixing.base.problems import RowProblem
from zhixing.base.sealed import blind_index, mask
from zhixing.engine.sheets.faults import Treatment
from zhixing.engine.sheets.identity import Identity, looks_like_id, read_id
from zhixing.engine.sheets.mentions import Mention
from zhixing.people.models import Account, Person

COUNT: Final = re.compile(r"\d{1,4}")
"""A number that may only count the lines of the list."""


@dataclass
class Found:
    """``people`` once each, in the order of the list."""

    people: list[Person] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


def find_people(mentions: Sequence[Mention], user: Account) -> Found:
    """Look everybody up in the scope of ``user``; outside it nobody exists."""
    known = _Known(mentions, user)
    found, seen = Found(), set[int]()
    for mention in mentions:
        person = known.person_of(mention, found.problems)
        if person is not None and person.pk in seen:
            found.problems.append(
                _problem(mention, False, _("This person stands in the list already."), _("Counted once."))
            )
        elif person is not None:
            seen.add(person.pk)
            found.people.append(person)
    return found


class _Known:
    """Everybody whom the list may mean, in one query."""

    def __init__(self, mentions: Sequence[Mention], user: Account) -> None:
        numbers = {number for mention in mentions for number in mention.numbers}
        indexes = {index for number in numbers if (index := _index(number))}
        words = {word for mention in mentions for word in mention.words}
        people = Person.objects.visible_to(user).filter(
            Q(number__in=numbers) | Q(id_index__in=indexes) | Q(name__in=words)
        )
        self.by_number: dict[str, Person] = {}
        self.by_name: dict[str, list[Person]] = defaultdict(list)
        for person in people.order_by("pk"):
            self.by_number[person.number] = person
            if person.id_index:
                self.by_number[person.id_index] = person
            self.by_name[person.name].append(person)

    def person_of(self, mention: Mention, problems: list[RowProblem]) -> Person | None:
        """The one person meant; None, and a problem, when it is nobody or not certain."""
        if not mention.numbers:
            return self._by_name_alone(mention, problems)
        known = {number: self.by_number.get(_index(number) or number) for number in mention.numbers}
        if mention.words and len(known) == 1 and None in known.values() and COUNT.fullmatch(mention.numbers[0]):
            return self._by_name_alone(mention, problems)
        if None in known.values():
            problems.append(
                _problem(
                    mention,
                    True,
                    _("Nobody in your scope has this number."),
                    _("Correct the number, or leave the line out."),
                )
            )
            return None
        people = {person.pk: person for person in known.values() if person}
        person = next(iter(people.values()))
        if len(people) > 1 or (mention.words and person.name not in mention.words):
            problems.append(
                _problem(
                    mention,
                    True,
                    _("Name and numbers belong to different people."),
                    _("Find out who is meant, and correct the line."),
                )
            )
            return None
        return person

    def _by_name_alone(self, mention: Mention, problems: list[RowProblem]) -> Person | None:
        people = [person for word in mention.words for person in self.by_name.get(word, ())]
        if len(people) == 1:
            problems.append(
                _problem(mention, False, _("Found by the name alone."), _("Make sure that this is the person meant."))
            )
            return people[0]
        reason = (
            _("%(n)d people in your scope have this name.") % {"n": len(people)}
            if people
            else _("Nobody in your scope has this name.")
        )
        problems.append(_problem(mention, True, reason, _("Add the staff number or the ID number.")))
        return None


def _index(number: str) -> str:
    """The blind index of what is an ID number, else blank."""
    if not looks_like_id(number):
        return ""
    read = read_id(number)
    return blind_index(read.number) if isinstance(read, Identity) else ""


def _problem(mention: Mention, refused: bool, reason: str, mend: str) -> RowProblem:
    """An ID number is shown masked."""
    shown = " ".join(mask(part) if looks_like_id(part) else part for part in (*mention.words, *mention.numbers))
    treatment = Treatment.REFUSED if refused else Treatment.DOUBTFUL
    return RowProblem("", mention.row, "", shown, treatment.value, reason, mend)
