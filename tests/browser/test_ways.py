"""Each role's main way in a real browser, at the desk and on the phone, with what goes wrong in life: double clicks, two tabs, the back button."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Site, Visitor
from tests.people.rosters import row, sheet

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Visit = Callable[..., Visitor]


BOTH = pytest.mark.parametrize("width", [DESK, PHONE], ids=["desk", "phone"])
CALL = """
from zhixing.callups.models import Callup, CallupRun
from zhixing.people.models import Account, Person
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Teacher
from zhixing.attendance.models import Register
from zhixing.timetables.models import Session
today, now = timezone.localdate(), timezone.now()
first = today + dt.timedelta(days=given["days"])
school, trainee = Account.objects.get(username="dangxiao"), Account.objects.get(username="xueyuan").person
made = ClassRun.objects.create(
    code=f"W{ClassRun.objects.count()}", year=first.year, name=given["name"], starts_on=first, ends_on=first, tenths=60,
    seats_max=9, ranks=["乡科级正职"], state="called", institution=school.scope_unit)
run = CallupRun.objects.create(
    name=given["name"], on=today, by_id=Account.objects.get(username="zuzhibu").pk, state="published", published_at=now,
    reply_by=today + dt.timedelta(days=3))
run.class_runs.add(made)
bureau = Account.objects.get(username="lianluoyuan").scope_unit
others = Person.objects.serving().filter(unit__path__startswith=bureau.path).exclude(pk=trainee.pk)
people = [trainee] if given["own"] else others[:2]
for seat, person in enumerate(people, 1):
    Callup.objects.create(run=run, class_run=made, person=person, unit=person.unit, state=given["state"], seat=seat, sent_at=now,
                          reply_by=run.reply_by)
if given["taught"]:
    session = Session.objects.create(
        class_run=made, on=first, half="am", begins_at=dt.time(9), ends_at=dt.time(12), title=given["name"], tenths=60,
        teacher=Teacher.objects.get(account__username="jiaoshi"))
    Register.objects.create(session=session)
