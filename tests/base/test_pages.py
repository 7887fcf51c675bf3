"""The parts of a page as HTML; tests/base/test_style_page.py looks at them in a browser."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.urls import include, path
from django.utils.translation import override

from zhixing.base import style
from zhixing.base.calendars import Calendar, Event
from zhixing.base.charts import Chart
from zhixing.base.models import Job
from zhixing.base.templatetags import pages
from zhixing.base.templatetags.icons import icon, icon_names
from zhixing.base.verdicts import YES, no

PACKAGE = Path(__file__).resolve().parents[2] / "zhixing"
TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>"),
    "an event attribute": re.compile(r"<[^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*="),
    "a javascript address": re.compile(r"javascript:"),
    "something from outside": re.compile(r"""(?:src|href|action)=["'](?:https?:)?//"""),
}


def render(body: str, **context: Any) -> str:
    with override("zh-hans"):
        return Template("{% load pages charts calendars icons %}" + body).render(Context(context))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_template_holds_what_the_content_security_policy_refuses(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", template.read_text(encoding="utf-8"))
    found = [what for what, pattern in INLINE.items() if pattern.search(text)]
    assert found == []


def test_every_icon_that_is_named_anywhere_is_in_the_sprite() -> None:
    pattern = re.compile(
        r"""\{%\s*icon\s+["']([\w-]+)["']|\bicon(?:_name)?=["']([\w-]+)["']|["']icon["']:\s*["']([\w-]+)["']"""
    )
    sources = [*TEMPLATES, *PACKAGE.glob("**/*.py")]
    named = {
        next(filter(None, match.groups())): source.name
        for source in sources
        for match in pattern.finditer(source.read_text(encoding="utf-8"))
    }
    assert {name: place for name, place in named.items() if name not in icon_names()} == {}


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in icon("users")
    assert 'role="img" aria-label="人员"' in icon("users", "人员")
    assert icon("") == ""


def test_an_unknown_icon_is_a_mistake_of_the_author() -> None:
    with pytest.raises(LookupError, match="unicorn"):
        icon("unicorn")


@pytest.mark.parametrize(
    ("state", "tone"),
    [("met", "good"), ("overdue", "bad"), ("short", "warn"), ("on_track", "info"), ("warn", "warn"), ("x", "quiet")],
)
def test_a_state_has_one_calm_tone(state: str, tone: str) -> None:
    assert pages.badge(state, "状态") == f'<span class="zx-badge zx-{tone}">状态</span>'


def test_no_state_has_two_tones() -> None:
    states = " ".join(pages.STATES_BY_TONE.values()).split()
    assert sorted(states) == sorted(set(states))


def test_every_state_of_a_job_has_a_tone() -> None:
    assert set(Job.State.values) <= set(pages.TONE_OF_STATE)


def test_a_badge_escapes_its_label() -> None:
    assert "&lt;b&gt;" in pages.badge("met", "<b>")


@pytest.mark.parametrize(
    ("level", "tone"), [("success", "good"), ("error", "bad"), ("warning", "warn"), ("debug", "info"), ("odd", "info")]
)
def test_a_message_takes_its_tone_from_its_level(level: str, tone: str) -> None:
    html = render("{% alert level '已保存' %}", level=level)
    assert f'class="zx-alert zx-{tone}"' in html
    assert ('role="alert"' in html) is (tone == "bad")


def test_a_tile_with_rows_behind_it_is_a_link() -> None:
    assert '<a class="zx-tile zx-bad" href="/rows/">' in render("{% tile 2314 '逾期' '/rows/' '人' '' 'bad' %}")
    assert "2,314" in render("{% tile 2314 '逾期' '/rows/' %}")
    assert "<a" not in render("{% tile 0 '逾期' %}")


def test_a_refused_deed_is_greyed_out_and_says_why() -> None:
    html = render("{% act '发布' '/publish/' verdict=verdict method='post' %}", verdict=no("名单尚未核对。"))
    assert "disabled" in html
    assert "名单尚未核对。" in html
    assert "/publish/" not in html


def test_an_allowed_post_carries_the_token_and_asks_first() -> None:
    html = render("{% act '删除' '/delete/' method='post' confirm='删除？' %}", verdict=YES, csrf_token="token")
    assert 'name="csrfmiddlewaretoken" value="token"' in html
    assert 'data-confirm="删除？"' in html


def test_steps_before_the_current_one_are_done() -> None:
    html = render("{% stepper steps 2 %}", steps=["甲", "乙", "丙"])
    assert re.findall(r"zx-step-(done|now|ahead)", html) == ["done", "now", "ahead"]
    assert html.count('aria-current="step"') == 1


def test_all_steps_are_done_after_the_last() -> None:
    html = render("{% stepper steps 4 %}", steps=["甲", "乙", "丙"])
    assert re.findall(r"zx-step-(done|now|ahead)", html) == ["done"] * 3


def test_a_difference_leaves_out_what_did_not_change() -> None:
    html = render("{% diff rows %}", rows=[("单位", "甲", "乙"), ("职务", "处长", "处长"), ("电话", "", "138")])
    assert "处长" not in html
    assert html.count("<del>") == 1
    assert html.count("<ins>") == 2
    assert "没有变化" in render("{% diff rows %}", rows=[("职务", "处长", "处长")])


def test_a_progress_bar_never_runs_over_its_end() -> None:
    assert 'value="90" max="90"' in render("{% progress 95 90 '学时' %}")
    assert 'value="0" max="1"' in render("{% progress 0 0 '学时' %}")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{{ 900|hours }}", "90"),
        ("{{ 225|hours }}", "22.5"),
        ("{{ 12345|hours }}", "1,234.5"),
        ("{{ nothing|hours }}", "—"),
        ("{{ 1234567|number }}", "1,234,567"),
        ("{{ nothing|number }}", "—"),
        ("{{ 1234500|yuan }}", "¥12,345.00"),
        ("{{ nothing|yuan }}", "—"),
    ],
)
def test_figures_are_written_for_reading(body: str, text: str) -> None:
    assert render(body, nothing=None) == text


