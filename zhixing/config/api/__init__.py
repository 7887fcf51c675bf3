"""The open interface for programs (OpenAPI at ``/api/openapi.json``): the same scope and the same problems as the pages.

A program signs in with ``Authorization: Bearer zx_…``. Lists are paged by ``limit`` and ``offset``; hours are integer tenths, dates ISO.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.security import HttpBearer

from zhixing.base.problems import Invalid, Problem
from zhixing.config.api import attendance, callups, obligations, people, plans
from zhixing.people.actions.tokens import account_of
from zhixing.people.models import Account


class TokenAuth(HttpBearer):
    """The account behind a token; also becomes ``request.user``, so queries scope by it."""

    def authenticate(self, request: HttpRequest, token: str) -> Account | None:
        account = account_of(token)
        if account is not None:
            request.user = account
        return account


api = NinjaAPI(
    title="Zhixing 知行", version="1", auth=TokenAuth(), docs_url=None, description=__doc__ or "", urls_namespace="api"
)
api.add_router("/people", people.router)
api.add_router("/standings", obligations.router)
api.add_router("/class-runs", plans.router)
api.add_router("/callups", callups.router)
api.add_router("/registers", attendance.router)


@api.exception_handler(Problem)
def tell_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem as JSON: title, reason, and the rows it concerns."""
    body: dict[str, Any] = {"title": str(problem.title), "detail": str(problem.message)}
    if isinstance(problem, Invalid) and problem.problems:
        body["rows"] = [
            {"row": p.row, "column": p.column, "value": p.value, "reason": str(p.reason)} for p in problem.problems
        ]
    return api.create_response(request, body, status=problem.status)
