"""Assessments of this year under review: by reviewers of whom one is milder and one stricter than the others."""

from __future__ import annotations

import datetime as dt

import numpy as np
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from zhixing.engine.indicators import Kind
from zhixing.evaluations import actions, rules
from zhixing.evaluations.models import Assessment, Judgement, SystemVersion
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun

REVIEWERS = (("周科长", 0.0), ("吴主任", 4.0), ("郑处长", -4.0))
"""Name, and by how many percent milder than the others."""
CLASS_RUNS = 5


def make_assessments(rng: np.random.Generator, on: dt.date) -> None:
    """Of every institution and of the last class runs that are over; each indicator is judged by two of the reviewers."""
    admin = Account.objects.get(username="zuzhibu")
    reviewers = [_reviewer(number, name, admin.scope_unit) for number, (name, _milder) in enumerate(REVIEWERS, 1)]
    schools = list(Unit.objects.filter(kind=Unit.Kind.SCHOOL).order_by("pk"))
    held = ClassRun.objects.filter(state=ClassRun.State.HELD, year=on.year).order_by("-ends_on", "pk")
    systems = {name: _published(name, admin, on) for name in ("institution", "class-run")}
    for school in schools:
        _judge(rng, _begun(systems["institution"], admin, on, institution=school), reviewers)
    for class_run in held[:CLASS_RUNS]:
        _judge(rng, _begun(systems["class-run"], admin, on, class_run=class_run), reviewers)


def _begun(version: SystemVersion, admin: Account, on: dt.date, **about: Unit | ClassRun) -> Assessment:
    """Under review: written as a row, for the action asks whether the school has time by the day on which the city is made."""
    return Assessment.objects.create(
        version=version,
        year=on.year,
        state=Assessment.State.REVIEW,
        report_due_on=on - dt.timedelta(days=10),
        by_id=admin.pk,
        **about,
    )


def _reviewer(number: int, name: str, city: Unit | None) -> Account:
    made: Account = Account.objects.create(
        username=f"reviewer-{number}", name=name, role=Role.DEPARTMENT, scope_unit=city, password=make_password(None)
    )
    return made


def _published(name: str, admin: Account, on: dt.date) -> SystemVersion:
    version = actions.create_system(rules.systems()[name][0], by=admin)
    published = timezone.make_aware(dt.datetime.combine(dt.date(on.year, 1, 5), dt.time(9)))
    actions.publish_system(version, reason="", edition=1, by=admin, now=published)
    version.refresh_from_db()
    return version


def _judge(rng: np.random.Generator, assessment: Assessment, reviewers: list[Account]) -> None:
    """As it stands when a review is nearly done."""
    for indicator in assessment.version.tree.indicators:
        if indicator.kind is not Kind.JUDGED:
            continue
        worth = 82 + float(rng.normal(0, 6))
        for place in sorted(rng.choice(len(reviewers), 2, replace=False).tolist()):
            percent = int(np.clip(round(worth + REVIEWERS[place][1] + float(rng.normal(0, 3))), 60, 100))
            Judgement.objects.create(
                assessment=assessment, code=indicator.code, account=reviewers[place], percent=percent, note="查阅资料"
            )
