"""Reading the own tokens of programs."""

from __future__ import annotations

from django.db.models import QuerySet

from zhixing.base.problems import NotFound
from zhixing.people.models import Account, ApiToken


def tokens_of(user: Account) -> QuerySet[ApiToken]:
    """The user's own tokens, newest first."""
    return ApiToken.objects.visible_to(user)


def token_for(user: Account, pk: int) -> ApiToken:
    """One of the own tokens; raises ``NotFound``."""
    token = tokens_of(user).filter(pk=pk).first()
    if token is None:
        raise NotFound
    return token
