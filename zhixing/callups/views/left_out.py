"""A list over the reasons file: search, filter, page and export like every list, but the rows come from DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from zhixing.base.listing import COUNT_CAP, Column, Empty, Filter, Listing
from zhixing.callups import reasons, sentences
from zhixing.callups.models import CallupRun
from zhixing.callups.sentences import Names
from zhixing.callups.views.cells import left_out_cell, move_cell, name_cell
from zhixing.people.models import Account, Person, Unit
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.models import ClassRun

CELL_ROWS = 20


@dataclass(frozen=True)
class LeftOut:
    """One eligible pair that is not on the list."""

    pk: int
    person: Person
    class_run_id: int
    class_run: str
    sentence: str
    facts: str


class LeftOutListing(Listing):
    """``class_run`` None: every class of the run. ``scope``: only people whom the account sees."""

    run: CallupRun
    class_run: ClassRun | None
    scope: Account
    unit: Unit | None = None
    by_code: Mapping[str, int] | None = None

    @classmethod
    def of_cell(
        cls,
        request: SignedInRequest,
        run: CallupRun,
        class_run: ClassRun,
        unit: Unit,
        *,
        movable: bool,
    ) -> LeftOutListing:
        """Only people of ``unit`` and below it, each with the button that puts them on the list when they are ``movable``."""
        listing = cls.of_class_run(request, run, class_run, ())
        listing.unit, listing.page_size, listing.export = unit, CELL_ROWS, None
        listing.by_code = reasons.codes_left_out(run, class_run.pk, listing.within)
        codes = [(code, sentences.code_label(code)) for code in listing.by_code]
        listing.filters = (Filter("code", _("reason"), codes),)
        listing.__post_init__()
        listing.columns = [Column("person__name", _("who, and why not"), show=lambda row: left_out_cell(run.pk, row))]
        if movable:
            move = Column("pk", "", show=lambda row: move_cell(run.pk, row.person, class_run.pk, chosen=True))
            listing.columns.append(move)
        return listing

    @classmethod
    def of_class_run(
        cls, request: SignedInRequest, run: CallupRun, class_run: ClassRun | None, codes: Iterable[str]
    ) -> LeftOutListing:
        """``codes``: the reasons that occur, for the filter."""
        columns = [
            Column("person__name", _("full name"), show=lambda row: name_cell(run.pk, row.person, row.class_run_id)),
            Column("person__number", _("staff number")),
            Column("person__unit__name", _("unit")),
            Column("sentence", _("why not")),
        ]
        if class_run is None:
            columns.insert(3, Column("class_run", _("class run")))
        else:
            columns.append(Column("facts", _("what was weighed")))
        listing = cls(
            request,
            Person.objects.none(),
            columns,
            name="left-out",
            label=_("Eligible, not on the list"),
            search=("name", "number", "unit__name"),
            search_label=_("Name, staff number or unit"),
            filters=(Filter("code", _("reason"), [(code, sentences.code_label(code)) for code in codes]),),
            empty=Empty(_("Nobody is left out"), _("Everyone eligible is on the list, or the run is not solved yet.")),
        )
        listing.run, listing.class_run, listing.scope = run, class_run, request.user
        if run.is_put_away:
            listing.export = None  # a file on its own does not say that no list stands
        return listing

    @cached_property
    def within(self) -> list[int] | None:
        """The people of the unit and the scope; None where these are everybody."""
        people = Person.objects.visible_to(self.scope).order_by()
        if self.unit is not None and self.unit.pk != self.scope.scope_unit_id:
            people = people.filter(unit__path__startswith=self.unit.path)
        elif self.scope.sees_the_city:
            return None
        return list(people.values_list("pk", flat=True))

    @cached_property
    def _narrowing(self) -> dict[str, Any]:
        """What the reasons are asked for: class, code, and people when a unit, a scope or a search narrows them."""
        persons = self.within
        if self.words:
            found = set(
                Person.objects.visible_to(self.scope).filter(self._search_condition()).values_list("pk", flat=True)
            )
            persons = sorted(found if persons is None else found.intersection(persons))
        chosen = self._chosen.get("code")
        return {
            "class_run": self.class_run.pk if self.class_run else None,
            "codes": [chosen] if chosen else (),
            "persons": persons,
        }

    @cached_property
    def _fetched(self) -> list[Any]:
        start = (self.page - 1) * self.page_size
        return self._read(self.page_size + 1, start)

    @cached_property
    def count(self) -> int:
        if self.by_code is not None and not self.words:
            chosen = self._chosen.get("code")
            return self.by_code[chosen] if chosen else min(COUNT_CAP, sum(self.by_code.values()))
        return min(COUNT_CAP, reasons.count_left_out(self.run, **self._narrowing))

    def _read(self, limit: int, offset: int) -> list[LeftOut]:
        rows = reasons.left_out(self.run, limit=limit, offset=offset, **self._narrowing)
        people = Person.objects.select_related("unit").in_bulk({row["person_id"] for row in rows})
        names = Names()
        return [
            LeftOut(
                pk=row["person_id"],
                person=people[row["person_id"]],
                class_run_id=row["class_id"],
                class_run=names.class_run(row["class_id"]) if self.class_run is None else "",
                sentence=sentences.sentence(row["code"], json.loads(row["detail"]), names),
                facts=sentences.facts_text(row),
            )
            for row in rows
            if row["person_id"] in people
        ]

    def _exported(self) -> Iterator[list[Any]]:
        offset = 0
        while rows := self._read(2_000, offset):
            offset += 2_000
            for row in rows:
                yield [column.plain(row) for column in self.columns]
