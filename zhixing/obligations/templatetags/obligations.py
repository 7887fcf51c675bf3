"""What the templates of this app need beyond the parts of a page."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def titled(code: str, titles: Mapping[str, str]) -> str:
    """The title of a rule; a code that the policy in force does not know stands for itself."""
    return titles.get(code, code)
