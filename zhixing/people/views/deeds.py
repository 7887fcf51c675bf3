"""The page of one deed: a form, a button, and back to where one came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from zhixing.base.problems import Text
from zhixing.base.refusals import said_on, status_of
from zhixing.base.verdicts import Verdict
from zhixing.people.views.request import SignedInRequest


def deed_page(
    request: SignedInRequest,
    form: forms.Form,
    act: Callable[[], str],
    *,
    verdict: Verdict,
    title: Text,
    button: Text,
    back: str,
    crumbs: Sequence[tuple[Text, str]] = (),
    lead: Text = "",
    done: Text = "",
    danger: bool = False,
    template: str = "people/deed.html",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show ``form``, and on a valid post ``act``, which returns the address to go on to.

    Whoever may not do the deed is told so instead of being shown the form. What the action finds wrong with the input, or taken
    already, is shown above the form, which keeps what was typed. ``template``: one that extends ``people/deed.html``, with ``more`` to show.
    """
    verdict.require()
    if request.method == "POST" and form.is_valid():
        with said_on(form):
            target = act()
            if done:
                messages.success(request, str(done))
            return redirect(target)
    context = {
        "form": form,
        "heading": title,
        "button": button,
        "back": back,
        "crumbs": crumbs,
        "lead": lead,
        "danger": danger,
        **(more or {}),
    }
    return render(request, template, context, status=status_of(form))
