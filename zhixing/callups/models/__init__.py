"""Call-up runs (点名调训), call-ups of named persons, replies, make-ups (补训)."""

from zhixing.callups.models.callups import Callup, CallupQuerySet, MakeUp, Reply, Waiting
from zhixing.callups.models.runs import CallupRun, Paper, Pin

__all__ = ["Callup", "CallupQuerySet", "CallupRun", "MakeUp", "Paper", "Pin", "Reply", "Waiting"]
