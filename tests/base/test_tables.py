"""Spreadsheets in and out: real files, made here. All persons are invented."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from zhixing.base.problems import Invalid
from zhixing.base.tables.aside import Damaged, read_aside
from zhixing.base.tables.read import read_book, read_sheet
from zhixing.base.tables.sentences import SENTENCES, TREATMENT_WORDS, invalid, row_problem
from zhixing.base.tables.write import Column, Content, Linked, Table, display_width, harmless, write_book, write_csv
from zhixing.engine.roster.headings import roster_headings
from zhixing.engine.roster.rows import parse_roster, roster_cells
from zhixing.engine.sheets.cells import Number, Sheet
from zhixing.engine.sheets.faults import Fault, RowFault, Treatment
from zhixing.engine.sheets.identity import check_digit

HEADINGS = ["姓名", "身份证号", "单位", "职务层次", "出生年月"]


def id_number(serial: int) -> str:
    first17 = f"99010119850712{serial:03d}"
    return first17 + check_digit(first17)


def book_bytes(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


# Reading


def test_cells_of_a_workbook_become_text_with_their_row_numbers() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        sheet["B3"] = "名册"
        for column, value in enumerate(
            [
                "张三",
                1985.07,
                198507,
                110101,
                dt.date(1985, 7, 12),
                dt.datetime(2020, 1, 2, 3, 4),  # noqa: DTZ001
                True,
                0.1 + 0.2,
                1e-7,
            ],
            start=2,
        ):
            sheet.cell(5, column, value)

    (sheet,) = read_book(book_bytes(fill), "a.xlsx")
    assert sheet.rows[2][1] == "名册"
    assert sheet.rows[4] == [
        "",
        "张三",
        "1985.07",
        "198507",
        "110101",
        "1985-07-12",
        "2020-01-02 03:04:00",
        "TRUE",
        "0.3",
        "0.0000001",
    ]
    assert [isinstance(text, Number) for text in sheet.rows[4]] == [
        False,
        False,
        True,
        True,
        True,
        False,
        False,
        False,
        True,
        True,
    ]


def test_an_id_number_kept_as_a_number_is_seen_to_have_lost_digits() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(HEADINGS)
        book.active.append(["张三", 990101198507121233, "市委办公室", "县处级正职", ""])
        book.active.append(["李四", id_number(2), "市委办公室", "县处级正职", ""])

    parsed = parse_roster(read_sheet(book_bytes(fill), "a.xlsx"))
    assert [(fault.row, fault.fault) for fault in parsed.faults] == [(2, Fault.ID_DIGITS_LOST)]
    assert [row.name for row in parsed.rows] == ["李四"]


def test_a_roster_as_real_life_makes_it_is_read() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        sheet.title = "名册"
        sheet["A1"] = "2026年干部名册"
        sheet.merge_cells("A1:E1")
        sheet.append([])
        sheet.append(["姓 名", "身份证\n号码", "单位名称", "级别", "出生日期"])
        sheet.append(["张　三", f"'{id_number(1)}", "市委办公室", "正处级", dt.date(1985, 7, 12)])
        sheet.append(["李四", id_number(2), None, "副县级", "1985.07"])
        sheet.append(["王五", id_number(3), None, "一级主任科员（乡科级）", 31240])
        sheet.merge_cells("C4:C6")
        sheet.append(["姓 名", "身份证\n号码", "单位名称", "级别", "出生日期"])
        sheet.append(["赵六", id_number(4).replace("9", "９"), "市财政局", "正科", "1985年7月"])
        sheet.append(["合计", None, 4])
        sheet.append(["填表人：钱七"])
        sheet.row_dimensions[5].hidden = True
        book.create_sheet("说明")["A1"] = "请勿改动"
        words = book.create_sheet("字典")
        words.sheet_state = "hidden"
        for row in range(40):
            words.append(["词"] * (row % 3 + 1))

    sheet = read_sheet(book_bytes(fill), "名册.xlsx")
    assert sheet.name == "名册"
    parsed = parse_roster(sheet)
    assert parsed.faults == ()
    assert [(row.row, row.name, row.unit, row.effective_rank) for row in parsed.rows] == [
        (4, "张三", "市委办公室", "县处级正职"),
        (5, "李四", "市委办公室", "县处级副职"),
        (6, "王五", "市委办公室", "一级主任科员"),
        (8, "赵六", "市财政局", "乡科级正职"),
    ]


def test_an_old_workbook_is_read() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    sheet.write_merge(0, 0, 0, 3, "名册")
    for column, text in enumerate(HEADINGS):
        sheet.write(1, column, text)
    style = xlwt.XFStyle()
    style.num_format_str = "YYYY-MM-DD"
    for column, value in enumerate(["张三", id_number(1), "市委办公室", "正处级"]):
        sheet.write(2, column, value)
    sheet.write(2, 4, dt.date(1985, 7, 12), style)
    buffer = io.BytesIO()
    book.save(buffer)
    parsed = parse_roster(read_sheet(buffer.getvalue(), "名册.xls"))
    assert parsed.faults == ()
    assert [(row.row, row.name) for row in parsed.rows] == [(3, "张三")]


def old_book() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    sheet.write(0, 0, "姓名")
    sheet.write(0, 1, 198507)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_an_old_workbook_comes_back_from_its_own_process_as_it_is() -> None:
    (sheet,) = read_aside(old_book())
    assert sheet == Sheet("名册", [["姓名", "198507"]])
    assert [isinstance(cell, Number) for cell in sheet.rows[0]] == [False, True]


def test_an_old_workbook_that_ends_its_parser_does_not_end_us() -> None:
    data = bytearray(old_book())
    place = data.find(struct.pack("<HH", 0x0200, 14))
    struct.pack_into("<IIHH", data, place + 4, 0, 2**32 - 1, 0, 2**16 - 1)
    with pytest.raises(Damaged):
        read_aside(bytes(data))
    with pytest.raises(Invalid):
        read_book(bytes(data), "a.xls")


def test_an_old_workbook_that_is_no_workbook_is_damaged() -> None:
    with pytest.raises(Damaged):
        read_aside(b"no workbook")


def test_an_old_workbook_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhixing.base.tables.aside.SECONDS", 0.001)
    with pytest.raises(Damaged):
        read_aside(old_book())


def test_a_book_of_charts_alone_has_no_rows() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.create_chartsheet("图")
        book.remove(book.active)

    with pytest.raises(Invalid):
        read_book(book_bytes(fill), "a.xlsx")


def test_times_and_spans_are_text_and_hours() -> None:
    data = book_bytes(lambda book: book.active.append([dt.time(8, 30), dt.timedelta(hours=30)]))
    assert read_sheet(data, "a.xlsx").rows == [["08:30:00", "30"]]


def test_a_csv_cell_without_end_is_damage() -> None:
    with pytest.raises(Invalid):
        read_book(b'a,"' + b"x" * (2 << 20), "a.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_its_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerows(
        [["名册"], [], HEADINGS, ["张三", f'="{id_number(1)}"', "市委,办公室;\t\n一科", "正处级", "1985/7/1"]]
    )
    sheet = read_sheet(buffer.getvalue().encode(encoding), "名册.csv")
    assert sheet.name == "名册"
    (row,) = parse_roster(sheet).rows
    assert (row.row, row.name, row.unit) == (4, "张三", "市委,办公室; 一科")


def test_a_text_file_under_the_name_of_an_old_workbook_is_read_as_what_it_is() -> None:
    text = "\t".join(HEADINGS) + "\n" + "\t".join(["张三", id_number(1), "市委办公室", "正处级", "1985.07"])
    assert len(parse_roster(read_sheet(text.encode("gb18030"), "导出.xls")).rows) == 1


@pytest.mark.parametrize("marking", ["机密★10年", "秘密"])
def test_a_file_that_bears_a_secrecy_marking_is_stopped(marking: str) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.append(["", marking])
        book.active.append(HEADINGS)

    with pytest.raises(Invalid) as refusal:
        read_sheet(book_bytes(fill), "a.xlsx")
    assert marking[:2] in str(refusal.value.message)


def test_a_workbook_whose_parts_are_broken_is_refused() -> None:
    whole = book_bytes(lambda book: book.active.append(["姓名"]))
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as source, zipfile.ZipFile(buffer, "w") as target:
            for entry in source.infolist():
                target.writestr(entry, b"<worksheet><sheetData><row" if entry.filename == part else source.read(entry))
        with pytest.raises(Invalid):
            read_book(buffer.getvalue(), "a.xlsx")


def test_a_form_is_no_book() -> None:
    with pytest.raises(Invalid):
        read_book("<?xml version='1.0'?><Person><XingMing>张三</XingMing></Person>".encode(), "张三.lrmx")


# Writing

COLUMNS = [
    Column("姓名"),
    Column("身份证号"),
    Column("次数", Content.NUMBER),
    Column("学时", Content.TENTHS),
    Column("日期", Content.DATE),
]
ROW = ["=HYPERLINK(1)", "990101198507121233", 3, 645, dt.date(2026, 3, 2)]


def written(*tables: Table) -> bytes:
    buffer = io.BytesIO()
    write_book(buffer, tables)
    return buffer.getvalue()


def test_a_book_is_written_with_text_numbers_hours_and_dates() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(Table("名册", COLUMNS, [ROW, [None, "", None, None, None]]))))
    sheet = book["名册"]
    assert [cell.value for cell in sheet[2]] == [
        "=HYPERLINK(1)",
        "990101198507121233",
        3,
        64.5,
        dt.datetime(2026, 3, 2),  # noqa: DTZ001
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "n", "n", "d"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E3"
    assert sheet.column_dimensions["B"].width > display_width("990101198507121233")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "=cmd|' /C calc'!A0", "+1+1", "http://"])
def test_text_is_never_a_formula_or_a_link(start: str) -> None:
    data = written(Table("S", [Column("a"), Column("b", Content.NUMBER), Column("c", Content.DATE)], [[start] * 3]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
        assert not any(
            "hyperlink" in archive.read(name).decode() for name in archive.namelist() if name.endswith(".rels")
        )
    assert read_sheet(data, "a.xlsx").rows[1] == [start] * 3


def test_a_linked_value_keeps_its_kind_and_opens_its_page() -> None:
    row = [Linked(value, f"https://x.gov.cn/{n}?a=1&b=2") for n, value in enumerate(ROW)]
    data = written(Table("S", COLUMNS, [row, [Linked(None, "https://x.gov.cn/"), *([None] * 4)]]))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["S"]
    plain = openpyxl.load_workbook(io.BytesIO(written(Table("S", COLUMNS, [ROW]))))["S"]
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [(cell.value, cell.data_type) for cell in plain[2]]
    assert [cell.hyperlink.target for cell in sheet[2]] == [f"https://x.gov.cn/{n}?a=1&b=2" for n in range(5)]
    assert sheet["A3"].hyperlink is None
    assert sheet.column_dimensions["B"].width == plain.column_dimensions["B"].width


def test_links_beyond_what_a_sheet_takes_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhixing.base.tables.write._LINKS_MAX", 2)
    addresses = ["https://x.gov.cn/", f"https://x.gov.cn/{'a' * 2_080}", "https://y.gov.cn/", "https://z.gov.cn/"]
    data = written(Table("S", [Column("a")], [[Linked(url[:18], url)] for url in addresses]))
    cells = [row[0] for row in openpyxl.load_workbook(io.BytesIO(data))["S"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [url[:18] for url in addresses]
    assert [bool(cell.hyperlink) for cell in cells] == [True, False, True, False]


def test_a_linked_text_is_never_the_markup_of_a_sheet() -> None:
    data = written(Table("S", [Column("a")], [[Linked(RICH, "https://x.gov.cn/")]]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert read_sheet(data, "a.xlsx").rows[1][0].strip() == RICH


RICH = "<r></r></is></c><c r='Z1'><f>HYPERLINK(1)</f><v>0</v></c><c t='inlineStr'><is><r></r>"


@pytest.mark.parametrize("text", [RICH, "<r>&nothing;</r>", f"<r>{'x' * 40_000}</r>"])
def test_text_is_never_the_markup_of_a_sheet(text: str) -> None:
    data = written(Table("S", [Column(text)], [[text]]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    (title,), (cell,) = read_sheet(data, "a.xlsx").rows
    assert title.strip() == cell.strip() == text[:32_767]


def test_a_moment_is_text_to_the_minute_and_a_sheet_may_be_empty() -> None:
    moment = dt.datetime(2026, 3, 2, 8, 30, 15)  # noqa: DTZ001
    data = written(Table("S", [Column("a")], [[moment]]), Table("T", [], []))
    first, second = read_book(data, "a.xlsx")
    assert first.rows[1] == ["2026-03-02 08:30"]
    assert second.rows == []


def test_the_same_rows_give_the_same_bytes() -> None:
    assert written(Table("S", COLUMNS, [ROW])) == written(Table("S", COLUMNS, iter([ROW])))


def test_sheet_names_are_made_to_fit_and_differ() -> None:
    tables = [Table(name, [Column("a")], []) for name in ("一/二[三]", "x" * 40, "X" * 40, "", "'引'")]
    names = openpyxl.load_workbook(io.BytesIO(written(*tables))).sheetnames
    assert names == ["一 二 三", "x" * 31, "X" * 27 + " (3)", "Sheet4", "引"]


def test_a_book_is_written_to_a_path_and_long_text_is_cut(tmp_path: Path) -> None:
    write_book(tmp_path / "a.xlsx", [Table("S", [Column("a")], [["长" * 40_000]])])
    assert len(read_sheet(tmp_path / "a.xlsx", "a.xlsx").rows[1][0]) == 32_767


def test_a_csv_keeps_figures_and_disarms_formulas(tmp_path: Path) -> None:
    rows = [["=1+1", "-5", -5, -645, dt.date(2026, 3, 2)], ["a,b", "@x", "=2", None, None]]
    write_csv(tmp_path / "a.csv", COLUMNS, rows)
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == (
        "姓名,身份证号,次数,学时,日期\n'=1+1,'-5,-5,-64.5,2026-03-02\n\"a,b\",'@x,'=2,,\n"
    )


def test_a_csv_for_people_bears_a_mark_of_its_encoding(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", COLUMNS, [], bom=True)
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    buffer = io.StringIO()
    write_csv(buffer, COLUMNS, [], bom=True)
    assert buffer.getvalue().startswith("\ufeff姓名")


@given(st.text(max_size=8))
def test_harmless_text_starts_no_formula(text: str) -> None:
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert harmless(text).removeprefix("'") == text.removeprefix("'")


@pytest.mark.parametrize("start", "=+-@\t\r\n＝＋－＠")
def test_what_begins_a_formula_is_disarmed(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"


def test_a_roster_that_is_exported_and_imported_is_the_same() -> None:
    rows = [
        [
            "阿依古丽·买买提",
            id_number(1),
            "A1",
            "男",
            "1985-07-12",
            "市政府/财政局",
            "一科",
            "=科长",
            "乡科级正职",
            "一级主任科员",
        ],
        ["李四", id_number(2), "A2", "女", "1985-07-12", "党校（行政学院）", "", "", "", "四级调研员"],
    ]
    titles = [title for _field, title in roster_headings()]
    first = parse_roster(Sheet("名册", [titles, *rows]))
    assert first.faults == ()
    table = Table("名册", [Column(title) for title in titles], [roster_cells(row) for row in first.rows])
    assert parse_roster(read_sheet(written(table), "名册.xlsx")).rows == first.rows
    buffer = io.StringIO()
    write_csv(buffer, table.columns, table.rows)
    assert parse_roster(read_sheet(buffer.getvalue().encode(), "名册.csv")).rows == first.rows


def test_a_sheet_made_by_another_program_with_numbers_as_text_is_read(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ["张三", id_number(1), "市委办公室", "正处级", "31240"])
        sheet.set_row(1, None, None, {"hidden": True})
    (row,) = parse_roster(read_sheet(tmp_path / "a.xlsx", "a.xlsx")).rows
    assert (row.row, str(row.born)) == (2, "1985-07-12")


# Sentences


def test_every_code_has_its_sentences() -> None:
    assert set(SENTENCES) == set(Fault)
    assert [TREATMENT_WORDS[treatment] for treatment in Treatment] == ["拒收", "存疑"]


@pytest.mark.parametrize("code", Fault)
def test_a_sentence_quotes_only_what_a_fault_has(code: Fault) -> None:
    fault = RowFault("名册", 4, "单位", "市财证局", Treatment.REFUSED, code, ("市财政局", "市教育局"))
    problem = row_problem(fault)
    assert (problem.sheet, problem.row, problem.column, problem.value, problem.treatment) == (
        "名册",
        4,
        "单位",
        "市财证局",
        "refused",
    )
    assert str(problem.mend)
    assert not re.search(r"[{}]", f"{problem.reason}{problem.mend}")


def test_what_a_sentence_is_about_is_in_it() -> None:
    fault = RowFault("名册", 4, "单位", "市财证局", Treatment.REFUSED, Fault.UNIT_UNKNOWN, ("市财政局", "市教育局"))
    assert "市财政局, 市教育局" in str(row_problem(fault).reason)


def test_a_refused_sheet_lists_every_fault() -> None:
    parsed = parse_roster(Sheet("名册", [["姓名", "单位"]]))
    refusal = invalid(parsed.faults, "名册.xlsx")
    assert "名册.xlsx" in str(refusal.message)
    assert [problem.column for problem in refusal.problems] == ["身份证号 / 工号", "职务层次 / 职级"]
