"""Which edition of a draft a page showed."""

from __future__ import annotations

from django.http import HttpRequest

from zhixing.base.asked import whole_number


def edition_of(request: HttpRequest) -> int:
    """A page without one is out of date: 0, which no draft has."""
    return whole_number(request.POST.get("edition", "")) or 0
