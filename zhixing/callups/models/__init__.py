"""Call-up runs (点名调训), call-ups of named persons, replies, make-ups (补训), call-ups by other authorities, and busy times of units."""

from zhixing.callups.models.busy import BusyTime, BusyTimeQuerySet
from zhixing.callups.models.callups import BEYOND, Callup, CallupQuerySet, MakeUp, Reply, Waiting
from zhixing.callups.models.outside import KeptClash, OutsideCallup, OutsideCallupQuerySet, OutsideList
from zhixing.callups.models.runs import PUT_AWAY, CallupRun, Paper, Pin

__all__ = [
    "BEYOND",
    "PUT_AWAY",
    "BusyTime",
    "BusyTimeQuerySet",
    "Callup",
    "CallupQuerySet",
    "CallupRun",
    "KeptClash",
    "MakeUp",
    "OutsideCallup",
    "OutsideCallupQuerySet",
    "OutsideList",
    "Paper",
    "Pin",
    "Reply",
    "Waiting",
]
