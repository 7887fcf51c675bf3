"""``zhixing extract``: files of the whole installation, checked definitions, and what bad input gets."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.factories import make_city, make_entry, make_person
from zhixing.archive.models import Extract
from zhixing.config.cli import main
from zhixing.config.cli.extract import command

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command, [*arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return str(done.output)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["extract", *arguments])
    assert end.value.code == 2
    return capsys.readouterr().err


def test_the_same_question_gives_the_same_file(tmp_path: Path) -> None:
    make_entry(make_person(make_city()), dt.date(2026, 5, 1), 300, title="专题班")
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for file in files:
        out = run("run", "a11", "--on", "2026-06-30", "--known-on", "2026-06-30T18:00", "--out", str(file))
        assert "1 trainings of 1 people" in out
    assert files[0].read_bytes() == files[1].read_bytes()
    first, second = Extract.objects.order_by("pk")
    assert first.digest == second.digest
    assert (first.by_id, first.scope_unit_id) == (None, None)


def test_the_shipped_ones_are_listed_and_without_fault() -> None:
    assert {line.split()[0] for line in run("list").splitlines()} == {"a11", "opm", "statistics"}
    assert "tenths" in run("sources")
    folder = Path(__file__).resolve().parents[2] / "zhixing" / "archive" / "extracts"
    assert "27 fields" in run("check", str(folder / "opm.toml"))


def test_every_fault_of_a_definition_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('[extract]\ncode = "x"\nfoo = 1\n[[field]]\nname = "a"\ntitle = "A"\nsource = "salary"\n', "utf-8")
    said = refused(capsys, "check", str(file))
    for words in ("bad.toml: extract.foo", "extract.title", "field[1].source: salary is unknown"):
        assert words in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "none", "--on", "2026-06-30", "--out", "{}/a.csv"], "there is no such extract"),
        (["run", "a11", "--on", "2026-06-30", "--out", "{}/a.pdf"], "此提取没有这种格式"),
        (["run", "a11", "--on", "2026-06-30", "--out", "{}/none/a.csv"], "不存在：请先建立"),
        (["run", "a11", "--on", "2026-06-30", "--unit", "X", "--out", "{}/a.csv"], "no unit with this code"),
        (["run", "a11", "--on", "2026-06-30", "--since", "2026-07-01", "--out", "{}/a.csv"], "swap them"),
        (["run", "a11", "--on", "2026-06-30", "--known-on", "soon", "--out", "{}/a.csv"], "local time without zone"),
    ],
)
def test_bad_input_is_exit_2_with_the_reason_and_no_file(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refused(capsys, *(one.format(tmp_path) for one in arguments))
    assert not list(tmp_path.glob("*.csv"))
    assert not Extract.objects.exists()
