"""What one row would change, as facts before and after, and from which day. Nothing is written here."""

from __future__ import annotations

import datetime as dt

from zhixing.engine.roster.comparison import Arrival, Difference
from zhixing.engine.roster.rows import RosterRow
from zhixing.people.facts import FIELD_OF, Facts, to_json
from zhixing.people.models import Person
from zhixing.people.problem import NEW, Indexes, Known

DAY = dt.timedelta(days=1)
_SINCE = frozenset({"rank_since", "grade_since"})
RETIRED, LEFT = Person.Status.RETIRED, Person.Status.LEFT


def arrival(
    arrival: Arrival, known: Known | None, on: dt.date, number: str, index_of: Indexes
) -> tuple[Facts, Facts, dt.date | None]:
    """Facts of a person who comes, or comes back: ``before`` is empty for somebody new. The day: as in ``move``.

    Whoever comes as retired is entered with a service that has ended.
    """
    row = arrival.row
    from_on = _post_began(row, on)
    after = _person_facts(row, number, index_of) | _posting_facts(row, arrival.unit)
    if known is None:
        began = [day for day in (_day(row.work_began), from_on) if day]
        left_on = max(on - DAY, from_on).isoformat() if row.status == RETIRED else None
        return {}, after | {"joined_on": min(began).isoformat(), "left_on": left_on}, from_on
    said = {name: value for name, value in after.items() if value not in ("", None) or name in _SINCE}
    if row.status == RETIRED and known.held:
        return _known_facts(known, said) | _end(known), said, None
    said["left_on"] = None
    return _known_facts(known, said) | _end(known), said, _after_the_end(known, from_on, on)


def move(
    moved: Difference | None, corrected: Difference | None, known: Known, on: dt.date
) -> tuple[Facts, Facts, dt.date | None]:
    """Facts of the posting that differ, and the day from which a new posting holds them; None: the known posting is corrected in place."""
    after = _moved_facts(moved, known) if moved else {}
    from_on: dt.date | None = moved.from_on if moved else on
    if corrected is not None and returns_to_service(corrected, known):
        from_on = _after_the_end(known, from_on or on, on)
    elif _corrects_in_place(after, from_on or on, corrected, known):
        from_on = None
    return _known_facts(known, after) | _end(known), after, from_on


def _moved_facts(moved: Difference, known: Known) -> Facts:
    """The facts that the row says anew; a date of which it says nothing does not outlive the post or grade that it belonged to."""
    after = {FIELD_OF.get(one.field, one.field): _said(moved.row, moved.unit, one.field) for one in moved.changes}
    for since, facts in (("rank_since", ("rank", "title", "unit_id")), ("grade_since", ("grade",))):
        is_silent = getattr(moved.row, since) is None
        if is_silent and getattr(known.person, since) and any(name in after for name in facts):
            after[since] = None
    return after


def _after_the_end(known: Known, from_on: dt.date, on: dt.date) -> dt.date:
    """The day a post begins that follows an ended service: the one given when it lies after the end, else the roster's."""
    ended = known.left_on or (known.held.to_on if known.held else None)
    if ended is None or from_on > ended:
        return from_on
    return max(on, ended + DAY)


def _end(known: Known) -> Facts:
    """Whether the posting held had ended already."""
    return {"to_on": to_json(known.held.to_on)} if known.held else {}


def _corrects_in_place(after: Facts, from_on: dt.date, corrected: Difference | None, known: Known) -> bool:
    """Only dates differ, or the post is over, or it began no earlier than the move: then no new post begins."""
    if known.held is None:
        return False
    return (
        after.keys() <= _SINCE
        or known.held.to_on is not None
        or from_on <= known.held.from_on
        or (corrected is not None and _new_status(corrected) == RETIRED)
    )


def returns_to_service(difference: Difference, known: Known) -> bool:
    """Whether somebody who had retired, and holds no post, is serving again in whatever form."""
    return known.person.status == RETIRED and not known.open_postings and _new_status(difference) not in {"", RETIRED}


def is_outdated(known: Known, on: dt.date) -> bool:
    """Whether the post held began after the day of the roster, which then says nothing of the post of today."""
    return known.held is not None and known.held.from_on > on


def correction(difference: Difference, known: Known, on: dt.date, index_of: Indexes) -> tuple[Facts, Facts]:
    """Facts of the person that differ; a retirement also ends the service, a return takes its end away."""
    after: Facts = {}
    for change in difference.changes:
        name = FIELD_OF.get(change.field, change.field)
        after[name] = (
            index_of(difference.row.id_number) if name == "id_index" else _said(difference.row, "", change.field)
        )
    if is_outdated(known, on):
        after.pop("status", None)
    if after.get("status") == RETIRED:
        after["left_on"] = _last_day(known, on).isoformat()
    elif returns_to_service(difference, known):
        after["left_on"] = None
    before = _known_facts(known, after)
    if after.get("status") == RETIRED:
        before["open_postings"] = [pk for pk, _ in known.open_postings]
    return before, after


def departure(known: Known, on: dt.date) -> tuple[Facts, Facts]:
    """Facts of a person whom a complete roster no longer names."""
    after = {"status": LEFT, "left_on": _last_day(known, on).isoformat()}
    return _known_facts(known, after) | {"open_postings": [pk for pk, _ in known.open_postings]}, after


def _last_day(known: Known, on: dt.date) -> dt.date:
    """The day before the roster's, but not before joining or before an open post began."""
    return max(on - DAY, known.joined_on, *(from_on for _, from_on in known.open_postings))


def _new_status(difference: Difference) -> str:
    return next((change.new for change in difference.changes if change.field == "status"), "")


def _post_began(row: RosterRow, on: dt.date) -> dt.date:
    """When the present post and grade came together: the later of their dates, else the day of the roster."""
    dates = [date.first for date in (row.rank_since, row.grade_since) if date]
    return max(dates, default=on)


def _person_facts(row: RosterRow, number: str, index_of: Indexes) -> Facts:
    return {
        "name": row.name,
        "number": number,
        "id_index": index_of(row.id_number) if row.id_number else None,
        "sex": row.sex,
        "born_on": to_json(_day(row.born)),
        "work_began_on": to_json(_day(row.work_began)),
        "category": row.category,
        "phone": row.phone,
        "status": row.status or Person.Status.SERVING,
    }


def _posting_facts(row: RosterRow, unit: str) -> Facts:
    names = ("unit", "department", "title", "rank", "grade", "rank_since", "grade_since")
    return {FIELD_OF.get(name, name): _said(row, unit, name) for name in names}


def _said(row: RosterRow, unit: str, name: str) -> object:
    """What the row says of one field of the engine, as a fact; a unit still to be opened stays its name."""
    if name == "unit":
        return unit if unit.startswith(NEW) else int(unit)
    value = getattr(row, name)
    return to_json(_day(value)) if name in {"born", "work_began", *_SINCE} else value


def _day(date: object) -> dt.date | None:
    return getattr(date, "first", None)


_ENGINE_NAME = {field: name for name, field in FIELD_OF.items()}


def _known_facts(known: Known, after: Facts) -> Facts:
    """What is known of the facts in ``after``."""
    before: Facts = {}
    for name in after:
        if name in {"left_on", "joined_on"}:
            before[name] = to_json(getattr(known, name))
        else:
            value = getattr(known.person, _ENGINE_NAME.get(name, name))
            before[name] = _typed(name, value)
    return before


def _typed(name: str, value: object) -> object:
    if name == "unit_id":
        return int(str(value)) if value else None
    return (value or None) if name == "id_index" else to_json(value)
