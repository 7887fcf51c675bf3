"""How mild or strict raters are, as far as it can be known: reviewers of assessments, who sign for what they give, and rater groups as a whole. Nobody
knows whose a sheet is, so of no trainee, teacher or unit that rated anything can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db.models import Avg, Q

from zhixing.engine.indicators import Finding, Score, judged_findings, score
from zhixing.engine.ratings.compared import Severity
from zhixing.evaluations import rules
from zhixing.evaluations.models import Assessment, Group, Judgement
from zhixing.evaluations.queries.facts import figures_of
from zhixing.evaluations.queries.standing import findings_of
from zhixing.evaluations.queries.surveys import publishable, surveys_seen_by
from zhixing.evaluations.reckoned import reckoned
from zhixing.people.models import Account

Rating = tuple[str, str, float]
"""Who rated, what, and what was given of 100."""


def reviewers(user: Account) -> list[Severity]:
    """By name, of the assessments that ``user`` sees; self-assessments are no review."""
    found = _reviewers(user)
    accounts = {str(one.pk): one.name for one in Account.objects.filter(pk__in=[int(one.rater) for one in found])}
    return sorted((replace(one, rater=accounts.get(one.rater, "")) for one in found), key=lambda one: one.rater)


def _reviewers(user: Account) -> list[Severity]:
    """``rater``: the key of the account."""
    given = Judgement.objects.filter(assessment__in=Assessment.objects.visible_to(user), by_school=False)
    rows = given.order_by("assessment", "code", "account").values_list("account", "assessment", "code", "percent")
    ratings = [(str(account), f"{key} {code}", float(percent)) for account, key, code, percent in rows]
    return _told(user, "reviewers", ratings)


def fair_scores(assessments: Sequence[Assessment], user: Account) -> dict[int, Score]:
    """Key of an assessment → its score as if all its reviewers had been as strict as the others; nothing where that is known of no reviewer.

    All are of one version. Of a reviewer who rated nothing that others rated, the judgements stand as they are."""
    milder = {int(one.rater): one.milder for one in _reviewers(user) if one.milder is not None}
    rows = Judgement.objects.filter(assessment__in=[one.pk for one in assessments], by_school=False).order_by("pk")
    fair: dict[int, dict[str, list[int]]] = {}
    moved = set()
    for key, code, account, percent in rows.values_list("assessment", "code", "account", "percent"):
        off = milder.get(account, 0.0)
        fair.setdefault(key, {}).setdefault(code, []).append(min(100, max(0, round(percent - off))))
        moved |= {key} if account in milder else set()
    tree = assessments[0].version.tree if assessments else None
    return {one.pk: score(tree, _findings(one, fair)) for one in assessments if tree and one.pk in moved}


def _findings(assessment: Assessment, given: Mapping[int, Mapping[str, list[int]]]) -> dict[str, Finding]:
    """Figures of the system as they were told, or stand; judgements corrected."""
    told = assessment.latest
    kept = told.as_found() if told else findings_of(assessment, figures_of(assessment), given)
    elsewhere = [own for key, others in given.items() if key != assessment.pk for own in others.values()]
    return {**kept, **judged_findings(given[assessment.pk], elsewhere)}


def rater_groups(user: Account) -> list[Severity]:
    """What each group gives the same class runs by the same form. The mean of a survey is one rating: those of a class run have seen the same."""
    about = publishable(surveys_seen_by(user).filter(session=None, months=0)).order_by("pk")
    scored = about.annotate(mean=Avg("sheets__score", filter=Q(sheets__score__isnull=False)))
    rows = scored.values_list("group", "class_run", "version__form", "mean")
    ratings = [(group, f"{run} {form}", round(float(mean) / 100, 4)) for group, run, form, mean in rows]
    names = {key: str(label) for key, label in Group.choices}
    told = (replace(one, rater=names[one.rater]) for one in _told(user, "rater groups", ratings))
    return sorted(told, key=lambda one: one.rater)


def _told(user: Account, what: str, ratings: Sequence[Rating]) -> list[Severity]:
    if not ratings:
        return []
    of = [ratings, rules.in_force().least]
    found = reckoned("severity", f"{what} of {user.scope_unit_id}", of, lambda: _reckon(ratings))
    return [Severity(**one) for one in found]


def _reckon(ratings: Sequence[Rating]) -> list[dict[str, Any]]:
    """With the engine, which is loaded here and nowhere else."""
    import pyarrow as pa

    from zhixing.engine.ratings.severity import severities

    columns = dict(zip(("rater", "object", "score"), zip(*ratings, strict=True), strict=True))
    return [asdict(one) for one in severities(pa.table({name: list(values) for name, values in columns.items()}))]
