"""``zhixing obligations bulk`` as an analyst's script meets it: exit codes, messages, and the file it leaves."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engine.obligations.ledgers import COUNTY, credit, exemption, person, posting, tables
from zhixing.config.cli import main
from zhixing.engine.obligations.result import STANDINGS

pytestmark = pytest.mark.files

POLICY = """[policy]
code = "city-2026"
in_force_from = 2026-01-01
[[rule]]
code = "annual"
ranks = ["乡科级正职"]
window = "year"
hours = 90
channels = ["offjob"]
"""
Command = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the files of two people who owe hours and one who does not."""
    facts = [
        person(
            credit(1, "2026-03-01", 100), exemption("2026-01-01", "2026-12-31", recorded_at="2026-06-01"), person_id=1
        ),
        person(credit(2, "2026-03-01", 900, recorded_at="2026-05-01T12:00:00"), person_id=2),
        person(posting(rank=COUNTY), person_id=3),
    ]
    for name, table in tables(facts).items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command_line(*more: str, **changed: str | None) -> list[str]:
    """The usual options, some of them changed or (None) left out."""
    options: dict[str, str | None] = {
        name: f"{name}.parquet" for name in ("people", "postings", "credits", "exemptions")
    }
    options |= {"policy": "policy.toml", "on": "2026-06-30", "out": "standings.parquet"} | changed
    given = [word for name, value in options.items() if value for word in (f"--{name}", value)]
    return ["obligations", "bulk", *given, *more]


@pytest.fixture
def bulk(folder: Path) -> Iterator[Command]:
    def run(*more: str, **changed: str | None) -> int:
        with pytest.raises(SystemExit) as exit_:
            main(command_line(*more, **changed))
        assert isinstance(exit_.value.code, int)
        return exit_.value.code

    yield run
    assert not list(folder.glob(".*")), "a temporary file was left behind"


def states(folder: Path) -> list[tuple[int, str]]:
    table = pq.read_table(folder / "standings.parquet")
    assert table.schema == STANDINGS
    return [(row["person_id"], row["state"]) for row in table.to_pylist()]


