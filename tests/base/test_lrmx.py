"""Forms of appointment (.lrmx): only what training needs is read. All persons are invented."""

from __future__ import annotations

import io
import zipfile
from dataclasses import astuple

import pytest
from django.utils.translation import override

from zhixing.base.lrmx import Dropped, LrmxReading, read_lrmx
from zhixing.base.problems import Invalid
from zhixing.engine.sheets.dates import PartialDate
from zhixing.engine.sheets.faults import Fault
from zhixing.engine.sheets.identity import check_digit

PHOTO = "iVBORw0KGgoAAAANSUhEUg" * 1000


def id_number(serial: int) -> str:
    first17 = f"99010119850712{serial:03d}"
    return first17 + check_digit(first17)


def form(name: str = "张　三", serial: int = 1, **fields: str) -> str:
    values = {
        "XingMing": name,
        "XingBie": "男" if serial % 2 else "女",
        "ChuShengNianYue": "198507",
        "MinZu": "汉族",
        "JiGuan": "某省某市",
        "JianKangZhuangKuang": "健康",
        "CanJiaGongZuoShiJian": "2008.07",
        "XianRenZhiWu": "某局副局长",
        "NiRenZhiWu": " \n ",
        "JianLi": "2008.07--2012.03  某局科员\n2012.03--  某局副局长",
        "RenMianLiYou": "工作需要",
        "TianBiaoRen": "赵六",
        "ShenFenZheng": id_number(serial),
        "ZhaoPian": PHOTO,
        "Version": "3.2.1.16",
    } | fields
    family = (
        "<JiaTingChengYuan>\n<Item><ChengWei>妻子</ChengWei><XingMing>配偶甲</XingMing></Item>\n"
        "<Item><ChengWei>女儿</ChengWei><XingMing>女儿乙</XingMing></Item>\n<Item><ChengWei> </ChengWei></Item></JiaTingChengYuan>"
    )
    body = "".join(f"<{tag}>{text}</{tag}>\n" for tag, text in values.items())
    return f'<?xml version="1.0" encoding="utf-8"?>\n<Person>\n{body}{family}\n</Person>'


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_form_gives_what_training_needs() -> None:
    reading = read_lrmx(form().encode(), "张三.lrmx", unit="某局")
    assert reading.faults == ()
    (row,) = reading.rows
    assert (row.sheet, row.row, row.name, row.id_number, row.sex) == ("张三.lrmx", 1, "张三", id_number(1), "m")
    assert (row.born, row.work_began) == (PartialDate(1985, 7, 12), PartialDate(2008, 7))
    assert (row.unit, row.title, row.rank, row.grade) == ("某局", "某局副局长", "", "")


def test_family_photo_and_the_rest_are_counted_and_not_kept() -> None:
    reading = read_lrmx(form().encode(), "张三.lrmx")
    assert reading.dropped == Dropped(family_members=2, photos=1, other_fields=5)
    kept = repr([astuple(row) for row in reading.rows])
    assert not any(word in kept for word in ("配偶甲", "女儿乙", "iVBOR", "汉族", "健康", "工作需要", "科员"))


def test_family_written_without_items_is_family_all_the_same() -> None:
    text = form().replace("<JiaTingChengYuan>", "<JiaTingChengYuan>妻子配偶甲</JiaTingChengYuan><JiaTingChengYuan>")
    assert read_lrmx(text.encode(), "a.lrmx").dropped.family_members == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_form_is_read_in_the_encoding_it_has_whatever_it_declares(encoding: str) -> None:
    assert read_lrmx(form().encode(encoding), "a.lrmx").rows[0].name == "张三"


def test_many_forms_come_in_one_archive() -> None:
    files = {
        "甲/张三.lrmx": form().encode(),
        "甲/李四.lrmx": form("李四", 2).encode(),
        "__MACOSX/甲/._李四.lrmx": b"\x00\x05\x16\x07",
    }
    reading = read_lrmx(packed(files), "forms.zip")
    assert [(row.sheet, row.name) for row in reading.rows] == [("张三.lrmx", "张三"), ("李四.lrmx", "李四")]
    assert reading.dropped.photos == 2


def read(**files: str) -> LrmxReading:
    return read_lrmx(packed({f"{name}.lrmx": text.encode() for name, text in files.items()}), "forms.zip")


def test_faults_name_the_file() -> None:
    reading = read(a=form(ShenFenZheng="123"), b=form("李四", 2))
    assert [(fault.sheet, fault.row, fault.fault) for fault in reading.faults] == [("a.lrmx", 1, Fault.ID_MALFORMED)]
    assert [row.name for row in reading.rows] == ["李四"]


def test_forms_of_one_person_count_once_or_contradict() -> None:
    assert len(read(a=form(), b=form()).rows) == 1
    reading = read(a=form(), b=form(XianRenZhiWu="另一职务"))
    assert reading.rows == ()
    assert [(fault.sheet, fault.fault, fault.about) for fault in reading.faults] == [
        ("a.lrmx", Fault.ROWS_CONTRADICT, ("b.lrmx",)),
        ("b.lrmx", Fault.ROWS_CONTRADICT, ("a.lrmx",)),
    ]


@pytest.mark.parametrize(
    "content",
    [
        form()[:-20],
        "<?xml version='1.0'?><Person></Person>",
        "<?xml version='1.0'?><Persons><Person/></Persons>",
        "<?xml version='1.0'?><Person><MinZu>汉族</MinZu></Person>",
    ],
)
def test_what_is_no_whole_form_is_refused_by_name(content: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(a=content)
    with override("en"):
        assert "a.lrmx" in str(refusal.value.message)


def test_a_form_that_declares_entities_is_refused_even_past_the_guard() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE Person [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Person><XingMing>&b;</XingMing></Person>'
    for source in (bomb.encode(), packed({"a.lrmx": bomb.encode()}), packed({"a.lrmx": bomb.encode("utf-16-le")})):
        with pytest.raises(Invalid):
            read_lrmx(source, "a.lrmx")


def test_a_spreadsheet_is_no_form() -> None:
    with pytest.raises(Invalid) as refusal:
        read_lrmx("姓名,单位\n".encode(), "a.csv")
    with override("en"):
        assert "neither" in str(refusal.value.message)
