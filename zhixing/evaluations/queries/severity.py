"""How mild or strict raters are, as far as it can be known: reviewers of assessments, who sign for what they give, and rater groups as a whole. Nobody
knows whose a sheet is, so of no trainee, teacher or unit that rated anything can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db.models import Avg, Q

from zhixing.engine.ratings.compared import Severity
from zhixing.evaluations import rules
from zhixing.evaluations.models import Assessment, Group, Judgement
from zhixing.evaluations.queries.surveys import publishable, surveys_seen_by
from zhixing.evaluations.reckoned import reckoned
from zhixing.people.models import Account

Rating = tuple[str, str, float]
"""Who rated, what, and what was given of 100."""


def reviewers(user: Account) -> list[Severity]:
    """By name, of the assessments that ``user`` sees; self-assessments are no review."""
    given = Judgement.objects.filter(assessment__in=Assessment.objects.visible_to(user), by_school=False)
    rows = given.order_by("assessment", "code", "account").values_list("account", "assessment", "code", "percent")
    ratings = [(str(account), f"{key} {code}", float(percent)) for account, key, code, percent in rows]
    accounts = Account.objects.filter(pk__in={int(rater) for rater, _object, _score in ratings})
    return _told(user, "reviewers", ratings, {str(one.pk): one.name for one in accounts})


def rater_groups(user: Account) -> list[Severity]:
    """What each group gives the same class runs by the same form. The mean of a survey is one rating: those of a class run have seen the same."""
    about = publishable(surveys_seen_by(user).filter(session=None, months=0)).order_by("pk")
    scored = about.annotate(mean=Avg("sheets__score", filter=Q(sheets__score__isnull=False)))
    rows = scored.values_list("group", "class_run", "version__form", "mean")
    ratings = [(group, f"{run} {form}", round(float(mean) / 100, 4)) for group, run, form, mean in rows]
    return _told(user, "rater groups", ratings, {key: str(label) for key, label in Group.choices})


def _told(user: Account, what: str, ratings: Sequence[Rating], names: Mapping[str, str]) -> list[Severity]:
    if not ratings:
        return []
    of = [ratings, rules.in_force().least]
    found = reckoned("severity", f"{what} of {user.scope_unit_id}", of, lambda: _reckon(ratings))
    told = [Severity(**{**one, "rater": names.get(one["rater"], "")}) for one in found]
    return sorted(told, key=lambda one: one.rater)


def _reckon(ratings: Sequence[Rating]) -> list[dict[str, Any]]:
    """With the engine, which is loaded here and nowhere else."""
    import pyarrow as pa

    from zhixing.engine.ratings.severity import severities

    columns = dict(zip(("rater", "object", "score"), zip(*ratings, strict=True), strict=True))
    return [asdict(one) for one in severities(pa.table({name: list(values) for name, values in columns.items()}))]
