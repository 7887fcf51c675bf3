"""The planner's board in a real browser: people moved by mouse and by keys, undone, clicked twice, in two tabs and after the back button."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Site, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
SOLVE = """
from zhixing.callups import actions
from zhixing.callups.models import CallupRun
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
by, today = Account.objects.get(username="zuzhibu"), timezone.localdate()
first = dt.date(today.year + 1, 5, given["day"])
made = ClassRun.objects.create(
    code=f"B{ClassRun.objects.count()}", year=first.year, name=given["name"], starts_on=first, ends_on=first, tenths=60,
    seats_max=4, ranks=["乡科级正职"], state="open", institution=Account.objects.get(username="dangxiao").scope_unit)
run = actions.create_run(given["name"], [made], by=by, seconds=20)
actions.start_run(run, by=by)
answer = [run.pk, made.pk, by.scope_unit_id]
"""
CHOSEN = """
from zhixing.callups.models import CallupRun
run = CallupRun.objects.get(pk=given["run"])
answer = [run.state, run.callups.count(), run.pins.count()]
"""


class Desk:
    """One solved run of one class run, and its cell of the whole city."""

    def __init__(self, visitor: Visitor, site: Site, name: str, day: int) -> None:
        self.visitor, self.site, self.page = visitor, site, visitor.page
        self.run, self.class_run, self.unit = site.installation.ask(SOLVE, name=name, day=day)
        visitor.go(f"/callups/runs/{self.run}/")
        expect(self.page.locator("h1")).to_contain_text("已拟调训", timeout=60_000)
        self.cell = f"/callups/runs/{self.run}/board/{self.unit}/{self.class_run}/"

    def known(self) -> list[object]:
        """[state, call-ups, pins] as the database has them."""
        found: list[object] = self.site.installation.ask(CHOSEN, run=self.run)
        return found

    def open(self, page: Page | None = None) -> Page:
        page = page or self.page
        page.goto(f"{self.site.address}{self.cell}")
        return page


def side(page: Page, name: str) -> object:
    return page.locator(f"[data-side={name}] [data-move]")


def decide(page: Page, reason: str) -> None:
    expect(page.locator("#move")).to_be_visible()
    page.fill("#move-reason", reason)
    page.locator("#move .btn-primary").click()
    page.wait_for_load_state("load")


@pytest.fixture
def desk(visit: Visit, site: Site, request: pytest.FixtureRequest) -> Desk:
    day = 3 + abs(hash(request.node.name)) % 20
    return Desk(visit("zuzhibu", DESK), site, request.node.name[:60], day)


def test_a_person_is_dragged_off_the_list_and_another_onto_it(desk: Desk) -> None:
    page = desk.open()
    leaving = page.locator("[data-side=in] [data-row]").first
    name = leaving.locator(".cu-name a").inner_text()
    leaving.drag_to(page.locator("[data-side=out]"), target_position={"x": 60, "y": 60})
    expect(page.locator("#move-title")).to_have_text(f"将{name}移出名单？")
    decide(page, "驻村")
    expect(page.locator("[data-side=in] [data-row]")).to_have_count(3)
    expect(page.locator("main")).to_contain_text("驻村")
    coming = page.locator("[data-side=out] tbody tr").nth(1)
    name = coming.locator(".cu-name a").inner_text()
    coming.drag_to(page.locator("[data-side=in]"), target_position={"x": 60, "y": 60})
    decide(page, "新任职")
    expect(page.locator("[data-side=in]")).to_contain_text(name)
    assert desk.known() == ["proposed", 4, 2]


def test_keys_choose_a_person_move_and_take_back(desk: Desk) -> None:
    page = desk.open()
    buttons = page.locator("[data-side=in] [data-move]")
    buttons.first.focus()
    page.keyboard.press("ArrowDown")
    expect(buttons.nth(1)).to_be_focused()
    name = buttons.nth(1).get_attribute("data-name")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#move-title")).to_have_text(f"将{name}移出名单？")
    page.keyboard.press("Escape")
    expect(page.locator("#move")).to_be_hidden()
    expect(buttons.nth(1)).to_be_focused()
    assert desk.known() == ["proposed", 4, 0]
    page.keyboard.press("ArrowRight")
    page.keyboard.type("借调")
    page.keyboard.press("Enter")
    expect(buttons).to_have_count(3)
    page.keyboard.press("Control+z")
    expect(buttons).to_have_count(4)
    assert desk.known() == ["proposed", 4, 0]


def test_without_a_reason_nothing_is_decided(desk: Desk) -> None:
    page = desk.open()
    page.locator("[data-side=in] [data-move]").first.click()
    page.locator("#move .btn-primary").click()
    expect(page.locator("#move")).to_be_visible()
    assert desk.known() == ["proposed", 4, 0]


def test_a_double_click_decides_once_and_undoes_once(desk: Desk) -> None:
    page = desk.open()
    page.locator("[data-side=in] [data-move]").first.click()
    page.fill("#move-reason", "驻村")
    page.locator("#move .btn-primary").dblclick(no_wait_after=True)
    expect(page.locator("[data-side=in] [data-move]")).to_have_count(3)
    assert desk.known() == ["proposed", 3, 1]
    page.locator("form[data-undo] button").dblclick(no_wait_after=True)
    expect(page.locator("[data-side=in] [data-move]")).to_have_count(4)
    assert desk.known() == ["proposed", 4, 0]


def test_two_tabs_decide_on_the_same_person(desk: Desk) -> None:
    page = desk.open()
    second = desk.open(desk.visitor.context.new_page())
    for tab in (page, second):
        tab.locator("[data-side=in] [data-move]").first.click()
        decide(tab, "驻村")
    expect(second.locator("[data-side=in] [data-move]")).to_have_count(3)
    assert desk.known() == ["proposed", 3, 1]
    page.reload()
    for tab in (page, second):
        tab.locator("form[data-undo] button").click()
        expect(tab.locator("[data-side=in] [data-move]")).to_have_count(4)


def test_the_back_button_leads_to_the_board_as_it_was_unfolded(desk: Desk) -> None:
    page = desk.page
    desk.visitor.go(f"/callups/runs/{desk.run}/board/")
    rows = page.locator("tbody tr")
    before = rows.count()
    turn = page.locator(".cu-turn").first
    turn.click()
    expect(page.locator(".cu-turn[aria-expanded=true]")).to_have_count(1)
    assert "open=" in page.url
    page.locator(".cu-cell a").first.click()
    expect(page.locator("[data-side=in]")).to_be_visible()
    page.go_back()
    expect(page.locator(".cu-turn[aria-expanded=true]")).to_have_count(1)
    page.go_back()
    expect(page.locator(".cu-turn[aria-expanded=true]")).to_have_count(0)
    expect(rows).to_have_count(before)


def test_without_javascript_a_person_is_moved_by_a_plain_form(visit: Visit, site: Site) -> None:
    made = Desk(visit("zuzhibu", DESK), site, "无脚本班", 27)
    plain = visit("zuzhibu", PHONE, java_script_enabled=False)
    page = made.open(plain.page)
    page.locator("[data-side=in] [data-move]").first.click()
    page.fill("#pin-reason", "驻村")
    page.locator("form.cu-pin button").click()
    page.wait_for_load_state("load")
    assert made.known() == ["proposed", 3, 1]


@pytest.mark.parametrize("width", [DESK, PHONE], ids=["desk", "phone"])
def test_a_copy_is_solved_and_laid_beside_the_first(visit: Visit, site: Site, width: int) -> None:
    made = Desk(visit("zuzhibu", width), site, f"对比班{width}", 28 if width == DESK else 29)
    page = made.page
    made.visitor.go(f"/callups/runs/{made.run}/compare/")
    page.locator("form[action$='/copy/do/'] button").click()
    page.locator("label.cu-stop:has(input[name=emphasis_waits][value=most])").click()
    page.locator("form.cu-steps button.btn-primary").click()
    page.wait_for_load_state("load")
    page.locator("form[action$='/solve/do/'] button").click()
    expect(page.locator("h1")).to_contain_text("已拟调训", timeout=60_000)
    page.locator("a[href$='/compare/']").first.click()
    page.locator("main ul.cu-people a.btn").first.click()
    expect(page.locator("h1")).to_contain_text("两个方案")
    expect(page.locator("main")).to_contain_text("久未参训")
    assert not made.visitor.width_overflows
