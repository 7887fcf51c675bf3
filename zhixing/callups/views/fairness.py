"""Who is passed over by a colleague, and what sharing the load costs: sections of a run, and the list behind the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.listing import COUNT_CAP, Column, Empty, Filter, Listing
from zhixing.base.problems import Conflict
from zhixing.callups import queries, reasons, sentences
from zhixing.callups.models import CallupRun
from zhixing.callups.sentences import Names
from zhixing.callups.sentences.terms import OVERFLOWS
from zhixing.callups.terms import Terms
from zhixing.callups.views.cells import name_cell
from zhixing.people.models import Account, Person
from zhixing.people.views.request import SignedInRequest


def fairness_sections(found: CallupRun) -> dict[str, Any]:
    """What the two sections of a run's page show; of an earlier search, put away or in vain since, nothing."""
    has_list = found.state in {CallupRun.State.PROPOSED, CallupRun.State.PUBLISHED}
    causes = reasons.causes(found) if has_list else None
    percent = Terms.of(found.settings).overflow_percent
    sharing = found.result.get("sharing") if has_list else None
    return {
        "causes": causes if causes is None else [(sentences.cause_label(cause), n) for cause, n in causes.items()],
        "passed_over": sum((causes or {}).values()),
        "asks_beyond": OVERFLOWS[percent] if percent else "",
        "price": sentences.price(sharing) if sharing else (),
    }


@dataclass(frozen=True)
class PassedOver:
    """One exception."""

    pk: int
    person: Person
    class_run_id: int
    class_run: str
    colleague: str
    sentence: str


class PassedOverListing(Listing):
    """The exceptions of a run, from its reasons file, for people whom the account sees."""

    run: CallupRun
    scope: Account

    @cached_property
    def _narrowing(self) -> dict[str, Any]:
        people = Person.objects.visible_to(self.scope).order_by()
        narrowed = bool(self.words) or not self.scope.sees_the_city
        if self.words:
            people = people.filter(self._search_condition())
        chosen = self._chosen.get("cause")
        persons = list(people.values_list("pk", flat=True)) if narrowed else None
        return {"causes": [chosen] if chosen else (), "persons": persons}

    @cached_property
    def _fetched(self) -> list[Any]:
        return self._read(self.page_size + 1, (self.page - 1) * self.page_size)

    @cached_property
    def count(self) -> int:
        return min(COUNT_CAP, reasons.count_passed_over(self.run, **self._narrowing))

    def _read(self, limit: int, offset: int) -> list[PassedOver]:
        rows = reasons.passed_over(self.run, limit=limit, offset=offset, **self._narrowing)
        keys = {row[name] for row in rows for name in ("person_id", "holder_id")}
        people = Person.objects.select_related("unit").in_bulk(keys)
        names = Names()
        return [
            PassedOver(
                pk=row["person_id"],
                person=people[row["person_id"]],
                class_run_id=row["class_id"],
                class_run=names.class_run(row["class_id"]),
                colleague=people[row["holder_id"]].name if row["holder_id"] in people else "—",
                sentence=sentences.cause_sentence(row, names),
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


@require_GET
def exceptions(request: SignedInRequest, pk: int) -> HttpResponse:
    """Everyone who is left out of a class to which a colleague of the same unit with weaker reasons is called, each with the cause."""
    found = queries.run_for(request.user, pk)
    if found.is_put_away:
        raise Conflict(sentences.reasons_of(found))
    listing = PassedOverListing(
        request,
        Person.objects.none(),
        (
            Column("person__name", _("full name"), show=lambda row: name_cell(found.pk, row.person, row.class_run_id)),
            Column("person__unit__name", _("unit")),
            Column("class_run", _("class run")),
            Column("colleague", _("colleague who is called")),
            Column("sentence", _("cause")),
        ),
        name="exceptions",
        label=_("Exceptions"),
        search=("name", "number", "unit__name"),
        search_label=_("Name, staff number or unit"),
        filters=(
            Filter("cause", _("cause"), [(one, sentences.cause_label(one)) for one in reasons.causes(found) or ()]),
        ),
        empty=Empty(
            _("No exception"),
            _("Nobody is left out of a class to which a colleague of the same unit with weaker reasons is called."),
            icon="circle-check",
        ),
    )
    listing.run, listing.scope = found, request.user
    return listing.response("callups/exceptions.html", {"run": found})
