"""Units, persons with their dated postings, accounts, and roster imports."""

from zhixing.people.models.accounts import OWN_AFFAIRS, Account, PrivacyAcknowledgement, Role
from zhixing.people.models.imports import RosterChange, RosterImport
from zhixing.people.models.persons import PastPosting, PastService, Person, Posting, RecordReading
from zhixing.people.models.tokens import ApiToken
from zhixing.people.models.units import Unit, UnitPlacement

__all__ = [
    "OWN_AFFAIRS",
    "Account",
    "ApiToken",
    "PastPosting",
    "PastService",
    "Person",
    "Posting",
    "PrivacyAcknowledgement",
    "RecordReading",
    "Role",
    "RosterChange",
    "RosterImport",
    "Unit",
    "UnitPlacement",
]
