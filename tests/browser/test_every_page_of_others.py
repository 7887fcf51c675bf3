"""Every page of liaisons, trainees and teachers. Files of their own, so that two workers crawl at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visitor
from tests.browser.crawl import faults_of_every_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("username", ["lianluoyuan", "xueyuan", "jiaoshi"])
def test_every_page_answers_fits_and_is_accessible(visit: Callable[..., Visitor], username: str) -> None:
    assert faults_of_every_page(visit, username) == []