class FieldsOfEachKind(forms.Form):
    name = forms.CharField(label="名称", help_text="写全称")
    unit = forms.ChoiceField(label="单位", choices=[("1", "甲")], widget=forms.Select(attrs={"data-picker": ""}))
    day = forms.DateField(label="日期", initial="2026-03-01")
    way = forms.ChoiceField(label="方式", choices=[("a", "面授")], widget=forms.RadioSelect)
    told = forms.BooleanField(label="提醒", required=False)
    key = forms.IntegerField(widget=forms.HiddenInput)
    when = forms.TimeField(label="时间", required=False, widget=forms.TimeInput(attrs={"class": "own"}))


def form_html(form: forms.Form) -> str:
    return render('{% include "base/parts/form.html" %}', form=form)


def test_every_control_has_a_label_and_its_help_is_tied_to_it() -> None:
    html = form_html(FieldsOfEachKind())
    for field in ("name", "unit", "day", "when"):
        assert f'for="id_{field}"' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert 'id="id_name_helptext"' in html
    assert "<legend" in html


def test_an_error_is_tied_to_its_control_and_listed_at_the_top() -> None:
    html = form_html(FieldsOfEachKind({"unit": "9"}))
    assert 'role="alert"' in html
    assert '<a href="#id_name">名称</a>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert "is-invalid" in html


def test_dates_and_times_use_the_inputs_of_the_browser_in_iso_format() -> None:
    html = form_html(FieldsOfEachKind())
    assert re.search(r'<input type="date" name="day" value="2026-03-01"', html)
    assert re.search(r'<input type="time" name="when"[^>]*class="form-control own"', html)


def test_only_a_select_that_asks_for_it_becomes_a_picker() -> None:
    assert form_html(FieldsOfEachKind()).count('x-data="picker"') == 1


def test_a_field_that_may_be_left_empty_says_so() -> None:
    assert form_html(FieldsOfEachKind()).count("选填") == 1


def test_a_file_drop_warns_of_secrets_and_names_what_it_takes() -> None:
    html = render(
        '{% include "base/parts/file_drop.html" with field=form.sheet accept=".xlsx" %}', form=style.SampleForm()
    )
    assert "非涉密网络" in html
    assert 'accept=".xlsx"' in html


BASE_URLS = (path("", include("zhixing.base.urls")),)


def job_html(**fields: Any) -> str:
    with override_settings(ROOT_URLCONF=BASE_URLS):
        return render('{% include "base/parts/job.html" %}', job=Job(label="求解", **fields))


def test_a_running_job_asks_again_and_can_be_cancelled() -> None:
    html = job_html(state="running", progress_done=1, progress_total=4, progress_note="第 1 轮")
    assert 'hx-trigger="every 1s"' in html
    assert 'value="25"' in html
    assert "hx-post" in html
    assert "hx-post" not in job_html(state="running", cancel_asked=True)


