"""``zhixing roster import``: what a clock brings in, how it ends, and what it says of every row."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.factories import make_account, make_city, make_person, make_unit
from tests.people.rosters import row, sheet
from zhixing.base.models import Job
from zhixing.base.tables.read import read_sheet
from zhixing.config.cli import main
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.roster import command
from zhixing.people.actions.rosters.undo import roll_back_roster
from zhixing.people.models import Person, Role, RosterImport, Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Unit:
    city = make_city()
    make_account(Role.DEPARTMENT, city, username="renshi")
    make_unit("财政局", city)
    return city


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, [row("韦青", 1), row("陆白", 2)])


def written(folder: Path, rows: list[dict[str, str]]) -> Path:
    file = folder / "hr.xlsx"
    file.write_bytes(sheet(rows))
    return file


def run(file: Path, *options: str) -> tuple[int, str]:
    done = CliRunner().invoke(command, ["import", str(file), "--by", "renshi", *options], catch_exceptions=False)
    return done.exit_code, done.output


@pytest.mark.usefixtures("city")
def test_a_clean_list_is_applied_in_the_name_of_the_account(file: Path) -> None:
    code, said = run(file, "--on", "2026-03-01", "--apply")
    assert (code, "arrival 2" in said) == (0, True)
    assert set(Person.objects.values_list("number", "postings__from_on__year")) == {("N001", 2026), ("N002", 2026)}
    assert RosterImport.objects.get().state == RosterImport.State.APPLIED
    assert set(Job.objects.filter(kind__startswith="people.").values_list("state", flat=True)) == {Job.State.DONE}
    assert Job.objects.filter(kind="obligations.refresh", state=Job.State.QUEUED).exists()


@pytest.mark.usefixtures("city")
def test_without_apply_the_list_waits_for_a_person_and_once_only(file: Path) -> None:
    assert "waits" in run(file)[1]
    assert "waits" in run(file)[1]
    assert not Person.objects.exists()
    assert RosterImport.objects.get().state == RosterImport.State.READ
    assert "applied" in run(file, "--apply")[1]
    assert Person.objects.count() == 2


@pytest.mark.usefixtures("city")
def test_the_same_file_twice_is_recognised_and_undoes_no_later_correction(file: Path) -> None:
    run(file, "--apply")
    Person.objects.filter(number="N001").update(name="韦蓝")
    code, said = run(file, "--apply")
    assert (code, "brought in before" in said) == (0, True)
    assert RosterImport.objects.count() == 1
    assert Person.objects.get(number="N001").name == "韦蓝"
    assert "change 1" in run(file, "--apply", "--again")[1]
    assert Person.objects.get(number="N001").name == "韦青"


@pytest.mark.usefixtures("city")
def test_an_older_file_after_a_newer_one_is_news(file: Path, tmp_path: Path) -> None:
    run(file, "--apply")
    (tmp_path / "b").mkdir()
    run(written(tmp_path / "b", [row("韦青", 1, 手机号="13900000001"), row("陆白", 2)]), "--apply")
    assert "brought in before" not in run(written(tmp_path, [row("韦青", 1, 手机号="13900000002")]), "--apply")[1]
    assert Person.objects.get(number="N001").phone == "13900000002"


def test_a_file_that_a_person_rolled_back_is_not_applied_again_by_the_clock(city: Unit, file: Path) -> None:
    run(file, "--apply")
    made = RosterImport.objects.get()
    roll_back_roster(made, by=make_account(Role.DEPARTMENT, city, name="温青"))
    code, said = run(file, "--apply")
    assert (code, "rolled back by 温青" in said, "--again" in said) == (1, True, True)
    assert (RosterImport.objects.count(), Person.objects.count()) == (1, 0)
    assert run(file, "--apply", "--again")[0] == 0
    assert Person.objects.count() == 2


@pytest.mark.usefixtures("city")
def test_a_file_that_cannot_be_used_leaves_the_waiting_list_alone(file: Path, tmp_path: Path) -> None:
    run(file)
    headless = tmp_path / "headless.xlsx"
    headless.write_bytes(sheet([{"甲": "1", "乙": "2"}], ("甲", "乙")))
    with pytest.raises(BadInput):
        run(headless, "--apply")
    waiting = RosterImport.objects.exclude(state=RosterImport.State.REFUSED).get()
    assert (waiting.state, waiting.changes.count()) == (RosterImport.State.READ, 2)
    run(written(tmp_path, [row("岑柏", 3)]), "--apply")
    waiting.refresh_from_db()
    assert waiting.state == RosterImport.State.DROPPED


def test_the_clock_waits_for_the_list_of_somebody_else(city: Unit, file: Path, tmp_path: Path) -> None:
    run(file)
    other = make_account(Role.DEPARTMENT, city)
    RosterImport.objects.update(by_id=other.pk)
    newer = tmp_path / "newer"
    newer.mkdir()
    for _night in range(2):
        code, said = run(written(newer, [row("岑柏", 3)]), "--apply")
        assert (code, "waits" in said) == (1, True)
    states = list(RosterImport.objects.order_by("pk").values_list("state", "by_id"))
    assert [state for state, _by in states] == [RosterImport.State.READ] * 2, (
        "and the same file is not read every night"
    )
    assert not Person.objects.exists()


@pytest.mark.usefixtures("city")
def test_rows_with_faults_are_reported_one_by_one_and_the_others_go_on(tmp_path: Path) -> None:
    rows = [row("韦青", 1), row("陆白", 2, rank="大官"), row("岑柏", 3, 手机号="打不通")]
    report = tmp_path / "problems.xlsx"
    code, said = run(written(tmp_path, rows), "--apply", "--problems", str(report))
    assert (code, "refused 1, doubtful 1" in said) == (1, True)
    assert Person.objects.count() == 2
    table = read_sheet(report.read_bytes(), report.name).rows
    assert [(line[2], line[3], line[5]) for line in table[1:]] == [("3", "职务层次", "拒收"), ("4", "手机号", "存疑")]


def test_a_list_cut_short_lets_nobody_leave(city: Unit, tmp_path: Path) -> None:
    for n in range(20):
        make_person(city, number=f"P{n}")
    file = written(tmp_path, [row("韦青", 1)])
    code, said = run(file, "--complete", "--apply")
    assert (code, "--leavers-max" in said) == (1, True)
    assert Person.objects.filter(status=Person.Status.LEFT).count() == 0
    code, said = run(file, "--complete", "--apply", "--leavers-max", "20")
    assert (code, "leaver 20" in said) == (0, True)
    assert Person.objects.filter(status=Person.Status.LEFT).count() == 20


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["roster", "import", *arguments])
    assert end.value.code == 2
    return capsys.readouterr().err


def test_what_cannot_be_used_is_exit_2_with_the_reason(
    city: Unit, tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_account(Role.LIAISON, city, username="lianluo")
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"PK\x03\x04 broken")
    headless = tmp_path / "headless.xlsx"
    headless.write_bytes(sheet([{"甲": "1", "乙": "2"}], ("甲", "乙")))
    by = ("--by", "renshi")
    assert "does not exist" in refused(capsys, str(tmp_path / "none.xlsx"), *by)
    assert "bad.xlsx" in refused(capsys, str(bad), *by)
    assert "姓名" in refused(capsys, str(headless), *by)
    assert "no such account" in refused(capsys, str(file), "--by", "nobody")
    assert "no unit with this code" in refused(capsys, str(file), *by, "--unit", "X")
    assert "不存在：请先建立" in refused(capsys, str(file), *by, "--problems", str(tmp_path / "none" / "p.xlsx"))
    assert str(file) in refused(capsys, str(file), *by, "--on", "2999-01-01")
    assert str(file) in refused(capsys, str(file), "--by", "lianluo")
    assert not Person.objects.exists()
