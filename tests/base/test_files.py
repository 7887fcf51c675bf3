"""Names of files are made of what people wrote; none of it reaches a header, a folder or an archive as more than a name."""

from __future__ import annotations

import pytest

from zhixing.base import files
from zhixing.base.files import hand_out, plain_name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("调训通知 甲班.docx", "调训通知 甲班.docx"),
        ("甲\r\nSet-Cookie:a=b.pdf", "甲 Set-Cookie a=b.pdf"),
        ("..\\..\\evil.docx", "evil.docx"),
        ('a"; filename="b.pdf', "a ; filename= b.pdf"),
        ("../..", "file"),
    ],
)
def test_a_name_is_only_a_name(name: str, plain: str) -> None:
    assert plain_name(name) == plain
    said = hand_out(b"", name)["Content-Disposition"]
    assert said.startswith("attachment; filename")
    assert not set(said) & set("\r\n\\/<>")


@pytest.mark.django_db
def test_a_stored_file_bears_a_plain_name() -> None:
    stored = files.store(b"x", "单位\n..\\..\\甲:乙.docx", "notice", by=None)
    assert stored.name == "单位 .. .. 甲 乙.docx"
