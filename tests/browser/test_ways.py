"""Each role's main way in a real browser, at the desk and on the phone, with what goes wrong in life: double clicks, two tabs, the back button."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Site, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]


def confirm(page: Page) -> None:
    """Say yes in the dialog that asks before a deed."""
    page.locator("dialog[open] button.btn-primary, dialog[open] button.btn-danger").last.click()


def test_the_department_opens_a_number_down_to_one_person_s_arithmetic(visit: Visit) -> None:
    page = visit("zuzhibu", DESK).page
    expect(page.locator("h1")).to_contain_text("若不采取措施")
    page.locator("a.zx-tile[href*='worst=overdue']").click()
    expect(page.locator("main table")).to_contain_text("已逾期")
    page.locator("main tbody a").first.click()
    expect(page.locator("h1")).to_contain_text("学时")
    expect(page.locator("main")).to_contain_text("依据")


def test_a_search_narrows_the_list_of_people_and_the_back_button_widens_it(visit: Visit) -> None:
    visitor = visit("zuzhibu", DESK)
    visitor.go("/people/")
    page = visitor.page
    page.fill("input[name=q]", "YL000007")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator("tbody tr").nth(5)).to_be_visible()


def test_a_trainee_accepts_on_the_phone_and_a_second_tab_is_told(visit: Visit) -> None:
    visitor = visit("xueyuan", PHONE)
    expect(visitor.page.locator("h1")).to_contain_text("您被调训参加")
    visitor.go("/callups/mine/")
    second = visitor.context.new_page()
    second.goto(f"{visitor.site.address}/callups/mine/")
    accept = "form[action$='/accept/'] button"
    visitor.page.locator(accept).first.click()
    expect(visitor.page.locator("main")).to_contain_text("已确认参训")
    second.locator(accept).first.click()
    second.wait_for_load_state("load")
    expect(second.locator("main")).to_contain_text("已")
    visitor.said.clear()  # the second tab's refusal is a 4xx on purpose


def test_a_liaison_sees_the_own_people_only(visit: Visit) -> None:
    visitor = visit("lianluoyuan", DESK)
    visitor.go("/people/")
    units = visitor.page.locator("tbody tr td[data-label='单位']").all_inner_texts()
    assert units
    assert all("财政局" in unit for unit in units)
    answer = visitor.context.request.get(f"{visitor.site.address}/people/1/")
    assert answer.status == 404


def test_an_auditor_reads_the_trail_and_has_no_deeds(visit: Visit) -> None:
    visitor = visit("shenji", DESK)
    visitor.go("/trail/")
    expect(visitor.page.locator("table")).to_contain_text("关闭考勤簿")
    visitor.go("/callups/runs/")
    expect(visitor.page.locator("main a", has_text="新建")).to_have_count(0)


def test_a_teacher_has_a_desk_and_no_people(visit: Visit) -> None:
    visitor = visit("jiaoshi", PHONE)
    expect(visitor.page.locator("h1")).to_be_visible()
    answer = visitor.context.request.get(f"{visitor.site.address}/obligations/standings/")
    assert answer.status == 403


def test_school_staff_lay_out_the_half_days_of_a_class_run(visit: Visit) -> None:
    visitor = visit("dangxiao", DESK)
    visitor.go("/classes/?state=open")
    visitor.page.locator("tbody a").first.click()
    visitor.page.locator("main a", has_text="课程表").click()
    expect(visitor.page.locator("main")).to_contain_text("课次")


def test_a_wrong_password_is_told_and_the_fifth_one_locks(site: Site, browser: object, visit: Visit) -> None:
    visitor = visit("jiaoshi", DESK)
    context = visitor.context.browser.new_context(locale="zh-CN")  # type: ignore[union-attr]
    page = context.new_page()
    for _ in range(5):
        page.goto(f"{site.address}/accounts/login/")
        page.fill("input[name=login]", "liaison-yl002")
        page.fill("input[name=password]", "wrong-password-9")
        page.click("form button.btn-primary")
        page.wait_for_load_state("load")
    expect(page.locator("body")).to_contain_text("锁定")
    context.close()


@pytest.mark.parametrize("path", ["/callups/runs/new/"])
def test_the_department_proposes_and_publishes_a_list(visit: Visit, path: str) -> None:
    visitor = visit("zuzhibu", DESK)
    visitor.go(path)
    page = visitor.page
    boxes = page.locator("input[name=selected]")
    for n in range(1, boxes.count()):
        boxes.nth(n).uncheck()
    page.locator("main form button.btn-primary").last.click()
    page.wait_for_load_state("load")
    publish = page.locator("main a[href$='/publish/']").first
    for _ in range(60):
        page.reload()
        if publish.count():
            break
        page.wait_for_timeout(1_000)
    publish.click()
    page.locator("main form button.btn-primary").last.click()
    if page.locator("dialog[open]").count():
        confirm(page)
    page.wait_for_load_state("load")
    expect(page.locator("main")).to_contain_text("已发布", timeout=30_000)
