"""The output folder takes its place whole, or the old one stays."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from zhixing.cycle.folder import drafted, forget_keys, home_of


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def fail_half_way(out: Path) -> None:
    with drafted(out) as draft:
        write(draft, summary_json="half")
        raise RuntimeError


def gone_process() -> int:
    """The number of a process that is no more."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_a_new_folder_is_made_with_all_above_it_for_the_owner_only(tmp_path: Path) -> None:
    out = tmp_path / "2026" / "out"
    with drafted(out) as draft:
        write(draft, summary_json="new")
        assert not out.exists()
    assert contents(out) == {"summary.json": "new"}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_an_earlier_output_goes_as_a_whole(out: Path) -> None:
    out.mkdir()
    write(out, summary_json="old", callups_csv="old")
    with drafted(out) as draft:
        write(draft, summary_json="new")
    assert contents(out) == {"summary.json": "new"}
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_what_else_lies_in_the_folder_stays(out: Path) -> None:
    out.mkdir()
    write(out, roster_xlsx="mine", callups_csv="old", standings_csv="old")
    (out / "notices").mkdir()
    write(out / "notices", old_docx="old")
    with drafted(out) as draft:
        write(draft, summary_json="new", callups_csv="new")
        (draft / "notices").mkdir()
        write(draft / "notices", new_docx="new")
    assert contents(out) == {
        "roster.xlsx": "mine",
        "summary.json": "new",
        "callups.csv": "new",
        "notices/new.docx": "new",
    }


def test_a_folder_in_which_somebody_works_is_filled_and_not_moved_away(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out.mkdir()
    monkeypatch.chdir(out)
    same = out.stat().st_ino
    with drafted(out) as draft:
        write(draft, summary_json="new")
    assert out.stat().st_ino == same
    assert Path("summary.json").read_text() == "new"


def test_a_failure_leaves_the_old_output_and_nothing_beside_it(out: Path) -> None:
    out.mkdir()
    write(out, summary_json="old")
    with pytest.raises(RuntimeError):
        fail_half_way(out)
    assert contents(out.parent) == {"out/summary.json": "old"}


def test_what_killed_runs_left_is_swept_away_and_a_folder_moved_aside_comes_back(out: Path) -> None:
    gone = gone_process()
    for name in (f".out.{gone}.part", f".out.{gone}.old", f".out.{os.getppid()}.part", ".out.notes.part"):
        (out.parent / name).mkdir()
        write(out.parent / name, summary_json=name)
    with pytest.raises(RuntimeError):
        fail_half_way(out)
    assert contents(out.parent) == {
        "out/summary.json": f".out.{gone}.old",
        f".out.{os.getppid()}.part/summary.json": f".out.{os.getppid()}.part",
        ".out.notes.part/summary.json": ".out.notes.part",
    }


def test_the_draft_is_an_installation_of_its_own_whatever_the_caller_has(tmp_path: Path) -> None:
    draft = tmp_path / "100 %"
    variables = home_of(draft, {"ZHIXING_HOME": str(tmp_path), "DATABASE_URL": "postgresql://localhost/real"})
    assert variables == {
        "ZHIXING_HOME": str(draft),
        "DATABASE_URL": f"sqlite:///{tmp_path}/100%20%25/city.sqlite3",
        "DJANGO_SETTINGS_MODULE": "zhixing.config.settings",
    }


def test_id_numbers_are_sealed_with_the_keys_of_the_callers_installation(tmp_path: Path) -> None:
    secrets = {"signing": "s", "encryption": "e", "blind_index": "b"}
    (tmp_path / "secrets.json").write_text(json.dumps(secrets))
    variables = home_of(tmp_path / "draft", {"ZHIXING_HOME": str(tmp_path), "ZHIXING_SECRET_KEY": "given"})
    assert variables["ZHIXING_ENCRYPTION_KEY"] == "e"
    assert variables["ZHIXING_BLIND_INDEX_KEY"] == "b"
    assert variables["ZHIXING_SECRET_KEY"] == "given"


def test_keys_do_not_stay_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    forget_keys(tmp_path)
    forget_keys(tmp_path)
    assert not list(tmp_path.iterdir())
