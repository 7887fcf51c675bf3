"""Problems become pages, and every page asks for a sign-in unless it says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import resolve_url
from django.utils import translation

from zhixing.base.problems import Problem
from zhixing.base.refusals import answer, not_a_page

Response = Callable[[HttpRequest], HttpResponse]
COMPRESSIBLE = ("text/", "application/json")


def open_to_all(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that needs no sign-in."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


class CompressMiddleware(GZipMiddleware):
    """Sends pages and data gzipped, a tenth of their size; spreadsheets, papers and archives are compressed as they are."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        return super().process_response(request, response) if kind.startswith(COMPRESSIBLE) else response


class ChosenLanguageMiddleware:
    """Chinese, unless the person chose another language: what the browser prefers does not count."""

    def __init__(self, get_response: Response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class SignInRequiredMiddleware:
    """Closed by default: only views marked ``open_to_all`` and the sign-in pages are seen by strangers."""

    def __init__(self, get_response: Response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """What a signed-in person sees is kept by no browser or proxy: office computers are shared."""
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.user.is_authenticated or getattr(view, "open_to_all", False):
            return None
        if getattr(view, "func", view).__module__.startswith(("allauth.", "ninja.")):  # these guard themselves
            return None
        door = f"{resolve_url(settings.LOGIN_URL)}?next={quote(request.get_full_path())}"
        if getattr(request, "htmx", False):
            return HttpResponse(status=204, headers={"HX-Redirect": door})
        return HttpResponseRedirect(door)


class ProblemMiddleware:
    """Turn a ``Problem``, and the bare refusal of a method, into a page, or into an alert part when htmx asked."""

    def __init__(self, get_response: Response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content and request.method in ("GET", "HEAD"):
            return not_a_page(request, response.headers["Allow"])
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer(request, error) if isinstance(error, Problem) else None
