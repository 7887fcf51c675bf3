"""What is published, reckoned or retired the database itself keeps."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests import factories
from zhixing.needs.models import Competency, Framework, Need, NeedsReckoning

pytestmark = pytest.mark.django_db


def make_framework() -> Framework:
    return Framework.objects.create(name="能力框架", unit=factories.make_city(), by_id=1)


def make_competency(framework: Framework, **fields: object) -> Competency:
    return Competency.objects.create(
        framework=framework, code="A1", name="依法行政", kind="skill", content="ability", **fields
    )


def refused(change: object) -> bool:
    try:
        with transaction.atomic():
            change()  # type: ignore[operator]
    except DatabaseError:
        return True
    return False


def test_a_frozen_competency_cannot_be_changed_and_a_draft_can() -> None:
    competency = make_competency(make_framework())
    rows = Competency.objects.filter(pk=competency.pk)
    assert not refused(lambda: rows.update(name="依法办事"))
    rows.update(frozen=True)
    assert refused(lambda: rows.update(name="别的"))
    assert refused(rows.delete)


def test_a_ready_reckoning_and_its_needs_stay() -> None:
    framework = make_framework()
    account = factories.make_department(framework.unit)
    reckoning = NeedsReckoning.objects.create(year=2027, framework=framework, unit=framework.unit, by=account)
    need = Need.objects.create(reckoning=reckoning, competency=make_competency(framework), people=5, n=5)
    rows = NeedsReckoning.objects.filter(pk=reckoning.pk)
    assert not refused(lambda: rows.update(state="ready", digest="0" * 64))
    assert refused(lambda: rows.update(digest="1" * 64))
    assert refused(lambda: Need.objects.filter(pk=need.pk).update(gap=1))


def test_a_retired_framework_stays() -> None:
    framework = make_framework()
    rows = Framework.objects.filter(pk=framework.pk)
    rows.update(state="retired", published_at=timezone.now())
    assert refused(lambda: rows.update(name="别的"))
