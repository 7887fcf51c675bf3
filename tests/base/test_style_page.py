"""The parts of a page in Chromium, at 390 and 1440 px, light and dark: no finding of axe, no breach of the policy, working behaviour."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test import override_settings
from django.test.testcases import QuietWSGIRequestHandler
from django.urls import include, path
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tools import assets
from zhixing.base import style

pytestmark = pytest.mark.browser

CHROMIUM = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu"]}
PHONE, DESK = 390, 1440
URLS = (
    path("style/", style.page),
    path("", include("zhixing.base.urls")),
    path("door/", style.page, name="account_login"),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The style page and the static files, served by a thread; no database is at hand."""
    assets.build()
    static_root = str(tmp_path_factory.mktemp("static"))
    with override_settings(ROOT_URLCONF=URLS, ALLOWED_HOSTS=["127.0.0.1"], STATIC_ROOT=static_root):
        server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
        server.daemon_threads = True
        server.set_app(StaticFilesHandler(WSGIHandler()))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/style/"
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(**CHROMIUM)  # type: ignore[arg-type]
        yield opened
        opened.close()


class Visit:
    """A page with all that its console said."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Security Policy" in message.text:
            self.said.append(message.text)


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Any]:
    """Open the style page; at the end nothing may have gone wrong in the console."""
    visits: list[Visit] = []

    def open_page(width: int = DESK, theme: str = "light", query: str = "", **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            locale="zh-CN",
            reduced_motion="reduce",
            **options,
        )
        visits.append(Visit(context.new_page()))
        page = visits[-1].page
        page.goto(f"{site}{query}")
        return page

    yield open_page
    for one in visits:
        one.page.context.close()
    assert [text for one in visits for text in one.said] == []


@pytest.mark.parametrize("query", ["", "?door"], ids=["page", "door"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(visit: Any, width: int, theme: str, query: str) -> None:
    page = visit(width, theme, query)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") == width
    found = Axe().run(page).response["violations"]
    known = {"aria-allowed-role"}  # minor; Event Calendar makes buttons of its <article> elements
    assert [(one["impact"], one["id"], one["nodes"][0]["html"]) for one in found if one["id"] not in known] == []


def test_the_theme_button_turns_the_theme_and_the_choice_stays(visit: Any) -> None:
    page = visit()
    page.click("[data-theme-toggle]")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_charts_are_drawn_as_svg_and_follow_the_theme(visit: Any) -> None:
    page = visit()
    page.wait_for_selector("#chart-pace svg")
    bars = page.locator("#chart-months svg")
    before = bars.inner_html()
    assert "集中培训" in (bars.text_content() or "")
    page.click("[data-theme-toggle]")
    assert bars.inner_html() != before


def test_a_chart_tells_its_figures_under_the_pointer_without_breaking_the_policy(visit: Any) -> None:
    page = visit()
    page.wait_for_selector("#chart-pace svg")
    page.hover("#chart-pace [data-chart]")
    page.wait_for_function("document.querySelector('#chart-pace svg').textContent.includes(' 人')")


def test_a_bar_opens_the_rows_behind_it(visit: Any) -> None:
    page = visit()
    page.wait_for_selector("#chart-units svg")
    page.locator("#chart-units [data-chart]").click(position={"x": 200, "y": 52})
    page.wait_for_url("**/#charts")


def test_the_question_is_asked_before_the_deed_and_no_means_no(visit: Any) -> None:
    page = visit()
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.click("text=删除")
    assert page.text_content("#confirm-question") == "删除这个班次？"
    page.keyboard.press("Escape")
    assert posts == []
    page.click("text=删除")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.click("#confirm [data-yes]")


def test_a_picker_finds_a_unit_by_a_few_characters_and_by_keyboard(visit: Any) -> None:
    page = visit()
    field = page.get_by_role("combobox", name="承办单位")
    assert field.input_value() == "市财政局"
    field.fill("生态")
    page.wait_for_selector(".zx-picker-list li")
    assert page.locator(".zx-picker-list li").all_text_contents() == ["市生态环境局"]
    field.press("ArrowDown")
    field.press("Enter")
    assert (field.input_value(), page.input_value("#id_unit-select")) == ("市生态环境局", "4")
    field.fill("没有的")
    field.press("Tab")
    assert (field.input_value(), page.input_value("#id_unit-select")) == ("市生态环境局", "4")
    field.fill("")
    field.press("Tab")
    assert page.input_value("#id_unit-select") == ""


def test_ticking_rows_shows_what_can_be_done_with_them(visit: Any) -> None:
    page = visit()
    bar = page.locator("#list-standings-bulk")
    expect(bar).to_be_hidden()
    page.locator("input[name=selected]").nth(1).check()
    expect(bar).to_be_visible()
    page.check("[data-select-all]")
    expect(bar.locator(".zx-bulk-count")).to_contain_text("6")
    page.click("text=清除选择")
    expect(bar).to_be_hidden()


def test_a_chip_swaps_only_the_rows_and_sets_the_address(visit: Any) -> None:
    page = visit()
    page.evaluate("document.querySelector('.zx-answer').dataset.kept = 'yes'")
    with page.expect_response(lambda response: "state=short" in response.url) as answer:
        page.check("input[name=state][value=short]", force=True)
    assert "<html" not in answer.value.text()
    page.wait_for_url("**state=short**")
    assert page.get_attribute(".zx-answer", "data-kept") == "yes"


def test_the_navigation_opens_on_a_phone_and_escape_closes_it(visit: Any) -> None:
    page = visit(PHONE)
    rail, button = page.locator("#rail"), page.locator("[data-rail-open]")
    expect(rail).to_be_hidden()
    button.click()
    expect(rail).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(rail.locator("a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(rail).to_be_hidden()
    expect(button).to_be_focused()


def test_a_table_becomes_cards_with_their_labels_on_a_phone(visit: Any) -> None:
    page = visit(PHONE)
    label = "getComputedStyle(document.querySelector('td[data-label=\"应修学时\"]'), '::before').content"
    assert page.evaluate(label) == '"应修学时"'
    assert not page.locator("#list thead").is_visible()


def test_a_chosen_file_is_named_in_its_area(visit: Any) -> None:
    page = visit()
    page.set_input_files("input[type=file]", {"name": "名单.xlsx", "mimeType": "x/y", "buffer": b"x"})
    assert page.text_content("[data-name]") == "名单.xlsx"


def test_the_page_reads_without_javascript(visit: Any) -> None:
    page = visit(java_script_enabled=False)
    assert page.locator("h1").is_visible()
    assert page.locator("select#id_unit").is_visible()
    page.locator("summary.zx-who").click()
    assert page.locator(".zx-menu-panel").is_visible()


def test_a_calendar_shows_a_week_on_a_desk_and_a_list_on_a_phone(visit: Any) -> None:
    desk, phone = visit(DESK), visit(PHONE)
    assert desk.locator("#calendar .ec-event").count() == 6
    assert not desk.locator(".zx-agenda").is_visible()
    assert phone.locator(".zx-agenda-event").count() == 6
    assert phone.locator(".zx-agenda").is_visible()


def test_an_event_opens_its_page(visit: Any) -> None:
    page = visit()
    page.click("text=应急处置沙盘推演")
    page.wait_for_url("**/#calendar")


def test_printing_from_the_dark_theme_draws_for_white_paper(visit: Any) -> None:
    page = visit(theme="dark")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "light"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_paper_gets_the_matter_without_the_frame(visit: Any) -> None:
    page = visit(theme="dark")
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible()
    for part in ("#rail", ".zx-top", ".zx-list-tools", ".zx-foot"):
        assert not page.locator(part).first.is_visible(), part
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