def test_a_job_without_a_known_end_shows_no_share() -> None:
    assert "value=" not in job_html(state="queued")


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_a_job_that_has_ended_asks_no_more(state: str) -> None:
    html = job_html(state=state, link="/result/", error="超时")
    assert "hx-trigger" not in html
    assert ("/result/" in html) is (state == "done")
    assert ("超时" in html) is (state == "failed")


def test_a_chart_brings_its_figures_as_a_table_with_the_page_behind_each_label() -> None:
    chart = Chart("完成率", ["甲", "乙"], {"今年": [1250, None]}, unit="人", links=["/a/", "/b/"])
    html = render('{% chart "units" chart %}', chart=chart)
    assert 'data-chart="chart-units-data"' in html
    assert 'id="chart-units-data" type="application/json"' in html
    assert '<th scope="row"><a href="/a/">甲</a></th><td class="zx-number">1,250</td>' in html
    assert '<td class="zx-number">—</td>' in html


def test_a_chart_of_ranges_tells_them_in_its_table() -> None:
    chart = Chart("均分", ["甲"], {"校正": [90.5]}, kind="interval", intervals=[(88.1, 92.0)], interval_label="区间")
    html = render('{% chart "runs" chart %}', chart=chart)
    assert '<th scope="col" class="zx-number">区间</th>' in html
    assert '<td class="zx-number">88.1–92</td>' in html.replace("92.0", "92")
    with pytest.raises(ValueError, match="0 intervals for 1 labels"):
        Chart("x", ["a"], {"y": [1]}, kind="interval")
    with pytest.raises(ValueError, match="1 intervals for 1 labels of kind bar"):
        Chart("x", ["a"], {"y": [1]}, intervals=[(0, 1)])


def test_chart_figures_cannot_break_out_of_their_data_block() -> None:
    chart = Chart("x", ["</script><script>alert(1)</script>"], {"y": [1]})
    assert "<script>alert" not in render('{% chart "x" chart %}', chart=chart)


def test_a_chart_whose_series_does_not_fit_its_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 1 labels"):
        Chart("x", ["a"], {"y": [1, 2]})
    with pytest.raises(ValueError, match="2 links for 1 labels"):
        Chart("x", ["a"], {"y": [1]}, links=["/", "/"])


def test_a_calendar_of_whole_days_lists_the_days_of_its_month_in_order_and_tells_no_hours() -> None:
    def lasts(title: str, first: dt.date, last: dt.date) -> Event:
        return Event(title, dt.datetime.combine(first, dt.time(8)), dt.datetime.combine(last, dt.time(18)))

    events = [
        lasts("十月班", dt.date(2026, 10, 12), dt.date(2026, 10, 16)),
        lasts("跨月班", dt.date(2026, 9, 21), dt.date(2026, 10, 2)),
        lasts("九月班", dt.date(2026, 9, 1), dt.date(2026, 9, 4)),
    ]
    shown = Calendar("班次", events, dt.date(2026, 10, 1), view="month", whole_days=True)
    assert [event.title for event in shown.listed()] == ["跨月班", "十月班"]
    assert shown.as_json()["wholeDays"]
    html = render('{% calendar "month" calendar %}', calendar=shown)
    assert "09-21–10-02" in html
    assert "08:00" not in html.split("</script>")[1]


def test_a_calendar_writes_aware_times_in_local_time_and_lists_its_events() -> None:
    starts = dt.datetime(2026, 10, 12, 1, 0, tzinfo=dt.UTC)
    event = Event("研讨", starts, starts + dt.timedelta(hours=2), "研讨室 3", "/lesson/", key="7")
    calendar = Calendar("课程表", [event], dt.date(2026, 10, 12))
    (drawn,) = calendar.as_json()["events"]
    assert (drawn["id"], drawn["start"], drawn["end"]) == ("7", "2026-10-12T09:00", "2026-10-12T11:00")
    html = render('{% calendar "week" calendar %}', calendar=calendar)
    assert '<span class="zx-agenda-time">09:00–11:00</span><span><a href="/lesson/">研讨</a>' in html
    assert "没有安排" in render(
        '{% calendar "week" calendar %}', calendar=Calendar("课程表", [], dt.date(2026, 10, 12))
    )


def test_the_shell_needs_neither_a_database_nor_the_pages_of_other_apps() -> None:
    request = RequestFactory().get("/style/")
    with override_settings(ROOT_URLCONF=BASE_URLS), override("zh-hans"):
        html = style.page(request).content.decode()
    assert '<html lang="zh-hans"' in html
    assert "到 12 月 31 日" in html
    assert html.count("<h1") == 1
    assert 'href="#main"' in html
