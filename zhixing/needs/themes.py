"""What people wrote in surveys, grouped by theme, without the names of anybody on the roster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zhixing.needs.actions.evidence import LEAST
from zhixing.needs.models import NeedsText
from zhixing.people.models import Person


def themes_of(surveys: Sequence[int]) -> list[dict[str, Any]]:
    """[{words, count, quotations}] of all texts of some surveys, the commonest first."""
    from zhixing.engine.needs import themes  # here: a web server starts without jieba and scikit-learn

    texts = list(NeedsText.objects.filter(survey__in=surveys).order_by("text", "pk").values_list("text", flat=True))
    if len(texts) < 2 * LEAST:
        return []
    names = frozenset(Person.objects.order_by().values_list("name", flat=True))
    found = themes.themes_of(texts, LEAST, names)
    return [{"words": one.words, "count": one.count, "quotations": one.quotations} for one in found]
