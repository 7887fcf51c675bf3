"""Lists: what they ask of the database, and what they make of a query string."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from zhixing.base import listing as module
from zhixing.base.listing import Column, Empty, Filter, Listing, displayed, follow
from zhixing.base.models import Job

pytestmark = pytest.mark.django_db

COLUMNS = (
    Column("label", "Label", sort="label"),
    Column("attempts", "Attempts", sort=("attempts", "label"), numeric=True),
    Column("get_state_display", "State"),
)


def ask(query: str = "", **headers: str) -> HttpRequest:
    return RequestFactory().get(f"/jobs/{query}", headers=headers)


def jobs(count: int, **fields: Any) -> None:
    Job.objects.bulk_create(
        Job(kind="test", label=f"job {place:03}", attempts=place % 3, **fields) for place in range(count)
    )


def labels(listing: Listing) -> list[str]:
    return [row.label for row in listing.shown]


def make(query: str = "", **options: Any) -> Listing:
    given: dict[str, Any] = {"columns": COLUMNS, "page_size": 10, **options}
    return Listing(ask(query), Job.objects.order_by("label"), **given)


def test_a_list_of_one_page_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    jobs(10)
    with django_assert_num_queries(1):
        listing = make()
        assert (len(list(listing.table_rows)), listing.count, listing.pages, listing.next_url) == (10, 10, 1, "")


def test_a_list_of_many_pages_costs_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    jobs(25)
    with django_assert_num_queries(2):
        listing = make("?page=2")
        assert (len(list(listing.table_rows)), listing.count, listing.pages) == (10, 25, 3)
        assert (listing.first, listing.last) == (11, 20)
        assert (listing.previous_url, listing.next_url) == ("/jobs/", "/jobs/?page=3")


def test_the_last_page_needs_no_count(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    jobs(25)
    with django_assert_num_queries(1):
        listing = make("?page=3")
        assert (listing.count, listing.last, listing.next_url) == (25, 25, "")


def test_counting_stops_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs(25)
    monkeypatch.setattr(module, "COUNT_CAP", 20)
    listing = make()
    assert (listing.count, listing.is_capped, listing.pages) == (20, True, 2)
    assert make("?page=9").page == 2


@pytest.mark.parametrize("page", ["", "0", "-3", "x", "²"])
def test_a_page_number_that_is_none_means_the_first_page(page: str) -> None:
    assert make(f"?page={page}").page == 1


def test_an_empty_list_has_one_page_and_no_rows() -> None:
    listing = make()
    assert (listing.count, listing.pages, listing.first, listing.last, listing.is_narrowed) == (0, 1, 0, 0, False)


def test_a_page_beyond_the_end_is_counted_and_empty() -> None:
    jobs(3)
    listing = make("?page=2")
    assert (listing.shown, listing.count) == ([], 3)


def test_sorting_follows_the_query_string_and_turns_on_a_second_click() -> None:
    jobs(4)
    up = make("?sort=attempts")
    assert labels(up) == ["job 000", "job 003", "job 001", "job 002"]
    assert up.headings[1] == {
        "label": "Attempts",
        "numeric": True,
        "url": "/jobs/?sort=-attempts",
        "order": "ascending",
    }
    down = make("?sort=-attempts")
    assert labels(down) == ["job 002", "job 001", "job 003", "job 000"]
    assert (down.headings[1]["order"], down.headings[1]["url"]) == ("descending", "/jobs/?sort=attempts")


@pytest.mark.parametrize("key", ["get_state_display", "owner_id", "kind__x", "--label", "?"])
def test_a_column_that_may_not_be_sorted_by_is_ignored(key: str) -> None:
    jobs(2)
    listing = make(f"?sort=-{key}")
    assert (labels(listing), listing.sort_asked) == (["job 000", "job 001"], "")


def test_every_order_is_made_total_by_the_key() -> None:
    assert make("?sort=label").filtered.query.order_by == ("label", "pk")
    assert make().filtered.query.order_by == ("label", "pk")
    plain = Listing(ask(), Job.objects, columns=COLUMNS)
    assert plain.filtered.query.order_by == ("-created_at", "pk")


@pytest.mark.parametrize("tie", ["attempts", "first_label"])
def test_a_grouped_queryset_is_ordered_by_its_own_tie_and_its_groups_are_counted(tie: str) -> None:
    jobs(7)
    rows = Job.objects.order_by().values("attempts").annotate(n=Count("pk"), first_label=Min("label"))
    listing = Listing(ask("?sort=n"), rows, columns=[Column("n", "N", sort="n")], tie=tie, page_size=2)
    assert [row["n"] for row in listing.shown] == [2, 2]
    assert listing.count == 3


def test_each_word_must_occur_in_one_of_the_searched_fields() -> None:
    jobs(3)
    Job.objects.create(kind="roster", label="名单 导入")
    listing = make("?q=名单 ROSTER", search=("label", "kind"))
    assert labels(listing) == ["名单 导入"]
    assert listing.is_narrowed
    assert labels(make("?q=名单 test", search=("label", "kind"))) == []


def test_a_nul_in_the_search_is_left_out() -> None:
    assert make("?q=%00a%00", search=("label",)).words == "a"


def test_a_search_without_searched_fields_is_ignored() -> None:
    jobs(1)
    assert len(make("?q=nothing").shown) == 1


def test_a_filter_narrows_to_its_choice_and_ignores_any_other_value() -> None:
    jobs(2)
    jobs(1, state="done")
    state = Filter("state", "State", Job.State.choices)
    assert make("?state=done", filters=[state]).count == 1
    wrong = make("?state=' OR 1=1", filters=[state])
    assert (wrong.count, wrong.is_narrowed) == (3, False)


def test_a_filter_may_name_another_field_or_bring_its_own_condition() -> None:
    jobs(6)
    field = Filter("tries", "Tries", [("0", "none")], field="attempts")
    assert make("?tries=0", filters=[field]).count == 2
    own = Filter("tries", "Tries", [("some", "some")], apply=lambda rows, value: rows.filter(attempts__gt=0))
    assert make("?tries=some", filters=[own]).count == 4


def test_links_keep_search_filters_and_sort() -> None:
    jobs(30)
    listing = make(
        "?q=job&state=queued&sort=-label&page=2&utm=x",
        search=("label",),
        filters=[Filter("state", "State", Job.State.choices)],
    )
    assert listing.next_url == "/jobs/?q=job&state=queued&sort=-label&page=3"
    assert listing.headings[0]["url"] == "/jobs/?q=job&state=queued&sort=label"


def recorded(seen: list[Any]) -> Callable[[str, Sequence[str], Iterable[Sequence[Any]]], HttpResponse]:
    def export(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
        seen.append((name, list(headings), [list(row) for row in rows]))
        return HttpResponse("file")

    return export


def test_an_export_holds_all_matching_rows_with_plain_values() -> None:
    jobs(12)
    seen: list[Any] = []
    listing = Listing(
        ask("?export=jobs&q=job 01&sort=-label"),
        Job.objects.all(),
        columns=[*COLUMNS, Column("x", "Twice", value=lambda row: row.attempts * 2, show=lambda row: "shown")],
        name="jobs",
        search=("label",),
        page_size=1,
        export=recorded(seen),
    )
    assert listing.response("unused.html").content == b"file"
    ((name, headings, rows),) = seen
    assert (name, headings) == ("jobs", ["Label", "Attempts", "State", "Twice"])
    assert [row[0] for row in rows] == ["job 011", "job 010"] + [f"job 00{n}" for n in (1,)]
    assert [row[3] for row in rows] == [4, 2, 2]


def test_an_export_opens_the_pages_that_the_list_opens() -> None:
    jobs(1)
    links = {"/jobs/7/": "http://testserver/jobs/7/", "?q=7": "http://testserver/jobs/?q=7", "": None}
    for link, address in links.items():
        column = Column("label", "Label", link=lambda _row, link=link: link)
        answer = Listing(ask("?export=jobs"), Job.objects.all(), [column], name="jobs").response("unused.html")
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        cell = load_workbook(io.BytesIO(body))["jobs"]["A2"]
        assert cell.value == "job 000"
        assert (cell.hyperlink.target if cell.hyperlink else None) == address


def test_the_export_of_another_list_on_the_page_is_left_alone() -> None:
    seen: list[Any] = []
    listing = make("?export=other", name="jobs", export=recorded(seen))
    listing.response("base/parts/table.html")
    assert seen == []


def test_htmx_gets_the_rows_only_and_a_browser_the_whole_list() -> None:
    jobs(1)
    listing = Listing(ask(**{"HX-Request": "true", "HX-Target": "list-jobs"}), Job.objects, COLUMNS, name="jobs")
    part = listing.response("base/parts/table.html")
    assert b'id="list-jobs"' in part.content
    assert b"<form" not in part.content
    assert {"HX-Request", "HX-Target"} <= set(part["Vary"].replace(" ", "").split(","))
    whole = Listing(ask(), Job.objects, COLUMNS, name="jobs", search=("label",)).response("base/parts/table.html")
    assert b"<form" in whole.content


def test_cells_are_escaped_unless_marked_safe() -> None:
    Job.objects.create(kind="x", label="<script>alert(1)</script>")
    body = make().response("base/parts/table.html").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "<script>" not in body


def test_an_empty_list_says_what_to_do_next_and_an_empty_search_how_to_leave_it() -> None:
    empty = Empty("No jobs yet", "Start one.", "/start/", "Start")
    assert 'href="/start/"' in make(empty=empty).response("base/parts/table.html").content.decode()
    searched = make("?q=zzz", search=("label",), empty=empty).response("base/parts/table.html").content.decode()
    assert "/start/" not in searched
    assert 'class="btn" href="/jobs/"' in searched


def test_up_to_six_choices_are_chips_and_more_a_drop_down() -> None:
    def same(rows: QuerySet[Job], value: str) -> QuerySet[Job]:
        return rows

    few = Filter("a", "A", [(str(n), str(n)) for n in range(6)], apply=same)
    many = Filter("b", "B", [(str(n), str(n)) for n in range(7)], apply=same)
    body = make("?a=3&b=6", filters=[few, many]).response("base/parts/table.html").content.decode()
    assert body.count('type="radio"') == 7
    assert '<input type="radio" name="a" value="3" checked>' in body
    assert '<option value="6" selected>' in body


def test_ticked_rows_belong_to_the_form_of_the_list() -> None:
    job = Job.objects.create(kind="x", label="one")
    listing = make(selectable=True, bulk_template="base/parts/style_bulk.html", bulk_url="/bulk/", name="jobs")
    body = listing.response("base/parts/table.html").content.decode()
    assert f'name="selected" value="{job.pk}" form="list-jobs-bulk"' in body
    assert 'id="list-jobs-bulk"' in body


class Point:
    def __init__(self, up: Point | None = None) -> None:
        self.up = up
        self.name = "here"

    def shout(self) -> str:
        return self.name.upper()


@pytest.mark.parametrize(
    ("path", "value"), [("name", "here"), ("up__name", "here"), ("up__shout", "HERE"), ("up__up__name", None)]
)
def test_a_path_is_followed_over_relations_and_methods(path: str, value: str | None) -> None:
    assert follow(Point(Point()), path) == value


def test_a_path_into_a_dict_row_is_its_key() -> None:
    assert follow({"person__name": "沈知微"}, "person__name") == "沈知微"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, "—"),
        ("", "—"),
        (0, "0"),
        (1234567, "1,234,567"),
        (True, "是"),
        (False, "否"),
        (dt.date(2026, 3, 1), "<time>2026-03-01</time>"),
        (dt.datetime(2026, 3, 1, 0, 30, tzinfo=dt.UTC), "<time>2026-03-01 08:30</time>"),
        ("text", "text"),
    ],
)
def test_plain_values_are_written_for_reading(value: Any, cell: str) -> None:
    assert displayed(value) == cell


def test_a_cell_carries_the_label_of_its_column_and_a_link_only_where_there_is_a_page_behind_it() -> None:
    Job.objects.create(kind="x", label='a "b" & c', attempts=3)
    columns = (
        Column("label", 'L"', link=lambda job: f"/jobs/?q={job.kind}&x=<"),
        Column("attempts", "Attempts", numeric=True, link=lambda _job: ""),
    )
    assert next(make(columns=columns).table_rows) == (
        '<tr role="row"><td role="cell" data-label="L&quot;"><a href="/jobs/?q=x&amp;x=&lt;">a &quot;b&quot; &amp; c</a></td>'
        '<td role="cell" data-label="Attempts" class="zx-number">3</td></tr>'
    )


def test_the_box_that_selects_a_row_carries_its_key_and_is_named_by_its_first_cell() -> None:
    job = Job.objects.create(kind="x", label='a "b" <c>')
    row = next(make(columns=(Column("label", "Label"),), selectable=True).table_rows)
    assert f'name="selected" value="{job.pk}" form="list-list-bulk"' in row
    assert 'aria-label="选择a &quot;b&quot; &lt;c&gt;"' in row


def test_a_long_cell_may_be_broken() -> None:
    assert Column("rule", "Rule", long=True).start == '<td role="cell" data-label="Rule" class="zx-long">'
