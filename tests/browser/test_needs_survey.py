"""The needs survey on a phone, by a personal link: short enough, nothing ticked is lost by a reload, and it is handed in once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.conftest import PHONE, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TAPS_MOST = (
    36  # 14 competencies by two marks, three topics, a method or two, handing in: three minutes at five seconds each
)
LINK = """
from zhixing.needs import tokens
from zhixing.needs.actions.surveys import launch_survey, prepare_survey
from zhixing.needs.models import Framework, NeedsSurvey
from zhixing.people.models import Account
now, by = timezone.now(), Account.objects.get(username="zuzhibu")
made = NeedsSurvey.objects.filter(title=given["title"]).first() or launch_survey(prepare_survey({
    "year": now.year + 1, "title": given["title"], "framework": Framework.objects.filter(state="published").first(), "who": "self",
    "sample": 20, "method": "proportional", "seed": 1, "opens_at": now, "closes_at": now + dt.timedelta(days=5)}, by=by), by=by)
answer = tokens.make(made.tickets.filter(burnt=False).first())
"""


def open_phone(browser: Browser, **options: bool) -> BrowserContext:
    return browser.new_context(viewport={"width": PHONE, "height": 800}, locale="zh-CN", has_touch=True, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_sheet_takes_few_taps_and_is_handed_in_once(browser: Browser, site: Site, script: bool) -> None:
    context = open_phone(browser, java_script_enabled=script)
    phone = context.new_page()
    address = f"{site.address}/needs/answer/{site.installation.ask(LINK, title='手机上的调研')}/"
    phone.goto(address)
    rows = phone.locator(".nd-row")
    assert rows.count() + 3 + 2 + 1 <= TAPS_MOST
    for place in range(rows.count()):
        rows.nth(place).locator("label").nth(place % 5).tap()
    phone.locator("label:has(input[name=topic])").first.tap()
    phone.locator(".nd-send").click(click_count=2 if script else 1)
    expect(phone.locator("h1")).to_contain_text("答卷已提交")
    expect(phone.locator("main")).not_to_contain_text("项未填")
    assert phone.goto(address).status == 409  # type: ignore[union-attr]
    expect(phone.locator("h1")).to_have_text("已经作答")
    context.close()


def test_half_a_sheet_outlives_a_reload_and_is_asked_about(browser: Browser, site: Site) -> None:
    context = open_phone(browser)
    page = context.new_page()
    page.goto(f"{site.address}/needs/answer/{site.installation.ask(LINK, title='半份调研')}/")
    for place in (0, 1, 2):
        page.locator(".nd-row").nth(place).locator("label").nth(4).tap()
    topics = page.locator("label:has(input[name=topic])")
    for place in (0, 1, 2):
        topics.nth(place).tap()
    page.locator("textarea").fill("征地协调难")
    page.reload()
    assert page.locator("input:checked").count() == 6
    assert page.locator("textarea").input_value() == "征地协调难"
    assert page.locator("input[name=topic]:disabled").count() == topics.count() - 3
    page.locator(".nd-send").tap()
    page.locator("dialog[open] button[value=no]").tap()
    page.locator(".nd-send").tap()
    page.locator("dialog[open] button[value=yes]").tap()
    expect(page.locator("h1")).to_contain_text("答卷已提交")
    assert "征地" not in page.evaluate("JSON.stringify(sessionStorage)")
    context.close()
