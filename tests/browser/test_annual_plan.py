"""The board of an annual plan in a real browser: lines dragged and moved by buttons, undone, in two tabs, merged, without evidence; and what if."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Site, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]
MAKE = """
from zhixing.people.models import Account
from zhixing.plans import actions
from zhixing.plans.models import AnnualPlan, Programme
by, next_year = Account.objects.get(username="zuzhibu"), timezone.localdate().year + 1
school = Account.objects.get(username="dangxiao").scope_unit
programme = next(one for one in Programme.objects.order_by("pk") if one.rank_groups == ["township"])
line = {"programme": programme, "title": programme.name, "kind": programme.kind, "rank_group": programme.rank_groups[0],
    "people": programme.size_max, "runs": 1, "days": programme.days, "tenths": programme.tenths, "institution": school,
    "content_tenths": programme.content_tenths, "method_tenths": programme.method_tenths, "budget": 20_000_000}
lines = [line | {"term": 1}, line | {"term": 1, "people": programme.size_min}, line | {"term": 3}]
plan = actions.create_plan({"year": next_year, "title": given["name"], "money": 2_000_000_000}, by=by, lines=lines)
actions.rest_on_needs(plan, by=by)
answer = plan.pk
"""
KNOWN = """
from zhixing.plans.models import AnnualPlan
plan = AnnualPlan.objects.get(pk=given["plan"])
answer = [[line.number, line.term, line.people] for line in plan.lines.order_by("number")]
"""

IN_FORCE = """
from zhixing.people.models import Account
from zhixing.plans import actions
from zhixing.plans.models import AnnualPlan
by = Account.objects.get(username="zuzhibu")
school = Account.objects.get(username="dangxiao").scope_unit
line = {"title": "基层减负专题班", "theme": "基层治理", "kind": "special", "rank_group": "township", "people": 8, "runs": 1, "days": 3,
    "tenths": 225, "content_tenths": {"ability": 225}, "institution": school, "term": 2, "budget": 1_500_000}
facts = {"year": timezone.localdate().year + 1, "title": "已批计划", "money": 100_000_000}
plan = actions.create_plan(facts, by=by, lines=[line])
actions.submit_plan(plan, by=by)
for name in ("kezhang", "fubuzhang"):
    actions.approve_plan(AnnualPlan.objects.get(pk=plan.pk), by=Account.objects.get(username=name))
