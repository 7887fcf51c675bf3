"""The guard at the door of every upload: real hostile files, made here."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from django.utils.translation import override

from zhixing.base.problems import Invalid
from zhixing.base.tables.compound import MAGIC, CompoundFile
from zhixing.base.tables.extents import LongTag, office_open_cells, open_document_cells
from zhixing.base.tables.guard import Kind, inspect
from zhixing.base.tables.read import read_sheet


def refused(data: Path | bytes, **limits: int) -> str:
    with pytest.raises(Invalid) as refusal:
        inspect(data, "名册.xlsx", **limits)
    with override("en"):
        return str(refusal.value.message)


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return buffer.getvalue()


def xlsx() -> bytes:
    buffer = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["姓名", "身份证号"])
    book.save(buffer)
    return buffer.getvalue()


def xls() -> bytes:
    buffer = io.BytesIO()
    book = xlwt.Workbook()
    book.add_sheet("S").write(0, 0, "姓名")
    book.save(buffer)
    return buffer.getvalue()


def ods(rows: str) -> bytes:
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="A">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    return archive(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
            "content.xml": content.encode(),
        }
    )


CELL = '<table:table-cell office:value-type="string"><text:p>姓名</text:p></table:table-cell>'
ODS_ROWS = (
    f"<table:table-row>{CELL}{CELL}</table:table-row>"
    '<table:table-row table:number-rows-repeated="1048575"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)


def compound_file(names: list[str], sector: int = 512) -> bytes:
    """A compound file whose directory holds ``names``, each a stream of one empty sector."""
    header = bytearray(sector)
    header[:8] = MAGIC
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, sector.bit_length() - 1, 6)
    struct.pack_into("<IIIIII", header, 44, 1, 1, 0, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<II", header, 68, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    allocation = struct.pack(f"<{sector // 4}I", 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFE, *[0xFFFFFFFF] * (sector // 4 - 3))
    directory = b""
    for name in names:
        entry = bytearray(128)
        text = name.encode("utf-16-le")
        entry[: len(text)] = text
        struct.pack_into("<HB", entry, 64, len(text) + 2, 2)
        struct.pack_into("<I", entry, 116, 2)
        directory += entry
    return bytes(header) + allocation + directory.ljust(sector, b"\0") + bytes(sector)


# What is let in


def test_the_kind_is_told_by_the_bytes_and_not_by_the_name() -> None:
    assert inspect(xlsx(), "名册.csv") is Kind.XLSX
    assert inspect(xls(), "名册.xlsx") is Kind.XLS
    assert inspect(ods(ODS_ROWS), "名册.xlsx") is Kind.ODS
    assert inspect("姓名,单位\n".encode("gb18030"), "名册.txt") is Kind.CSV
    assert inspect("<?xml version='1.0'?><Person><XingMing>张三</XingMing></Person>".encode(), "张三.xlsx") is Kind.LRMX
    assert inspect(archive({"a.lrmx": b"<Person/>", "b/c.LRMX": b"<Person/>"}), "forms") is Kind.LRMX_ZIP


def test_a_path_is_inspected_like_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(xlsx())
    assert inspect(tmp_path / "a", "a.xlsx") is Kind.XLSX


def test_an_open_document_with_a_million_empty_rows_is_read() -> None:
    assert read_sheet(ods(ODS_ROWS), "a.ods").rows[0] == ["姓名", "姓名"]


def test_a_book_formatted_to_its_last_row_is_let_in() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "姓名")
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
    assert inspect(buffer.getvalue(), "a.xlsx") is Kind.XLSX
    assert len(read_sheet(buffer.getvalue(), "a.xlsx").rows) == 1


# What is refused


def test_a_file_of_200_megabytes_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.xlsx").open("wb") as file:
        file.truncate(200 << 20)
    assert "200 MB" in refused(tmp_path / "a.xlsx")
    assert "1 MB" in refused(bytes(2 << 20), max_bytes=1 << 20)


def test_an_empty_file_is_refused() -> None:
    assert "empty" in refused(b"")


@pytest.mark.parametrize("sector", [512, 4096])
def test_a_password_is_told(sector: int) -> None:
    assert "password" in refused(compound_file(["Root Entry", "EncryptionInfo", "EncryptedPackage"], sector))


def test_a_password_on_an_old_workbook_is_told() -> None:
    data = bytearray(xls())
    place = data.find(b"\x09\x08\x10\x00")
    length = struct.unpack_from("<H", data, place + 2)[0]
    struct.pack_into("<HH", data, place + 4 + length, 0x002F, 2)
    assert "password" in refused(bytes(data))


def test_a_password_on_an_archive_is_told() -> None:
    data = bytearray(xlsx())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        data[place + offset] |= 1
    assert "password" in refused(bytes(data))


def test_a_password_on_an_open_document_is_told() -> None:
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": b"<manifest:manifest><manifest:encryption-data/></manifest:manifest>",
        "content.xml": b"x",
    }
    assert "password" in refused(archive(parts))


def test_macros_are_refused_in_every_kind_of_book() -> None:
    assert "macros" in refused(archive({"xl/workbook.xml": b"<workbook/>", "xl/vbaProject.bin": b"x"}))
    assert "macros" in refused(archive({"xl/workbook.xml": b"<workbook/>", "xl/macrosheets/sheet1.xml": b"<x/>"}))
    assert "macros" in refused(compound_file(["Root Entry", "Workbook", "_VBA_PROJECT_CUR"]))


def test_a_binary_workbook_is_refused() -> None:
    assert ".xlsb" in refused(archive({"xl/workbook.bin": b"x"}))


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\x00\x01",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"MZ\x90\x00\x03\x00\x00\x00",
        random.Random(1).randbytes(5000),
        compound_file(["Root Entry", "WordDocument"]),
    ],
    ids=["pdf", "png", "exe", "noise", "doc"],
)
def test_what_is_no_spreadsheet_is_refused(data: bytes) -> None:
    assert "not a spreadsheet" in refused(data)


@pytest.mark.parametrize("name", ["名册.xlsx", "名册.XLSX", "名册.xlsm", "名册.ods", "名册.xls"])
def test_plain_text_under_the_name_of_a_workbook_is_no_spreadsheet(name: str) -> None:
    with pytest.raises(Invalid) as refusal, override("en"):
        inspect("关于报送花名册的说明\n请于周五前报送。\n".encode(), name)
    with override("en"):
        assert "not a spreadsheet" in str(refusal.value.message)


def test_a_table_that_a_program_exported_as_text_under_the_name_xls_is_read() -> None:
    assert inspect("姓名\t单位\n周一\t财政局\n".encode("gb18030"), "导出.xls") is Kind.CSV


def test_a_word_file_and_a_plain_archive_are_no_spreadsheets() -> None:
    assert "not a spreadsheet" in refused(archive({"word/document.xml": b"<x/>"}))
    assert "not a spreadsheet" in refused(archive({"a.txt": b"x", "b.lrmx": b"<Person/>"}))
    assert "not a spreadsheet" in refused(
        archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})
    )
    assert "not a spreadsheet" in refused(archive({"a/": b""}))


@pytest.mark.parametrize(
    "page",
    [
        "<html><table><tr><td>姓名</td></tr></table></html>",
        "<!DOCTYPE html><html></html>",
        "<?xml version='1.0'?><Workbook/>",
    ],
)
def test_a_web_page_under_the_name_of_a_spreadsheet_is_refused(page: str) -> None:
    assert "web page" in refused(page.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_entities_is_never_opened(encoding: str) -> None:
    form = '<?xml version="1.0"?><!DOCTYPE Person [<!ENTITY x SYSTEM "file:///etc/hostname">]><Person><XingMing>&x;</XingMing></Person>'
    assert "entities" in refused(form.encode(encoding))
    assert "entities" in refused(archive({"a.lrmx": form.encode(encoding)}))
    assert "entities" in refused(
        archive({"xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": form.encode(encoding)})
    )


def test_a_packed_file_inside_is_refused() -> None:
    assert "a.xlsx" in refused(
        archive({"xl/workbook.xml": b"<workbook/>", "xl/embeddings/a.xlsx": archive({"x": b""})})
    )
    assert "a.lrmx" in refused(archive({"a.lrmx": archive({"b.lrmx": b""})}))


def test_a_bomb_that_declares_its_size_is_refused() -> None:
    data = archive({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(40 << 20)})
    assert len(data) < 1 << 20
    assert "unpacks" in refused(data, max_unpacked=20 << 20)
    assert "unpacks" in refused(data)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(archive({"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": bytes(40 << 20)}))
    size = struct.pack("<I", 40 << 20)
    assert data.count(size) == 2
    assert "unpacks" in refused(bytes(data.replace(size, struct.pack("<I", 100))))


def test_many_entries_over_one_another_are_counted_one_by_one() -> None:
    data = archive({f"{number}.lrmx": bytes(9 << 20) for number in range(60)})
    assert "unpacks" in refused(data)


def test_an_archive_of_very_many_entries_is_refused() -> None:
    assert "unpacks" in refused(archive({f"{number}.lrmx": b"" for number in range(10_001)}))


@pytest.mark.parametrize("cut", [30, 100, -30])
def test_a_torn_archive_is_damaged(cut: int) -> None:
    assert "damaged" in refused(xlsx()[:cut])


def test_an_archive_with_broken_data_is_damaged() -> None:
    data = bytearray(xlsx())
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        entry = source.getinfo("xl/worksheets/sheet1.xml")
    start = entry.header_offset + 30 + len(entry.filename)
    data[start : start + 20] = b"\xff" * 20
    assert "damaged" in refused(bytes(data))
    data = bytearray(xlsx())
    data[entry.header_offset : entry.header_offset + 4] = b"XXXX"
    assert "damaged" in refused(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        MAGIC,
        MAGIC + bytes(600),
        compound_file(["Root Entry"])[:700],
        compound_file(["Root Entry"])[:48] + struct.pack("<I", 99) + compound_file(["Root Entry"])[52:],
    ],
)
def test_a_torn_compound_file_is_damaged(data: bytes) -> None:
    assert "damaged" in refused(data)


def test_a_large_compound_file_keeps_its_allocation_in_a_chain() -> None:
    data = bytearray(compound_file(["Root Entry", "EncryptedPackage"]))
    # The header names no sector of the table; a chained sector (number 3) names sector 0.
    struct.pack_into("<II", data, 68, 3, 1)
    struct.pack_into("<I", data, 76, 0xFFFFFFFF)
    data += struct.pack("<128I", 0, *[0xFFFFFFFF] * 126, 0xFFFFFFFE)
    assert "password" in refused(bytes(data))


def test_a_workbook_stream_without_its_first_record_has_no_password() -> None:
    data = compound_file(["Root Entry", "Workbook"])
    assert not CompoundFile(data).is_workbook_encrypted()
    short = compound_file(["Root Entry", "Workbook"])[:-512] + b"\x09\x08\xff\xff" * 128
    assert not CompoundFile(short).is_workbook_encrypted()
    records = struct.pack("<HH", 0x0809, 0) + struct.pack("<HH", 0x0042, 0) * 127
    assert not CompoundFile(compound_file(["Root Entry", "Book"])[:-512] + records).is_workbook_encrypted()


def test_a_chain_that_leaves_the_table_is_damage() -> None:
    data = bytearray(compound_file(["Root Entry", "Workbook"]))
    struct.pack_into("<I", data, 512 + 4, 500)
    assert "damaged" in refused(bytes(data))


def test_an_entry_packed_in_an_unknown_way_is_damage() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as target:
        target.writestr("xl/workbook.xml", b"<workbook/>")
    assert "damaged" in refused(buffer.getvalue())


def test_a_directory_that_runs_in_a_circle_ends() -> None:
    data = bytearray(compound_file(["Root Entry", "Workbook"]))
    struct.pack_into("<I", data, 512 + 4, 1)
    assert "Workbook" in CompoundFile(bytes(data)).entries


# The used area


def sparse_book() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "姓名")
        sheet.write_string(1_048_575, 16_383, "x")
    return buffer.getvalue()


def test_one_cell_in_the_last_corner_is_refused() -> None:
    assert "17179869184" in refused(sparse_book())


def test_a_sheet_hidden_under_another_name_is_measured_too() -> None:
    cell = (
        b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row></sheetData></worksheet>'
    )
    assert "17179869184" in refused(archive({"xl/workbook.xml": b"<workbook/>", "xl/media/image1.png": cell}))


def test_an_open_document_that_repeats_a_cell_without_end_is_refused() -> None:
    rows = (
        '<table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p></table:table-cell>'
        "</table:table-row>"
    )
    assert "17179869184" in refused(ods(rows))


def cells(text: bytes, size: int = 7) -> int:
    return office_open_cells(text[start : start + size] for start in range(0, len(text), size))


def test_the_used_area_is_measured_across_chunks() -> None:
    assert cells(b'<row r="1"><c r="A1"><v>1</v></c><c r="C2"><v>2</v></c><c r="Z90" s="1"/></row>') == 2 * 3
    assert cells(b"<x:row r='9'><x:c r='AA9'><x:v/></x:c></x:row>") == 9 * 27
    assert cells(b"<sst><si><t>no sheet</t></si></sst>") == 0


def test_cells_without_a_place_follow_one_another() -> None:
    assert cells(b'<row r="5"><c><v>1</v></c><c t="s"><v>2</v></c></row>', 500) == 5 * 2
    assert cells(b"<row><c><v>1</v></c></row>", 500) == 1


def test_what_is_repeated_in_an_open_document_counts() -> None:
    rows = (
        '<table:table><table:table-row table:number-rows-repeated="4"><table:table-cell/></table:table-row>'
        '<table:table-row><table:table-cell table:number-columns-repeated="3"/><table:table-cell office:value-type="float"/></table:table-row></table:table>'
        '<table:table><table:table-row><table:table-cell office:value-type="float"/></table:table-row></table:table>'
    )
    assert open_document_cells([rows.encode()]) == 5 * 4


def test_a_tag_without_end_is_damage() -> None:
    with pytest.raises(LongTag):
        office_open_cells([b"<c " + b"x" * (1 << 17), b"x"])
    assert "damaged" in refused(
        archive(
            {
                "xl/workbook.xml": b"<workbook/>",
                "xl/worksheets/a.xml": b"<c " + random.Random(1).randbytes(1 << 18).hex().encode(),
            }
        )
    )