def test_it_writes_everyones_standings(bulk: Command, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bulk() == 0
    assert states(folder) == [(1, "exempt"), (2, "met")]
    said = capsys.readouterr()
    assert said.out == "standings.parquet: 2 standings on 2026-06-30\n"
    assert said.err == (
        f"note: postings.parquet, row 3, column rank: no rule of the policy names {COUNTY}, "
        "so it owes nothing: mend it if it is misspelt\n"
    )


@pytest.mark.parametrize(
    ("known_on", "expected"),
    [
        ("2026-05-01T12:00:00", [(1, "short"), (2, "met")]),
        ("2026-05-01 11:59:59.999999", [(1, "short"), (2, "short")]),
        ("2026-06-01", [(1, "exempt"), (2, "met")]),
    ],
    ids=["the very moment", "the moment before", "a bare date is its midnight"],
)
def test_it_can_see_only_what_was_known_by_a_moment(
    bulk: Command, folder: Path, known_on: str, expected: list[tuple[int, str]]
) -> None:
    assert bulk("--known-on", known_on) == 0
    assert states(folder) == expected


def test_exemptions_may_be_left_out(bulk: Command, folder: Path) -> None:
    assert bulk(exemptions=None) == 0
    assert states(folder)[0] == (1, "short")


def test_a_policy_saved_as_gb18030_is_read(bulk: Command, folder: Path) -> None:
    (folder / "policy.toml").write_text(POLICY, encoding="gb18030")
    assert bulk() == 0
    assert states(folder) == [(1, "exempt"), (2, "met")]


def test_a_day_before_the_policy_was_in_force_is_answered_with_a_note(
    bulk: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bulk(on="2025-12-31") == 0
    assert "policy.toml: in force from 2026-01-01 only, asked for 2025-12-31" in capsys.readouterr().err


def test_every_fault_of_a_table_is_named_and_the_old_result_stays(
    bulk: Command, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "standings.parquet").write_bytes(b"the old result")
    people = pq.read_table(folder / "people.parquet").drop_columns(["left_on"])
    pq.write_table(people.set_column(0, "person_id", pa.array(["1", "2", "3"])), folder / "people.parquet")
    assert bulk() == 2
    assert capsys.readouterr().err.splitlines() == [
        "people.parquet, column person_id: the type is string: write the column as int64",
        "people.parquet, column left_on: the column is missing: add it as date",
    ]
    assert (folder / "standings.parquet").read_bytes() == b"the old result"


def test_a_faulty_row_is_named_with_its_value_and_what_to_do(
    bulk: Command, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    credits = pq.read_table(folder / "credits.parquet")
    pq.write_table(credits.set_column(4, "channel", pa.array(["offjob", "校外"])), folder / "credits.parquet")
    assert bulk() == 2
    assert capsys.readouterr().err == (
        "credits.parquet, row 2, column channel: 校外 is no channel: "
        "use one of offjob, concentrated, online, study_group, self_study, teaching\n"
    )


def test_more_faulty_rows_than_anyone_reads_are_counted(
    bulk: Command, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = person(*(credit(n, "2026-03-01", 1, "?") for n in range(250)))
    pq.write_table(tables([facts])["credits"], folder / "credits.parquet")
    assert bulk() == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 100
    assert lines[-1].endswith("(and 150 more rows)")


def test_a_file_of_another_kind_is_named(bulk: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert bulk(credits="policy.toml") == 2
    assert capsys.readouterr().err.startswith("policy.toml: this is no parquet file")


def test_of_several_files_that_are_missing_all_are_named(bulk: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert bulk(credits="nowhere.parquet", people="nobody.parquet") == 2
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        "nobody.parquet",
        "nowhere.parquet",
    ]


def test_every_fault_of_the_policy_is_listed(bulk: Command, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faulty = POLICY.replace('"year"', '"month"').replace("90", "90.05")
    (folder / "policy.toml").write_text(faulty, encoding="utf-8")
    assert bulk() == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ")[:2] for line in lines] == [
        ["policy.toml:7:", "rule[1].window:"],
        ["policy.toml:8:", "rule[1].hours:"],
    ]


def test_faults_of_the_policy_hide_none_of_the_tables(
    bulk: Command, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "policy.toml").write_text(POLICY.replace('"year"', '"month"'), encoding="utf-8")
    people = pq.read_table(folder / "people.parquet").drop_columns(["left_on"])
    pq.write_table(people, folder / "people.parquet")
    assert bulk() == 2
    assert [line.split(",")[0].split(" ")[0] for line in capsys.readouterr().err.splitlines()] == [
        "policy.toml:7:",
        "people.parquet",
    ]


@pytest.mark.parametrize(
    ("changed", "more", "said"),
    [
        ({"on": "2026-13-01"}, [], "--on"),
        ({"on": "0001-01-01"}, [], "write a day from 1900 to 2999"),
        ({"people": "nobody.parquet"}, [], "nobody.parquet"),
        ({"people": None}, [], "--people"),
        ({"out": "nowhere/standings.parquet"}, [], "nowhere/standings.parquet"),
        ({}, ["--known-on", "2026-05-01T12:00:00+08:00"], "local time without zone"),
        ({}, ["--known-on", "2026-05-01+08:00"], "local time without zone"),
        ({}, ["--known-on", "2026-02-30"], "is no moment"),
        ({}, ["--master", "local[2]"], "add --engine spark"),
    ],
)
def test_bad_options_are_refused_with_what_to_do(
    bulk: Command,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, str | None],
    more: list[str],
    said: str,
) -> None:
    assert bulk(*more, **changed) == 2
    assert said in capsys.readouterr().err
    assert not (folder / "standings.parquet").exists()


def test_a_terminal_shows_a_progress_bar(folder: Path) -> None:
    ours, theirs = pty.openpty()
    program = f"from zhixing.config.cli import main; main({command_line()!r})"
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    shown = b""
    while b"100%" not in shown:
        shown += os.read(ours, 1024)
    os.close(ours)
    assert b"####" in shown
    assert done.stdout == b"standings.parquet: 2 standings on 2026-06-30\n"
