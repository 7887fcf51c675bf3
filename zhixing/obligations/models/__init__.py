"""Policies, the hours ledger (学时台账), exemptions (减免) and the stored standings (完成情况)."""

from zhixing.obligations.models.appeals import EntryAppeal
from zhixing.obligations.models.effects import PolicyEffect
from zhixing.obligations.models.external import ExternalTraining
from zhixing.obligations.models.history import HistoryImport
from zhixing.obligations.models.ledger import Channel, Entry
from zhixing.obligations.models.policies import Policy
from zhixing.obligations.models.reminders import Reminder
from zhixing.obligations.models.standings import Exemption, Foreseen, Standing, StandingCount

__all__ = [
    "Channel",
    "Entry",
    "EntryAppeal",
    "Exemption",
    "ExternalTraining",
    "Foreseen",
    "HistoryImport",
    "Policy",
    "PolicyEffect",
    "Reminder",
    "Standing",
    "StandingCount",
]
