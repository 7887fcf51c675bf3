"""Talking to the city's identity service: what it must say of itself, and of whoever signs in there, to be believed."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

from zhixing.base.addresses import secure_address

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_LONGEST_SUBJECT = 191
"""What the column of the key takes (``SocialAccount.uid``); OpenID Connect allows 255 ASCII characters, and nobody uses them."""


class IdentityService(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """The service, asked. Raises ``OAuth2Error`` for every answer that does not hold together, ``RequestException`` for none."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the service says of itself (OpenID Connect Discovery 1.0), fetched once in a request."""
        if not hasattr(self, "_openid_config"):
            address = self.get_provider().server_url
            with get_adapter().get_requests_session() as session:
                response = session.get(address)
                response.raise_for_status()
                said = response.json()
            _check_configuration(said, address.partition("/.well-known/")[0])
            self._openid_config = said
        known: dict[str, Any] = self._openid_config
        return known

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            said = super().get_access_token_data(*args, **kwargs)
        except KeyError as error:  # allauth takes it for granted that an answer names its type
            raise OAuth2Error("the token answer has no content type") from error
        if not isinstance(said, dict) or not all(
            isinstance(said.get(name), str) for name in ("access_token", "id_token")
        ):
            raise OAuth2Error("the token answer lacks a token")
        return said

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """The token is good for this one sign-in and is not kept: how long it lives does not matter."""
        return SocialToken(token=data["access_token"])

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """The sign-in, with the claims of both answers as ``claims``. Nothing of an identity is kept but its key."""
        claims = [self._decode_id_token(app, kwargs["response"]["id_token"]), self._fetch_user_info(token.token)]
        login = self.get_provider().sociallogin_from_response(request, {"sub": _subject(claims)})
        login.account.extra_data = {}
        login.claims = claims
        return login


def _check_configuration(said: Any, issuer: str) -> None:
    """Whether the service is the one that was asked for, and speaks over TLS only."""
    if not isinstance(said, dict):
        raise OAuth2Error("the service says nothing of itself")
    if str(said.get("issuer")).rstrip("/") != issuer.rstrip("/"):
        raise OAuth2Error(f"the service calls itself {said.get('issuer')!r}, not {issuer!r}")
    for name in _ENDPOINTS:
        address = said.get(name)
        if not isinstance(address, str) or not address:
            raise OAuth2Error(f"the service names no {name}")
        try:
            secure_address(address)
        except ValueError as error:
            raise OAuth2Error(str(error)) from error


def _subject(claims: list[Any]) -> str:
    """Whom both answers speak of, which OpenID Connect Core 5.3.2 has us check."""
    first, second = (claim.get("sub") if isinstance(claim, dict) else None for claim in claims)
    if not isinstance(first, str) or not 0 < len(first) <= _LONGEST_SUBJECT or first != second:
        raise OAuth2Error("the two answers do not speak of the same person")
    return first
