"""Loaded as a plugin (``-p tests.required``): what ``ZHIXING_REQUIRE`` names must run, so a skip of a test that bears such a mark is a failure."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

REQUIRED = frozenset(filter(None, os.environ.get("ZHIXING_REQUIRE", "").split(",")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    marks = REQUIRED & {mark.name for mark in item.iter_markers()}
    if report.skipped and marks:
        _fail(report, marks)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    """A module skipped whole is not read to its marks: it may hold what is required."""
    report = yield
    if report.skipped and REQUIRED:
        _fail(report, REQUIRED)
    return report


def _fail(report: Any, marks: frozenset[str]) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome, report.longrepr = "failed", f"{', '.join(sorted(marks))} required, but: {reason}"
