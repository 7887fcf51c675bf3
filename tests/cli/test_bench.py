"""The bench: what it calls missed, and which files it counts as part of a page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from zhixing.config.cli.bench.figure import Figure
from zhixing.config.cli.bench.pages import ASSET, percentile


@pytest.mark.parametrize(("value", "reached"), [(149.9, True), (150.0, True), (150.1, False)])
def test_a_goal_is_reached_up_to_its_limit(value: float, reached: bool) -> None:
    figure = Figure("p95", value, "ms", 150)
    assert (figure.reached, figure.goal) == (reached, "≤ 150 ms")


def test_a_figure_without_a_goal_is_never_missed() -> None:
    assert Figure("peak memory", 1234.5, "MB").reached
    assert Figure("peak memory", 1234.5, "MB").measured == "1,234 MB"


def test_what_was_not_run_says_what_it_needs() -> None:
    figure = Figure.left_out("the same on Spark", "make scale, and Java 17")
    assert (figure.measured, figure.goal, figure.reached) == ("not run: make scale, and Java 17", "", True)


def test_five_of_a_hundred_lie_beyond_the_95th_percentile() -> None:
    assert percentile([float(n) for n in range(100)], 95) == 95
    assert percentile([7.0], 95) == 7


@pytest.mark.django_db
def test_style_sheets_scripts_and_icons_weigh_with_their_page() -> None:
    files = set(ASSET.findall(Client().get(reverse("account_login")).content.decode()))
    assert {"/static/vendor/tabler.min.css", "/static/base/tokens.css", "/static/vendor/htmx.min.js"} <= files
    assert any("icons.svg" in one or "mark.svg" in one for one in files)
