"""``zhixing evaluations evidence``: rows for planning; few people stay unseen, by themselves and by subtraction."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.attendance.school import make_school
from tests.evaluations.polled import make_poll
from tests.evaluations.test_consequences import BAD, GOOD, Scene, decided
from zhixing.callups.models import Callup
from zhixing.config.cli import main
from zhixing.config.cli.evaluations import command
from zhixing.evaluations.models import Group, Survey
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db


def rows_of(tmp_path: Path, year: int = 2026) -> list[dict[str, str]]:
    out = tmp_path / "evidence.csv"
    done = CliRunner().invoke(command, ["evidence", "--year", str(year), "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    with out.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_courses_with_their_range_and_what_was_decided(tmp_path: Path) -> None:
    scene = Scene()
    for number in range(2):
        scene.teach("好课", None, [one - number for one in GOOD])
        scene.teach("差课", None, [one + number for one in BAD])
    scene.teach("新课", None, GOOD[:3])
    decided(scene)
    rows = rows_of(tmp_path)
    good = {row["what"]: row for row in rows if row["subject"] == "好课"}
    assert set(good) == {"times_taught", "score_raw", "score", "decision_keep"}
    assert float(good["score"]["lower"]) < float(good["score"]["value"]) < float(good["score"]["upper"])
    assert (good["score"]["n"], good["score"]["source"]) == ("16", "surveys")
    assert good["times_taught"]["value"] == "2.00"
    assert good["score"]["subject_id"] == f"{scene.school.code}/好课"
    new = {row["what"]: row for row in rows if row["subject"] == "新课"}
    assert (new["score"]["value"], new["score"]["n"], new["score"]["source"]) == ("", "", "suppressed")


def test_nobody_asked_is_not_too_few(tmp_path: Path) -> None:
    scene = Scene()
    scene.teach("没问", None, ())
    Survey.objects.all().delete()
    assert [row["what"] for row in rows_of(tmp_path) if row["subject"] == "没问"] == ["times_taught"]
    ClassRun.objects.update(state=ClassRun.State.OPEN)  # planned, and its day passed without it
    assert not [row for row in rows_of(tmp_path) if row["subject"] == "没问"]


def test_class_runs_institutions_and_programmes(tmp_path: Path) -> None:
    poll = make_poll(people=9)
    for who in range(8):
        poll.hand_in(who, mark=4)
    poll.close()
    rows = rows_of(tmp_path)
    for kind in ("class_run", "institution", "programme"):
        found = {row["what"]: row for row in rows if row["subject_kind"] == kind}
        assert found["satisfaction"]["value"] == "100.00"
        assert found["response"]["value"] == "100.00"
        assert float(found["attendance"]["value"]) == pytest.approx(100 * 8 / 9, abs=0.01)
        assert found["attendance"]["source"] == "system"
    programme = next(row for row in rows if row["subject_kind"] == "programme")
    assert programme["subject"] == poll.school.class_run.theme
    assert rows_of(tmp_path, 2025) == []


def test_a_small_class_run_is_in_no_row_and_in_no_sum(tmp_path: Path) -> None:
    poll = make_poll(people=4)
    rows = rows_of(tmp_path)
    told = [row for row in rows if row["subject_kind"] in {"institution", "programme"}]
    assert told == []
    own = [row for row in rows if row["subject_kind"] == "class_run"]
    assert [(row["what"], row["value"], row["source"]) for row in own] == [("all", "", "suppressed")]
    assert poll.survey.group == Group.TRAINEES
    ClassRun.objects.update(state=ClassRun.State.DRAFT)
    assert not [row for row in rows_of(tmp_path) if row["subject_kind"] == "class_run"]


def test_who_completed_is_not_found_by_subtraction(tmp_path: Path) -> None:
    """A class run in which one person alone has ended: its own figure is empty, and the sums are those of the other class run."""
    many, few = make_school(people=6), make_school(people=6)
    ClassRun.objects.filter(pk=few.class_run.pk).update(institution=many.institution)
    ClassRun.objects.update(state=ClassRun.State.HELD)
    Callup.objects.filter(class_run=many.class_run).update(state=Callup.State.COMPLETED)
    Callup.objects.filter(pk=few.callups[0].pk).update(state=Callup.State.NOT_COMPLETED)
    found = {
        (row["subject_kind"], row["subject_id"]): (row["value"], row["n"])
        for row in rows_of(tmp_path)
        if row["what"] == "completion"
    }
    assert found.pop(("class_run", few.class_run.code)) == ("", "")
    assert len(found) == 3
    assert set(found.values()) == {("100.00", "6")}


def test_no_title_is_a_formula(tmp_path: Path) -> None:
    Scene().teach('=HYPERLINK("http://x","y")', None, GOOD)
    found = {row["subject"] for row in rows_of(tmp_path) if row["subject_kind"] == "course"}
    assert found == {'\'=HYPERLINK("http://x","y")'}


def test_bad_input_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["evaluations", "evidence", "--year", "2026", "--out", str(tmp_path / "no" / "e.csv")])
    assert end.value.code == 2
    assert "不存在：请先建立" in capsys.readouterr().err
