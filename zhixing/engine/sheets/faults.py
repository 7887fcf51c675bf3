"""What can be wrong with a row of a sheet: codes with their place. Sentences are made in ``base.tables.sentences``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Treatment(StrEnum):
    """``REFUSED``: nothing of the row is used. ``DOUBTFUL``: the row is used, without the cell that cannot be right."""

    REFUSED = "refused"
    DOUBTFUL = "doubtful"


class Fault(StrEnum):
    """One code per thing that can be wrong; the code alone decides reason and mend."""

    # The sheet as a whole
    HEADING_MISSING = "heading_missing"
    HEADING_TWICE = "heading_twice"
    # Any cell
    MISSING = "missing"
    TOO_LONG = "too_long"
    ROWS_CONTRADICT = "rows_contradict"
    # Keys
    KEY_MISSING = "key_missing"
    ID_DIGITS_LOST = "id_digits_lost"
    ID_MASKED = "id_masked"
    ID_MALFORMED = "id_malformed"
    ID_DATE = "id_date"
    ID_CHECK_DIGIT = "id_check_digit"
    ID_NOT_KEPT_HERE = "id_not_kept_here"
    ID_CONTRADICTS_SEX = "id_contradicts_sex"
    ID_CONTRADICTS_BIRTH = "id_contradicts_birth"
    NUMBER_SHARED = "number_shared"
    KEYS_DISAGREE = "keys_disagree"
    OTHER_PERSON = "other_person"
    PERSON_UNKNOWN = "person_unknown"
    NAME_OF_ANOTHER = "name_of_another"
    NAME_UNKNOWN = "name_unknown"
    NAME_SHARED = "name_shared"
    OTHER_UNIT = "other_unit"
    # Dates
    DATE_UNREADABLE = "date_unreadable"
    DATE_IMPOSSIBLE = "date_impossible"
    DATE_AMBIGUOUS = "date_ambiguous"
    DATE_NEEDS_DAY = "date_needs_day"
    DATE_BEFORE_BIRTH = "date_before_birth"
    DATE_IN_FUTURE = "date_in_future"
    DATES_OUT_OF_ORDER = "dates_out_of_order"
    DAYS_TOO_MANY = "days_too_many"
    # Words
    RANK_UNKNOWN = "rank_unknown"
    RANK_UNSAID = "rank_unsaid"
    RANKS_CONTRADICT = "ranks_contradict"
    SEX_UNKNOWN = "sex_unknown"
    STATUS_UNKNOWN = "status_unknown"
    PHONE_UNREADABLE = "phone_unreadable"
    UNIT_UNKNOWN = "unit_unknown"
    UNIT_AMBIGUOUS = "unit_ambiguous"
    CHANNEL_UNKNOWN = "channel_unknown"
    RESULT_UNKNOWN = "result_unknown"
    TARGET_UNKNOWN = "target_unknown"
    CLASS_UNKNOWN = "class_unknown"
    NOT_AMONG = "not_among"
    NOT_LISTED = "not_listed"
    NO_COMPETENCY = "no_competency"
    NOT_KEPT = "not_kept"
    # Numbers
    SEATS_UNREADABLE = "seats_unreadable"
    SEATS_OUT_OF_ORDER = "seats_out_of_order"
    HOURS_UNREADABLE = "hours_unreadable"
    HOURS_NEGATIVE = "hours_negative"
    HOURS_TOO_FINE = "hours_too_fine"
    HOURS_TOO_MANY = "hours_too_many"
    HOURS_NOT_FOUND = "hours_not_found"
    DAYS_UNREADABLE = "days_unreadable"
    MONEY_UNREADABLE = "money_unreadable"
    MONEY_UNIT_UNSAID = "money_unit_unsaid"
    NUMBER_UNREADABLE = "number_unreadable"


VALUE_LIMIT = 200
"""Characters of a cell that a fault quotes."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault; ``row`` counts from 1, ``column`` is the heading as written, ``about`` holds words the sentence needs."""

    sheet: str
    row: int
    column: str
    value: str
    treatment: Treatment
    fault: Fault
    about: tuple[str, ...] = ()


def gravest(faults: Iterable[RowFault]) -> list[RowFault]:
    """One fault for each row: its first refusal, else its first doubt. The order of rows is kept."""
    chosen: dict[tuple[str, int], RowFault] = {}
    for fault in faults:
        kept = chosen.setdefault((fault.sheet, fault.row), fault)
        if kept.treatment is Treatment.DOUBTFUL and fault.treatment is Treatment.REFUSED:
            chosen[fault.sheet, fault.row] = fault
    return list(chosen.values())
