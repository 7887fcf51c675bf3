"""Every write of the people app: one transaction, permission, change, audit."""

from zhixing.people.actions.persons import add_person, correct_person, end_service, record_reading
from zhixing.people.actions.postings import add_posting, close_posting, promote
from zhixing.people.actions.units import close_unit, create_unit, edit_unit, move_unit, rename_unit

__all__ = [
    "add_person",
    "add_posting",
    "close_posting",
    "close_unit",
    "correct_person",
    "create_unit",
    "edit_unit",
    "end_service",
    "move_unit",
    "promote",
    "record_reading",
    "rename_unit",
]
