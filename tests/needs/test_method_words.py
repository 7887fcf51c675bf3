"""Methods on sheets that were handed in before they had the words of courses and plans."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from tests.needs.asked import City, answer
from zhixing.needs.models import NeedsSheet

pytestmark = pytest.mark.django_db


def test_stored_sheets_get_the_words_of_courses_and_plans_and_back() -> None:
    migration = import_module("zhixing.needs.migrations.0002_sources_and_wants")
    survey = City().launch()
    for ticket, method in zip(survey.tickets.order_by("pk"), ("case", "site", "seminar", "research"), strict=False):
        answer(ticket, method=[method, "online"])
    migration.to_old(apps, None)
    assert {tuple(one.wants["methods"]) for one in NeedsSheet.objects.all()} == {
        (method, "online") for method in ("case", "on_site", "discussion", "project")
    }
    migration.to_new(apps, None)
    assert {tuple(one.wants["methods"]) for one in NeedsSheet.objects.all()} == {
        (method, "online") for method in ("case", "site", "seminar", "research")
    }
    assert NeedsSheet.objects.count() == 4
