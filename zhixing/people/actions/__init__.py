"""Every write of the people app: one transaction, permission, change, audit."""

from zhixing.people.actions.account_bulks import start_bulk_accounts, take_slips
from zhixing.people.actions.accounts import (
    create_account,
    edit_account,
    reset_password,
    switch_off_account,
    switch_on_account,
)
from zhixing.people.actions.persons import add_person, correct_person, end_service, record_reading, record_readings
from zhixing.people.actions.postings import add_posting, close_posting, promote
from zhixing.people.actions.rosters.apply import apply_roster, start_applying
from zhixing.people.actions.rosters.export import export_roster
from zhixing.people.actions.rosters.feed import feed_roster
from zhixing.people.actions.rosters.receive import drop_import, read_again, receive_roster
from zhixing.people.actions.rosters.undo import roll_back_roster, start_rolling_back, start_weighing, weigh_roll_back
from zhixing.people.actions.tokens import create_token, revoke_token
from zhixing.people.actions.units import close_unit, create_unit, edit_unit, move_unit, rename_unit

__all__ = [
    "add_person",
    "add_posting",
    "apply_roster",
    "close_posting",
    "close_unit",
    "correct_person",
    "create_account",
    "create_token",
    "create_unit",
    "drop_import",
    "edit_account",
    "edit_unit",
    "end_service",
    "export_roster",
    "feed_roster",
    "move_unit",
    "promote",
    "read_again",
    "receive_roster",
    "record_reading",
    "record_readings",
    "rename_unit",
    "reset_password",
    "revoke_token",
    "roll_back_roster",
    "start_applying",
    "start_bulk_accounts",
    "start_rolling_back",
    "start_weighing",
    "switch_off_account",
    "switch_on_account",
    "take_slips",
    "weigh_roll_back",
]
