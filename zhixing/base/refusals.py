"""Pages for what Django itself refuses: no such address, a form without its token, a bug. The same page as for a ``Problem``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import Conflict, Invalid, NotFound, Problem, Refused, RowProblem


class Malformed(Problem):
    """The request itself is broken; nothing of it was read."""


class OnlyByButton(Problem):
    """The address of a deed, opened as if it were a page: from the history, or a link that was sent around."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    title = gettext_lazy("There is no page here")


class Failed(Problem):
    """A bug of ours."""

    status = 500
    title = gettext_lazy("Something went wrong on our side")


@contextmanager
def said_on(form: BaseForm) -> Iterator[list[RowProblem]]:
    """What is wrong or taken already is said on the form: nothing that was typed is lost. What comes after a form without errors returns from within.

    Gives the faults of a sheet by row, where there was one."""
    rows: list[RowProblem] = []
    try:
        yield rows
    except (Invalid, Conflict) as problem:
        form.add_error(None, ValidationError(str(problem.message), code=HTTPStatus(problem.status).name))
        rows += getattr(problem, "problems", ())


def status_of(form: BaseForm) -> int:
    """What a page with the form answers: 409 where the action found a conflict, 422 where the form has any other fault."""
    if form.has_error(NON_FIELD_ERRORS, HTTPStatus.CONFLICT.name):
        return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The page of a problem, the part for htmx, or the door for somebody who has not signed in."""
    if getattr(request, "htmx", False):
        response = render(request, "base/parts/problem.html", {"problem": problem}, status=problem.status)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
        return response
    user = getattr(request, "user", None)
    page = "base/problem.html" if user is not None and user.is_authenticated else "base/problem_door.html"
    return render(request, page, {"problem": problem, "back": _came_from(request)}, status=problem.status)


def _came_from(request: HttpRequest) -> str:
    """The page of ours whose form was refused: from there one goes on."""
    came = request.headers.get("Referer", "")
    ours = request.method == "POST" and url_has_allowed_host_and_scheme(came, {request.get_host()})
    return urlsplit(came)._replace(scheme="", netloc="").geturl() if ours else ""


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return answer(request, Malformed(_("The request cannot be read. Go back and try again.")))


def refused(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return answer(request, Refused(_("You may not open this page.")))


def not_a_page(request: HttpRequest, allowed: str) -> HttpResponse:
    """``allowed``: the methods by which the address is used."""
    response = answer(
        request,
        OnlyByButton(
            _("Something is done at this address, by a button of a page. Nothing was changed; go back to that page.")
        ),
    )
    response.headers["Allow"] = allowed
    return response


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return answer(request, NotFound())


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: an old page, a second sign-in in another tab, or an attack."""
    return answer(
        request, Refused(_("This page is out of date. Open it again, then send the form; nothing was changed."))
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: nothing here may ask the database, it may be what failed."""
    problem = Failed(_("The error is in the log of the installation. What you entered was not saved; try again later."))
    return HttpResponse(render_to_string("base/problem_door.html", {"problem": problem}), status=problem.status)
