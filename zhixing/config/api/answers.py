"""What every address of the interface has in common: how it says no, how it pages, and what keys and words look like."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Any

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Schema
from ninja.errors import AuthenticationError, ValidationError
from ninja.pagination import LimitOffsetPagination
from pydantic import BeforeValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from zhixing.base import sentences
from zhixing.base.problems import Invalid, Problem, RowProblem, Text
from zhixing.people.models import Account
from zhixing.people.queries import unit_for

KEY_MAX = 2**63 - 1
LIMIT_MAX = 1_000


def _written(pattern: str) -> BeforeValidator:
    """Take a text of exactly this form: what reads a number with blanks or a day as seconds is too kind to bad programs."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            raise PydanticCustomError("form", str(sentences.BAD_FORM))
        return value

    return BeforeValidator(check)


DIGITS = _written(r"-?[0-9]{1,20}(\.0)?")  # stands behind the limits, which the description would not show otherwise
"""JSON Schema takes 60.0 for a whole number, so programs made from the description may write it so."""
Key = Annotated[int, Field(ge=1, le=KEY_MAX), DIGITS]
"""The key of a row."""
Day = Annotated[dt.date, _written(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")]
Word = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\u0000-\u001f]*$")]
"""A short text without control characters, of which PostgreSQL refuses some."""


def words(choices: type[TextChoices]) -> WithJsonSchema:
    """Describe choices where they are used: several of ours are called ``State``, and a description knows each name once."""
    return WithJsonSchema({"type": "string", "enum": choices.values})


class RowOut(Schema):
    """One fault: in a row of a sheet, or in the parameter that ``column`` names (then ``row`` is null)."""

    row: int | None
    column: str
    value: str
    reason: str


class ProblemOut(Schema):
    """Why a request was not answered. ``code`` is stable; ``message`` is a sentence in the language of the request."""

    code: str = Field(description="unauthorized, refused, not_found, conflict or invalid")
    message: str
    rows: list[RowOut]


class Pages(LimitOffsetPagination):
    """Pages of a list; ``count`` says how many rows there are in all."""

    class Input(Schema):
        limit: Annotated[int, Field(ge=1, le=LIMIT_MAX), DIGITS] = 100
        offset: Annotated[int, Field(ge=0, le=KEY_MAX - LIMIT_MAX), DIGITS] = 0

    def paginate_queryset(self, queryset: Any, pagination: Any, request: HttpRequest, **params: Any) -> Any:
        """Refuses a parameter that is not there: a misspelt filter must not answer everybody."""
        known = set(pagination.__class__.model_fields) | set(params["wanted"].__class__.model_fields)
        for name in sorted(set(request.GET) - known):
            text = str(sentences.NO_SUCH_PARAMETER).format(name=name[:60])
            raise Invalid(text, [RowProblem("", 0, name[:60], request.GET[name][:200], "", text, "")])
        return super().paginate_queryset(queryset, pagination, request, **params)


def answers(model: Any, *refusals: HTTPStatus) -> dict[Any, Any]:
    """The documented answers: ``model``, and a ``ProblemOut`` for a bad token, a bad parameter and each of ``refusals``."""
    codes = {HTTPStatus.UNAUTHORIZED, HTTPStatus.UNPROCESSABLE_ENTITY, *refusals}
    return {HTTPStatus.OK.value: model, frozenset(code.value for code in codes): ProblemOut}


def lookups(
    wanted: Schema, user: Account, *, unit: str = "unit", renamed: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """What a request asks for, as the fields of a query; ``unit_id`` stands for everything at and below the unit at the path ``unit``.

    Raises ``NotFound`` for a unit outside the scope.
    """
    asked = wanted.dict(exclude_none=True)
    below = asked.pop("unit_id", None)
    fields = {renamed.get(name, name): value for name, value in asked.items()}
    return fields | ({f"{unit}__path__startswith": unit_for(user, below).path} if below else {})


def tell(code: str, message: Text, status: int, rows: list[dict[str, Any]]) -> HttpResponse:
    return JsonResponse({"code": code, "message": str(message), "rows": rows}, status=status)


def tell_problem(_request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem of ours as JSON."""
    faults = problem.problems if isinstance(problem, Invalid) else ()
    rows = [{"row": p.row or None, "column": p.column, "value": p.value, "reason": str(p.reason)} for p in faults]
    return tell(code_of(problem), problem.message, problem.status, rows)


def code_of(problem: Problem) -> str:
    """``NotFound`` → ``not_found``."""
    name = type(problem).__name__
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def tell_stranger(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """No token, or one that is unknown, expired or revoked: the four look alike."""
    answer = tell("unauthorized", sentences.NO_TOKEN, HTTPStatus.UNAUTHORIZED, [])
    answer["WWW-Authenticate"] = "Bearer"
    return answer


def tell_bad_parameters(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Each parameter that cannot be read, with what was sent and why."""
    sent = {**request.GET.dict(), **(request.resolver_match.kwargs if request.resolver_match else {})}
    names = [(str(e["loc"][-1]), e["msg"]) for e in error.errors]
    rows = [{"row": None, "column": n, "value": str(sent.get(n, ""))[:200], "reason": why} for n, why in names]
    return tell("invalid", sentences.BAD_PARAMETER, HTTPStatus.UNPROCESSABLE_ENTITY, rows)
