"""The sheet on a phone, by a personal link: with and without JavaScript, nothing typed is lost, and it is handed in once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PHONE, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LINK = """
from zhixing.evaluations import tokens
from zhixing.evaluations.models import Survey, Ticket
open_now = Survey.objects.filter(state="open", on_paper=False, version__form__title="班次质量评估问卷")
answer = tokens.make(Ticket.objects.filter(survey__in=open_now, burnt=False).order_by("pk").first())
"""


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": PHONE, "height": 800}, locale="zh-CN", java_script_enabled=request.param, has_touch=True
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert [text for text in said if "422" not in text and "409" not in text] == []


def test_a_sheet_is_filled_in_on_a_phone(phone: Page, site: Site) -> None:
    address = f"{site.address}/evaluations/answer/{site.installation.ask(LINK)}/"
    phone.goto(address)
    lines = phone.locator("fieldset.ev-line")
    assert lines.count() == 21
    for place in range(1, 21):  # the first is forgotten
        lines.nth(place).locator("label.ev-pick").nth(place % 4).click()
    phone.locator("textarea").fill("案例很好")
    phone.locator(".ev-send").click()
    phone.wait_for_selector("[data-wrong]")
    assert phone.locator("input:checked").count() == 20
    assert phone.locator("textarea").input_value() == "案例很好"
    assert phone.locator(".ev-wrong").count() == 1
    phone.locator("fieldset.ev-line").first.locator("label.ev-pick").first.click()
    phone.locator(".ev-send").click()
    phone.wait_for_url("**/evaluations/thanks/")
    assert phone.goto(address).status == 409  # type: ignore[union-attr]
    assert "此链接已经用过" in phone.content()


def test_every_answer_can_be_hit_with_a_thumb_and_read_by_all(browser: Browser, site: Site) -> None:
    """44 px each way, no overflow, and axe finds nothing serious, by day and by night."""
    for theme in ("light", "dark"):
        context = browser.new_context(viewport={"width": PHONE, "height": 800}, color_scheme=theme, locale="zh-CN")  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{site.address}/evaluations/answer/{site.installation.ask(LINK)}/")
        boxes = [one.bounding_box() for one in page.locator("label.ev-pick, .ev-send").all()]
        assert all(box and box["height"] >= 44 and box["width"] >= 44 for box in boxes)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
        context.close()
