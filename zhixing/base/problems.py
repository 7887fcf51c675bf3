"""Errors that a person can mend. One middleware turns them into a page or an htmx part; anything else is a bug and is never caught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row of an uploaded sheet; ``row`` counts from 1, the first row of the sheet."""

    sheet: str
    row: int
    column: str
    value: str
    treatment: str
    reason: Text
    mend: Text


class Problem(Exception):
    """The base; ``message`` is a translatable sentence shown to the person."""

    status: ClassVar[int] = HTTPStatus.BAD_REQUEST
    title: ClassVar[Text] = _("This cannot be done")

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message


class NotFound(Problem):
    """There is no such thing, or none in the person's scope: the two look alike on purpose."""

    status = HTTPStatus.NOT_FOUND
    title = _("Not found")

    def __init__(self, message: Text = "") -> None:
        super().__init__(message or _("There is no such page, or it lies outside your scope."))


class Refused(Problem):
    """The person may not do this; the message is the reason."""

    status = HTTPStatus.FORBIDDEN
    title = _("Not allowed")


class Invalid(Problem):
    """The input is bad; ``problems`` lists rows where it came from a sheet."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = _("The input needs mending")

    def __init__(self, message: Text, problems: Sequence[RowProblem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class Conflict(Problem):
    """Someone or something else changed the matter in the meantime."""

    status = HTTPStatus.CONFLICT
    title = _("This changed in the meantime")
