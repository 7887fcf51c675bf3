"""What the banks ask of needs: the competencies of the city's frameworks, and those that the latest reckoning says are needed."""

from __future__ import annotations

from zhixing.needs.models import Competency, Framework, Need, NeedsReckoning
from zhixing.resources.needed import Needed


def needed_in_the_city() -> Needed:
    """Frameworks that the city's department (of the unit at the root) has published; of each the latest year, of that the latest reckoning.

    A code that two of them use is one competency here, called as in the first.
    """
    published = Framework.objects.filter(unit__parent=None, state=Framework.State.PUBLISHED)
    asked = Competency.objects.filter(framework__in=published, required__isnull=False).distinct()
    names: dict[str, str] = {}
    for code, name in asked.order_by("framework__name", "position", "pk").values_list("code", "name"):
        names.setdefault(code, name)
    return Needed(names, _needed_codes())


def _needed_codes() -> frozenset[str] | None:
    published = Framework.objects.filter(unit__parent=None, state=Framework.State.PUBLISHED)
    rows = NeedsReckoning.objects.filter(
        unit__parent=None, state=NeedsReckoning.State.READY, framework__name__in=published.order_by().values("name")
    )
    latest: dict[str, int] = {}
    for pk, name in rows.order_by("-year", "-at", "-pk").values_list("pk", "framework__name"):
        latest.setdefault(name, pk)
    if not latest:
        return None
    found = Need.objects.filter(reckoning__in=latest.values(), unit=None, weight__gt=0)
    return frozenset(found.order_by().values_list("competency__code", flat=True).distinct())
