"""What apps above ask a person who comes to a class, such as lodging and meals. They say so at their start; nothing is asked where they ask nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from zhixing.base.problems import Text
from zhixing.callups.models import Callup
from zhixing.people.models import Account


@dataclass(frozen=True)
class Question:
    """A page with something to answer; ``is_open``: it was not answered yet and still may be."""

    label: Text
    url: str
    is_open: bool


Asks = Callable[[Callup, Account], Question | None]
_asks: list[Asks] = []


def ask_further(question: Asks) -> None:
    """``question`` gives what is asked about one call-up of an account, or nothing."""
    if question not in _asks:
        _asks.append(question)


def questions(callup: Callup, user: Account) -> list[Question]:
    return [found for ask in _asks if (found := ask(callup, user)) is not None]
