"""Days in addresses: ``…/on/2026-03-01/``, and the form that leads there."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from zhixing.people.views.request import SignedInRequest


class DayConverter:
    """A path converter for ISO dates; a day that does not exist is no such page."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date) -> str:
        return value.isoformat()


@require_GET
def go_to_day(request: SignedInRequest, target: str) -> HttpResponse:
    """Lead from ``?day=`` to the page of that day; without a readable day to today's."""
    try:
        day = dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = timezone.localdate()
    return redirect(target, day)
