"""The open interface for programs (OpenAPI at ``/api/openapi.json``): the same scope and the same problems as the pages.

A program signs in with ``Authorization: Bearer zx_…``. Lists are paged by ``limit`` and ``offset``; hours are integer tenths, dates ISO.
"""

from __future__ import annotations

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBearer

from zhixing.base.problems import Problem
from zhixing.config.api import answers, attendance, callups, obligations, people, plans
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
api.exception_handler(Problem)(answers.tell_problem)
api.exception_handler(AuthenticationError)(answers.tell_stranger)
api.exception_handler(ValidationError)(answers.tell_bad_parameters)
