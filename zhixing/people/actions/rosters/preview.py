"""Reading a received roster: the file becomes rows, the rows a comparison, the comparison the changes that the officer sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from django.db import transaction

from zhixing.base import audit, files
from zhixing.base.chunks import chunks
from zhixing.base.jobs import Handle
from zhixing.base.lrmx import read_lrmx
from zhixing.base.problems import Invalid
from zhixing.base.tables.guard import Kind
from zhixing.base.tables.read import read_sheet
from zhixing.base.tables.sentences import row_problem as fault_in_words
from zhixing.engine.roster.compare import compare
from zhixing.engine.roster.comparison import Comparison
from zhixing.engine.roster.headings import ROSTER_OF_KNOWN
from zhixing.engine.roster.rows import Mention, RosterRow, parse_roster
from zhixing.engine.sheets.faults import RowFault, Treatment, gravest
from zhixing.people import problem
from zhixing.people.actions.rosters.changes import Changes, fault_problems, row_problem
from zhixing.people.actions.rosters.receive import content_of
from zhixing.people.models import Account, RosterChange, RosterImport
from zhixing.people.problem import Indexes, Known

Kinds = RosterChange.Kind
BATCH = 1_000


@dataclass(frozen=True)
class Contents:
    """What a file says. ``unread`` are headings passed over, ``dropped`` counts what must not be kept (family, photos).

    ``asks_rank``: whether the file has a place for rank and grade.
    """

    rows: tuple[RosterRow, ...]
    faults: tuple[RowFault, ...]
    columns: frozenset[str] = frozenset()
    mentions: tuple[Mention, ...] = ()
    unread: tuple[str, ...] = ()
    dropped: dict[str, int] = field(default_factory=dict)
    asks_rank: bool = True


def read_roster(roster_import: RosterImport, handle: Handle) -> dict[str, int]:
    """Fill the preview of an import that was received. Running it again begins anew; an import that moved on is left alone."""
    if roster_import.state != RosterImport.State.RECEIVED:
        return {}
    try:
        contents = _contents_of(roster_import)
    except Invalid as refusal:
        _refuse(roster_import, refusal)
        return {}
    handle.check()
    user = Account.objects.select_related("scope_unit").get(pk=roster_import.by_id)
    index_of = Indexes()
    scope = roster_import.scope_unit if roster_import.complete else None
    known = problem.known_people(contents.rows, index_of, scope)
    rows, foreign = _apart(contents.rows, known, user, index_of)
    handle.check()
    units, opening = problem.unit_index(roster_import.scope_unit, rows, opens_units=roster_import.opens_units)
    mine = {one.person.key: one for one in known if problem.is_visible(one, user)}
    comparison = compare(
        rows,
        [one.person for one in mine.values()],
        roster_import.on,
        units=units,
        index_of=index_of,
        columns=contents.columns,
        complete=roster_import.complete,
        covered=_covered(roster_import, known),
        mentions=contents.mentions,
        asks_rank=contents.asks_rank,
    )
    faults = [*contents.faults, *comparison.faults]
    changes = Changes(roster_import, comparison, mine, index_of)
    elsewhere = (row_problem(row, problem.ELSEWHERE, Treatment.REFUSED) for row in foreign)
    counts = _write(roster_import, chain(changes.all(), fault_problems(faults), elsewhere), handle)
    counts |= _figures(comparison, faults, contents, len(foreign), len(changes.outdated()))
    return _finish(roster_import, counts, opening, contents)


def _contents_of(roster_import: RosterImport) -> Contents:
    content, name = content_of(roster_import), roster_import.file.name
    if roster_import.counts["kind"] in {Kind.LRMX, Kind.LRMX_ZIP}:
        forms = read_lrmx(content, name, unit=roster_import.scope_unit.code)
        dropped = {"family_members": forms.dropped.family_members, "photos": forms.dropped.photos}
        return Contents(forms.rows, forms.faults, dropped=dropped, asks_rank=False)
    parsed = parse_roster(read_sheet(content, name), ROSTER_OF_KNOWN)
    if parsed.refused:
        sentences = (fault_in_words(fault) for fault in parsed.faults)
        raise Invalid("\n".join(f"{one.reason} {one.mend}" for one in sentences))
    return Contents(parsed.rows, parsed.faults, parsed.columns, parsed.mentions, parsed.unread)


def _covered(roster_import: RosterImport, known: list[Known]) -> set[str]:
    """The units that a complete roster speaks for: all at or below its own."""
    top = roster_import.scope_unit.path
    return {one.person.unit for one in known if one.path.startswith(top)}


def _apart(
    rows: tuple[RosterRow, ...], known: list[Known], user: Account, index_of: Indexes
) -> tuple[list[RosterRow], list[RosterRow]]:
    """The rows to compare, and those of people who belong to somebody else's subtree."""
    foreign_people = [one.person for one in known if not problem.is_visible(one, user)]
    ids = {person.id_index for person in foreign_people if person.id_index}
    numbers = {person.number for person in foreign_people}
    mine: list[RosterRow] = []
    foreign: list[RosterRow] = []
    for row in rows:
        is_foreign = row.number in numbers or (row.id_number != "" and index_of(row.id_number) in ids)
        (foreign if is_foreign else mine).append(row)
    return mine, foreign


def _write(roster_import: RosterImport, changes: Iterator[RosterChange], handle: Handle) -> dict[str, int]:
    """Write the changes batch by batch, each in a transaction of its own: the database is never held up for long."""
    roster_import.changes.all().delete()
    counts: Counter[str] = Counter()
    for batch in chunks(changes, BATCH):
        for change in batch:
            change.roster_import = roster_import
        RosterChange.objects.bulk_create(batch)
        counts.update(change.kind for change in batch)
        handle.progress(counts.total(), 0)
    return {kind: counts.get(kind, 0) for kind in Kinds.values}


def _figures(
    comparison: Comparison, faults: list[RowFault], contents: Contents, foreign: int, outdated: int
) -> dict[str, int]:
    by_row = gravest(faults)
    refused = sum(fault.treatment is Treatment.REFUSED for fault in by_row)
    return {
        "rows": len(contents.rows) + len(contents.mentions),
        "unchanged": len(comparison.unchanged),
        "refused": refused + foreign,
        "doubtful": len(by_row) - refused + outdated,
    }


def _finish(
    roster_import: RosterImport, counts: dict[str, int], opening: list[str], contents: Contents
) -> dict[str, int]:
    details = {"units": opening, "unread": list(contents.unread), "dropped": contents.dropped}
    with transaction.atomic():
        moved_on = RosterImport.objects.filter(pk=roster_import.pk, state=RosterImport.State.RECEIVED).update(
            state=RosterImport.State.READ, counts=counts | details
        )
        if moved_on:
            audit.record("people.roster_read", roster_import, by=None, **counts)
            files.destroy(roster_import.file)
        else:  # dropped meanwhile
            roster_import.changes.all().delete()
    return counts


def _refuse(roster_import: RosterImport, refusal: Invalid) -> None:
    with transaction.atomic():
        refused = RosterImport.objects.filter(pk=roster_import.pk, state=RosterImport.State.RECEIVED).update(
            state=RosterImport.State.REFUSED, refusal=str(refusal.message)
        )
        if refused:
            audit.record("people.roster_refused", roster_import, by=None)
            files.destroy(roster_import.file)
