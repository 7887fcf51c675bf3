"""A result takes the place of the old one whole, or nothing changes and the reason is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.writing import check_place, written_whole

pytestmark = pytest.mark.files


def test_what_a_link_leads_to_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    with written_whole(link) as temporary:
        temporary.write_text("new")
    assert (link.is_symlink(), target.read_text()) == (True, "new")


def test_a_device_is_never_replaced() -> None:
    with pytest.raises(BadInput, match="不是普通文件"), written_whole(Path("/dev/null")):
        raise AssertionError
    assert Path("/dev/null").is_char_device()


def test_a_folder_where_a_file_is_meant_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="不是普通文件"), written_whole(tmp_path):
        raise AssertionError


@pytest.mark.parametrize("name", ["no/file.json", "a" * 250, "file/inside.json"])
def test_a_place_that_cannot_be_written_is_bad_input_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("a file, no folder")
    with pytest.raises(BadInput), written_whole(tmp_path / name) as temporary:
        temporary.write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_disk_that_is_full_is_told_and_the_old_file_stays(tmp_path: Path) -> None:
    out = tmp_path / "file.json"
    out.write_text("old")

    def write() -> None:
        with written_whole(out) as temporary:
            temporary.symlink_to("/dev/full")
            temporary.write_text("new")

    with pytest.raises(BadInput, match="无法写入"):
        write()
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_place_in_a_missing_folder_is_told_before_the_work(tmp_path: Path) -> None:
    check_place(tmp_path / "new")
    with pytest.raises(BadInput, match="不存在"):
        check_place(tmp_path / "no" / "new")
    (tmp_path / "link").symlink_to(tmp_path / "no" / "new")
    with pytest.raises(BadInput, match="不存在"):
        check_place(tmp_path / "link")


def test_what_fails_in_the_work_itself_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    out = tmp_path / "file.json"
    for error in (ConnectionRefusedError("no server"), FileNotFoundError(2, "missing", "elsewhere.parquet")):
        with pytest.raises(type(error)), written_whole(out):
            raise error
    assert list(tmp_path.iterdir()) == []