answer = made.pk
"""


def call(site: Site, name: str, *, days: int, own: bool = False, taught: bool = False, state: str = "sent") -> int:
    """A class run of one day, ``days`` from today, at the party school, with people of the finance bureau called to it. Returns its key."""
    made: int = site.installation.ask(CALL, name=name, days=days, own=own, taught=taught, state=state)
    return made


def fits(visitor: Visitor) -> None:
    assert not visitor.width_overflows, visitor.page.url


def confirm(page: Page) -> None:
    """Say yes in the dialog that asks before a deed."""
    page.locator("dialog[open] button.btn-primary, dialog[open] button.btn-danger").last.click()


@BOTH
def test_the_department_opens_a_number_down_to_one_person_s_arithmetic(visit: Visit, width: int) -> None:
    visitor = visit("zuzhibu", width)
    page = visitor.page
    expect(page.locator("h1")).to_contain_text("若不采取措施")
    page.locator("a.zx-tile[href*='worst=overdue']").click()
    expect(page.locator("main table")).to_contain_text("已逾期")
    fits(visitor)
    page.locator("main tbody a").first.click()
    expect(page.locator("h1")).to_contain_text("学时")
    expect(page.locator("main")).to_contain_text("依据")
    fits(visitor)


@BOTH
def test_the_department_imports_a_roster_looks_and_applies(visit: Visit, width: int) -> None:
    """The phone brings in another person than the desk."""
    visitor = visit("zuzhibu", width)
    page, name = visitor.page, f"江晚{'晴' if width == DESK else '照'}"
    visitor.go("/people/imports/new/")
    serial = 901 if width == DESK else 903
    content = sheet([row(name, serial, "市财政局"), row("不存在", serial + 1, "没有的局")])
    page.set_input_files("input[name=file]", {"name": "花名册.xlsx", "mimeType": "", "buffer": content})
    page.locator("main form.zx-form button.btn-primary").click()
    reread(page, f"td:has-text('{name}')")
    fits(visitor)
    page.locator("main form[action$='/apply/'] button").click()
    confirm(page)
    reread(page, "h1:has-text('该花名册带来')")
    page.goto(f"{visitor.site.address}/people/?q={name}")
    expect(page.locator("main tbody tr")).to_have_count(1)


def reread(page: Page, selector: str) -> None:
    """Look again until a job has brought what is waited for."""
    for _ in range(60):
        if page.locator(f"main {selector}").count():
            return
        page.wait_for_timeout(1_000)
        page.reload()
    raise AssertionError(f"{selector} never came on {page.url}")


def test_a_search_narrows_the_list_of_people_and_the_back_button_widens_it(visit: Visit) -> None:
    visitor = visit("zuzhibu", DESK)
    visitor.go("/people/")
    page = visitor.page
    page.fill("input[name=q]", "YL000007")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator("tbody tr").nth(5)).to_be_visible()


@BOTH
def test_a_trainee_accepts_and_a_second_tab_is_told(visit: Visit, site: Site, width: int) -> None:
    call(site, f"学员班{width}", days=200 if width == DESK else 220, own=True)
    visitor = visit("xueyuan", width)
    visitor.go("/callups/mine/")
    page, card = visitor.page, "form[action$='/accept/']"
    due = page.locator(card).count()
    action = page.locator(card).last.get_attribute("action")
    second = visitor.context.new_page()
    second.goto(f"{visitor.site.address}/callups/mine/")
    accept = f"form[action='{action}'] button"
    fits(visitor)
    page.locator(accept).click()
    expect(page.locator("main")).to_contain_text("已确认参训")
    expect(page.locator(card)).to_have_count(due - 1)
    second.locator(accept).click()
    second.wait_for_load_state("load")
    expect(second.locator("main")).to_contain_text("已")
    visitor.said.clear()  # the second tab's refusal is a 4xx on purpose


@BOTH
def test_a_liaison_accepts_for_the_own_people_and_sees_no_others(visit: Visit, site: Site, width: int) -> None:
    name = f"联络员班{width}"
    call(site, name, days=240 if width == DESK else 260)
    visitor = visit("lianluoyuan", width)
    page = visitor.page
    visitor.go("/people/")
    units = page.locator("tbody tr td[data-label='单位']").all_inner_texts()
    assert units
    assert all("财政局" in unit for unit in units)
    assert visitor.context.request.get(f"{site.address}/people/1/").status == 404
    visitor.go(f"/callups/replies/?q={name}")
    boxes = page.locator("main tbody input[name=selected]")
    expect(boxes).to_have_count(2)
    for n in range(2):
        boxes.nth(n).check()
    fits(visitor)
    page.locator("form.zx-bulk button.btn-primary").click()
    confirm(page)
    expect(page.locator("body")).to_contain_text("已为 2 人次确认参训")
    visitor.go(f"/callups/replies/?q={name}")
    expect(boxes).to_have_count(0)


@BOTH
def test_an_auditor_reads_the_trail_and_has_no_deeds(visit: Visit, width: int) -> None:
    visitor = visit("shenji", width)
    visitor.go("/trail/")
    expect(visitor.page.locator("main table")).to_be_visible()
    fits(visitor)
    visitor.go("/trail/?action=attendance.register_closed")
    expect(visitor.page.locator("main table")).to_contain_text("关闭考勤簿")
    visitor.go("/callups/runs/")
    expect(visitor.page.locator("main a", has_text="新建")).to_have_count(0)


@BOTH
def test_a_teacher_calls_the_roll_of_the_own_session(visit: Visit, site: Site, width: int) -> None:
    name = f"教师课{width}"
    call(site, name, days=-1, taught=True, state="accepted")
    visitor = visit("jiaoshi", width)
    page = visitor.page
    expect(page.locator("h1")).to_be_visible()
    assert visitor.context.request.get(f"{site.address}/obligations/standings/").status == 403
    visitor.go(f"/attendance/registers/?q={name}")
    page.locator("main tbody a[href*='/registers/']").first.click()
    page.locator("button.at-status[value=absent]").first.click()
    expect(page.locator(".at-line").first).to_contain_text("缺勤")
    fits(visitor)
    page.locator("form[action$='/rest/'] button").click()
    expect(page.locator("h1")).to_contain_text("1 / 2")
    expect(page.locator("form[action$='/close/'] button:enabled")).to_have_count(0)  # closing is the school's


@BOTH
def test_school_staff_lay_out_a_class_run_keep_its_registers_and_close_one(
    visit: Visit, site: Site, width: int
) -> None:
    made = call(site, f"党校班{width}", days=-1, state="accepted")
    visitor = visit("dangxiao", width)
    page = visitor.page
    visitor.go(f"/sessions/{made}/")
    page.locator("form[action$='/lay-out/'] button").click()
    expect(page.locator("h1")).to_contain_text("2 个半天")
    fits(visitor)
    visitor.go(f"/attendance/class-runs/{made}/")
    page.locator("form[action$='/open/'] button").click()
    expect(page.locator("h1")).to_contain_text("0")
    fits(visitor)
    page.locator("main a[href*='/attendance/registers/']").first.click()
    page.locator("button.at-status[value=late]").first.click()
    expect(page.locator(".at-line").first).to_contain_text("迟到")
    page.locator("form[action$='/rest/'] button").click()
    expect(page.locator("h1")).to_contain_text("2 / 2")
    page.locator("form[action$='/close/'] button").click()
    confirm(page)
    expect(page.locator("body")).to_contain_text("学时已记入台账")
    fits(visitor)


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


@BOTH
def test_the_department_proposes_and_publishes_a_list(visit: Visit, width: int) -> None:
    visitor = visit("zuzhibu", width)
    visitor.go("/callups/runs/new/")
    page = visitor.page
    boxes = page.locator("input[name=selected]")
    kept = 0 if width == DESK else boxes.count() - 1  # what the desk called up is full
    for n in range(boxes.count()):
        boxes.nth(n).set_checked(n == kept)
    page.locator("main form button.btn-primary").last.click()
    page.wait_for_load_state("load")
    publish = page.locator("main a[href$='/publish/']").first
    expect(publish).to_be_visible(timeout=90_000)  # the page loads itself anew when the search ends
    publish.click()
    page.locator("main form button.btn-primary").last.click()
    if page.locator("dialog[open]").count():
        confirm(page)
    page.wait_for_load_state("load")
    expect(page.locator("main")).to_contain_text("已发布", timeout=30_000)


@BOTH
def test_a_liaison_names_weeks_in_which_nobody_can_go_and_takes_them_back(visit: Visit, site: Site, width: int) -> None:
    day = dt.date.today() + dt.timedelta(days=300 if width == DESK else 330)  # noqa: DTZ011
    visitor = visit("lianluoyuan", width)
    visitor.go("/callups/busy/new/")
    page = visitor.page
    page.fill("input[name=from_on]", day.isoformat())
    page.fill("input[name=to_on]", day.isoformat())
    page.fill("input[name=reason]", f"年终决算{width}")
    fits(visitor)
    page.locator("main form.zx-form button.btn-primary").click()
    expect(page.locator("h1")).to_contain_text("不抽调人员")
    expect(page.locator("main")).to_contain_text(f"年终决算{width}")
    fits(visitor)
    page.locator("main summary").click()
    page.fill("input[name=note]", "已办结")
    page.locator("main form[action$='/withdraw/'] button").click()
    confirm(page)
    expect(page.locator("main")).to_contain_text("撤销人")
    visitor.go(f"/callups/busy/?q=年终决算{width}")
    expect(page.locator("main tbody tr")).to_have_count(1)
    fits(visitor)