answer = plan.pk
"""
CAME_OF_IT = """
from django.db.models import Sum
from zhixing.callups.models import CallupRun
from zhixing.plans.models import ClassRun
made = ClassRun.objects.get(plan_run__line__plan=given["plan"])
run = CallupRun.objects.get(class_runs=made)
seats = made.quotas.aggregate(n=Sum("seats_max"))["n"]
halves = made.sessions.aggregate(tenths=Sum("tenths"))["tenths"]
answer = [made.theme, made.seats_max, seats, made.tenths, halves, made.sessions.count(), run.callups.count(), run.pins.count()]
"""


class Board:
    """A draft with two lines alike in the first quarter and one in the third."""

    def __init__(self, visitor: Visitor, site: Site, name: str) -> None:
        self.visitor, self.site, self.page = visitor, site, visitor.page
        self.plan = site.installation.ask(MAKE, name=name)
        self.url = f"/classes/annual/{self.plan}/"

    def known(self) -> list[Any]:
        """[number, quarter, people] of each line as the database has them."""
        found: list[Any] = self.site.installation.ask(KNOWN, plan=self.plan)
        return found

    def terms(self) -> list[int]:
        return [term for _number, term, _people in self.known()]

    def open(self, page: Page | None = None) -> Page:
        page = page or self.page
        page.goto(f"{self.site.address}{self.url}")
        return page


@pytest.fixture
def board(visit: Visit, site: Site, request: pytest.FixtureRequest) -> Board:
    return Board(visit("zuzhibu", DESK), site, request.node.name[:60])


def drag(page: Page, number: int, term: int) -> None:
    page.locator(f"#line-{number} h3").drag_to(
        page.locator(f"[data-term='{term}']"), target_position={"x": 40, "y": 20}
    )
    page.wait_for_load_state("load")


def test_a_line_is_dragged_to_another_quarter_and_back_by_undo(board: Board) -> None:
    page = board.open()
    drag(page, 1, 3)
    expect(page.locator("[data-term='3'] #line-1")).to_be_visible()
    assert board.terms() == [3, 1, 3]
    page.locator("form[data-undo] button").dblclick(no_wait_after=True)
    expect(page.locator("[data-term='1'] #line-1")).to_be_visible()
    assert board.terms() == [1, 1, 3]


def test_two_tabs_move_one_line_and_the_second_is_told(board: Board) -> None:
    page = board.open()
    second = board.open(board.visitor.context.new_page())
    drag(page, 1, 3)
    expect(page.locator("[data-term='3'] #line-1")).to_be_visible()
    drag(second, 1, 4)
    expect(second.locator("main")).to_contain_text("已被他人移到第三季度")
    assert board.terms() == [3, 1, 3]
    second.go_back()
    second.reload()
    expect(second.locator("[data-term='3'] #line-1")).to_be_visible()
    board.visitor.said = [text for text in board.visitor.said if "409" not in text]


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_on_a_phone_a_line_is_moved_by_a_button(visit: Visit, site: Site, script: bool) -> None:
    made = Board(visit("zuzhibu", PHONE, java_script_enabled=script), site, f"手机移动{script}")
    page = made.open()
    if script:
        assert not made.visitor.width_overflows
    page.locator("#line-1 .pl-drawer > summary").click()
    page.locator("#line-1 .pl-move button[value='2']").click()
    page.wait_for_load_state("load")
    assert made.terms() == [2, 1, 3]


def test_keys_move_a_line(board: Board) -> None:
    page = board.open()
    page.locator("#line-1 .pl-drawer > summary").focus()
    page.keyboard.press("Enter")
    page.locator("#line-1 .pl-move button[value='4']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-term='4'] #line-1")).to_be_visible()


def test_evidence_is_put_aside_and_counts_again(board: Board) -> None:
    page = board.open()
    page.locator("#line-1 .pl-drawer > summary").click()
    share = page.locator("#line-1 .pl-parts li").first.locator(".pl-part-share").inner_text()
    page.locator("#line-1 button[value=aside]").first.click()
    expect(page.locator("#line-1 .pl-left")).to_be_visible()
    left = page.locator("#line-1 .pl-left strong").inner_text()
    assert round(float(share[:-1]) + float(left[:-1]), 2) == 100
    page.locator("#line-1 button[value=take-up]").click()
    expect(page.locator("#line-1 .pl-left")).to_have_count(0)
    expect(page.locator("#line-1 .pl-drawer")).to_have_attribute("open", "")


def test_two_lines_are_merged_once_and_undone(board: Board) -> None:
    page = board.open()
    before = board.known()
    page.locator("#alike-1-2 form button").first.dblclick(no_wait_after=True)
    expect(page.locator("#line-2")).to_have_count(0)
    assert len(board.known()) == 2
    board.open()
    page.locator("form[data-undo] button").click()
    expect(page.locator("#line-2")).to_be_visible()
    assert board.known() == before
    board.visitor.said = [text for text in board.visitor.said if "409" not in text]


@pytest.mark.parametrize("width", [DESK, PHONE], ids=["desk", "phone"])
def test_what_if_is_asked_answered_taken_over_and_undone(visit: Visit, site: Site, width: int) -> None:
    made = Board(visit("zuzhibu", width), site, f"试算{width}")
    page, before = made.open(), made.known()
    page.locator("a[href$='/tries/']").first.click()
    page.fill("input[name=money]", "-10")
    page.locator(".pl-try-form button.btn-primary").dblclick(no_wait_after=True)
    expect(page.locator(".zx-job a.btn-primary, .pl-facts-row").first).to_be_visible(timeout=90_000)
    page.reload()
    expect(page.locator("main")).to_contain_text("经费减少 10%")
    assert not made.visitor.width_overflows
    assert made.known() == before
    made.visitor.go(f"{made.url}tries/")
    expect(page.locator(".pl-tries > li")).to_have_count(1)
    page.locator(".pl-tries a").click()
    page.locator("form[action$='/take/'] button").click()
    page.locator("dialog[open] .btn-primary").click()
    expect(page.locator("form[data-undo]")).to_be_visible()
    assert made.known() != before
    page.locator("form[data-undo] button").click()
    expect(page.locator("form[data-undo]")).to_contain_text("调整依据")
    assert made.known() == before


def test_a_line_becomes_class_run_list_and_timetable_without_retyping(visit: Visit, site: Site) -> None:
    plan = site.installation.ask(IN_FORCE)
    visitor = visit("zuzhibu", DESK)
    page = visitor.page
    visitor.go(f"/classes/annual/{plan}/lines/1/")
    page.locator("a[href$='/lines/1/runs/']").click()
    page.locator("main form button.btn-primary").dblclick(no_wait_after=True)
    expect(page.locator("main")).to_contain_text("已建立 1 个班次并分配名额")
    page.locator("td a", has_text="基层减负专题班").click()
    page.locator("form[action$='/open/'] button").click()
    sessions = page.locator("a[href^='/sessions/']").first.get_attribute("href")
    page.locator("a[href*='chosen=']").click()
    expect(page.locator("[name=selected]:checked")).to_have_count(1)
    page.locator("form.cu-steps button.btn-primary").click()
    expect(page.locator("h1")).to_contain_text("已拟调训 8 人次", timeout=60_000)
    page.locator("a[href$='/board/']").first.click()
    page.locator(".cu-cell a[href*='/board/']", has_text="1").first.click()
    page.locator("[data-side=in] [data-move]").first.click()
    page.fill("#move-reason", "驻村")
    page.locator("#move .btn-primary").click()
    expect(page.locator("main")).to_contain_text("驻村")
    visitor.go(str(sessions))
    page.locator("form[action$='/lay-out/'] button").click()
    expect(page.locator("main")).to_contain_text("已排出 6 个半天")
    assert site.installation.ask(CAME_OF_IT, plan=plan) == ["基层治理", 8, 8, 225, 225, 6, 7, 1]
    visitor.go(f"/classes/annual/{plan}/execution/")
    expect(page.locator("main")).to_contain_text("0 / 1（已建 1）")
