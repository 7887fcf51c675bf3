"""What a list of another authority holds: read from the sheet, and compared with what is known."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from django.utils import timezone

from zhixing.base.chunks import chunks
from zhixing.base.sealed import blind_index
from zhixing.callups.clashes import Clash, clashes_with
from zhixing.callups.elsewhere import Elsewhere
from zhixing.callups.models import OutsideCallup, OutsideList
from zhixing.engine.sheets.cells import bare
from zhixing.engine.sheets.identity import looks_like_id
from zhixing.engine.sheets.outside import OutsideRow
from zhixing.people.models import Account, Person, Unit

FACTS = ("caller", "document", "class_name", "theme", "place", "starts_on", "ends_on", "away_from", "away_to")
DAYS = frozenset({"starts_on", "ends_on", "away_from", "away_to"})
MENTIONED_MOST = 500
"""So many people whom an earlier list of the same document names, and this one does not, are shown."""


class Roster:
    """Whom a list may name: the people in the scope of ``by``, as ``engine.sheets.outside.Directory``. For anybody else nobody is known."""

    def __init__(self, by: Account) -> None:
        rows = Person.objects.visible_to(by).exclude(unit=None).order_by()
        self._numbers: dict[str, str] = {}
        self._indexes: dict[str, str] = {}
        self._people: dict[str, tuple[str, str]] = {}
        self._called: defaultdict[str, list[str]] = defaultdict(list)
        for pk, number, index, name, path in rows.values_list("pk", "number", "id_index", "name", "unit__path"):
            key = str(pk)
            self._numbers[number] = key
            self._people[key] = name, path
            self._called[bare(name)].append(key)
            if index:
                self._indexes[index] = key

    def by_number(self, number: str) -> str | None:
        if number not in self._numbers and looks_like_id(number):
            return self._indexes.get(blind_index(number))
        return self._numbers.get(number)

    def by_name(self, name: str, unit: str) -> Collection[str]:
        paths = tuple(self._paths.get(bare(unit), ()))
        return [key for key in self._called.get(bare(name), ()) if paths and self._people[key][1].startswith(paths)]

    def name_of(self, person: str) -> str:
        return self._people[person][0]

    def is_in(self, person: str, unit: str) -> bool:
        """Lists shorten and lengthen names of units: one name within the other is enough, of the unit or of one above it."""
        path, word = self._people[person][1], bare(unit)
        above = (name for at, name in self._names.items() if path.startswith(at))
        return any(name in word or word in name for name in above)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {path: bare(name) for path, name in Unit.objects.order_by().values_list("path", "name")}

    @cached_property
    def _paths(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path, name, code in Unit.objects.order_by().values_list("path", "name", "code"):
            for word in {bare(name), bare(code)}:
                found[word].append(path)
        return found


def kept_row(row: OutsideRow) -> dict[str, Any]:
    """A row as JSON: dates as ISO text."""
    facts = {name: getattr(row, "name" if name == "class_name" else name) for name in FACTS}
    plain = {name: value.isoformat() if name in DAYS else value for name, value in facts.items()}
    return {"row": row.row, "person": int(row.person), **plain}


def facts_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A kept row as fields of ``OutsideCallup``."""
    return {name: dt.date.fromisoformat(row[name]) if name in DAYS else row[name] for name in FACTS}


@dataclasses.dataclass(frozen=True)
class Line:
    """One row of the preview; ``before`` is the fact that it puts right."""

    row: int
    person: Person
    facts: dict[str, Any]
    before: OutsideCallup | None = None

    @property
    def elsewhere(self) -> Elsewhere:
        """As the planning would see it, were it kept."""
        seen = {name: value for name, value in self.facts.items() if name != "place"}
        return Elsewhere(pk=0, person=self.person.pk, **seen)


@dataclasses.dataclass(frozen=True)
class Difference:
    """What applying a list would do: ``missing`` are facts of the same document that the list does not name; they are left as they are."""

    new: list[Line]
    changed: list[Line]
    same: int
    missing: list[OutsideCallup]

    @property
    def lines(self) -> list[Line]:
        return [*self.new, *self.changed]

    def clashes(self) -> list[Clash]:
        """Call-ups of ours, sent and to come, that would clash."""
        return clashes_with([line.elsewhere for line in self.lines], timezone.localdate())


def difference(found: OutsideList, by: Account) -> Difference:
    """Compare the rows with the facts that stand. People who are no longer in the scope of ``by`` are passed over."""
    people = _people({row["person"] for row in found.rows}, by)
    known = _Known(people)
    lines = [Line(row["row"], people[row["person"]], facts_of(row)) for row in found.rows if row["person"] in people]
    known.claim(lines)
    new: list[Line] = []
    changed: list[Line] = []
    same = 0
    for line in lines:
        before = known.before(line)
        if before is None:
            new.append(line)
        elif all(getattr(before, name) == value for name, value in line.facts.items()):
            same += 1
        else:
            changed.append(dataclasses.replace(line, before=before))
    touched = {line.before.pk for line in changed if line.before} | known.claimed
    return Difference(new, changed, same, _missing(lines, touched, by))


def _people(keys: set[int], by: Account) -> dict[int, Person]:
    found: dict[int, Person] = {}
    for some in chunks(sorted(keys)):
        rows = Person.objects.visible_to(by).filter(pk__in=some)
        found |= {person.pk: person for person in rows.select_related("unit")}
    return found


class _Known:
    """The standing facts of some people, found by what a row says."""

    def __init__(self, people: Collection[int]) -> None:
        self._facts: defaultdict[tuple[int, str, str], list[OutsideCallup]] = defaultdict(list)
        self.claimed: set[int] = set()
        for keys in chunks(sorted(people)):
            for fact in OutsideCallup.objects.standing().filter(person__in=keys):
                self._facts[fact.person_id, bare(fact.caller), bare(fact.class_name)].append(fact)

    def claim(self, lines: Iterable[Line]) -> None:
        """Facts with the first day of a row are that row's, so that no other row takes them for its former days."""
        self.claimed |= {fact.pk for line in lines for fact in self._alike(line) if self._is_same_start(line, fact)}

    def before(self, line: Line) -> OutsideCallup | None:
        """The fact of the same person, caller, class and first day, else the one that the same document gave other days."""
        alike = self._alike(line)
        exact = next((fact for fact in alike if self._is_same_start(line, fact)), None)
        if exact is not None:
            return exact
        document = bare(line.facts["document"])
        moved = [one for one in alike if one.pk not in self.claimed and document and bare(one.document) == document]
        if len(moved) != 1:
            return None
        self.claimed.add(moved[0].pk)
        return moved[0]

    def _alike(self, line: Line) -> list[OutsideCallup]:
        return self._facts.get((line.person.pk, bare(line.facts["caller"]), bare(line.facts["class_name"])), [])

    @staticmethod
    def _is_same_start(line: Line, fact: OutsideCallup) -> bool:
        return bool(fact.starts_on == line.facts["starts_on"])


def _missing(lines: Iterable[Line], touched: Collection[int], by: Account) -> list[OutsideCallup]:
    documents = {(line.facts["caller"], line.facts["document"]) for line in lines if line.facts["document"]}
    found: list[OutsideCallup] = []
    for names in chunks(sorted({document for _caller, document in documents})):
        rows = OutsideCallup.objects.visible_to(by).standing().filter(document__in=names)
        rows = rows.select_related("person__unit").order_by("document", "caller", "person__number", "starts_on")
        found += [fact for fact in rows if (fact.caller, fact.document) in documents and fact.pk not in touched]
    return found[:MENTIONED_MOST]
