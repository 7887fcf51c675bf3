"""Reads of the people app, each from what the user may see."""

from zhixing.people.queries.accounts import account_for, accounts_for, has_second_step, slips_of, without_liaison
from zhixing.people.queries.corrections import Correction, corrections_of
from zhixing.people.queries.imports import Showing, Shown, import_for, imports_for
from zhixing.people.queries.persons import (
    categories,
    find_by_id_number,
    masked_id_number,
    people_for,
    people_on,
    person_for,
    postings_of,
    readings_of,
    without_account,
)
from zhixing.people.queries.tokens import token_for, tokens_of
from zhixing.people.queries.units import Headcounts, chain, children, unit_for, units_for, units_on

__all__ = [
    "Correction",
    "Headcounts",
    "Showing",
    "Shown",
    "account_for",
    "accounts_for",
    "categories",
    "chain",
    "children",
    "corrections_of",
    "find_by_id_number",
    "has_second_step",
    "import_for",
    "imports_for",
    "masked_id_number",
    "people_for",
    "people_on",
    "person_for",
    "postings_of",
    "readings_of",
    "slips_of",
    "token_for",
    "tokens_of",
    "unit_for",
    "units_for",
    "units_on",
    "without_account",
    "without_liaison",
]
