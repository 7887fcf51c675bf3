"""The problem of a year's plan from rows of the database, and a proposal back as facts of lines."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.needs.asked import make_framework
from zhixing.config.cli import main
from zhixing.engine.plan.check import check
from zhixing.engine.plan.document import plan_document
from zhixing.engine.plan.faults import Fault, PlanError
from zhixing.engine.plan.problem import PlanProblem
from zhixing.engine.plan.search import propose
from zhixing.needs.models import Need, NeedsReckoning
from zhixing.people.models import Account, Unit
from zhixing.plans.models import Capacity, Programme, ProgrammeCompetency
from zhixing.plans.problem import latest_reckoning, line_facts, problem_of, rules_in_force

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 12, 1)


class Rows:
    """Twelve chiefs of sections and six staff who lack two things; one programme, and a school with room for it in spring."""

    def __init__(self) -> None:
        self.city: Unit = factories.make_city()
        self.by: Account = factories.make_department(self.city)
        office = factories.make_unit("水务局", self.city)
        self.school = factories.make_unit("市委党校", self.city, kind=Unit.Kind.SCHOOL)
        for number in range(18):
            factories.make_person(
                office, rank="乡科级正职" if number < 12 else "", grade="" if number < 12 else "一级科员"
            )
        framework = make_framework(self.by)
        self.reckoning = NeedsReckoning.objects.create(
            year=2027, framework=framework, unit=self.city, by=self.by, state="ready", digest="d"
        )
        self.competencies = {one.code: one for one in framework.competencies.all()}
        self.need("A1", [("survey", 300), ("priority", 120)])
        self.need("A2", [("survey", 80)])
        self.need("A1", [("survey", 990)], unit=office)
        self.programme = factories.make_programme(
            self.city,
            self.by,
            kind=Programme.Kind.SPECIAL,
            rank_groups=["township"],
            size_min=4,
            size_max=8,
            person_day_cents=10_000,
            run_cents=100_000,
            teacher_days={"法治": 2},
        )
        for code, strength in (("A1", 60), ("A2", 30)):
            ProgrammeCompetency.objects.create(
                programme=self.programme, competency=self.competencies[code], strength=strength
            )
        self.capacity(1, rate_cents=30_000)
        self.capacity(2, rate_cents=31_000)
        self.capacity(3, closed=True)

    def need(self, code: str, parts: list[tuple[str, int]], unit: Unit | None = None) -> None:
        Need.objects.create(
            reckoning=self.reckoning,
            competency=self.competencies[code],
            rank_group="township",
            unit=unit,
            people=10,
            n=5,
            weight=sum(weight for _source, weight in parts),
            parts=[
                {"source": source, "key": "k", "code": "gap", "n": 5, "value": 100, "weight": weight, "share": 5_000}
                for source, weight in parts
            ],
        )

    def capacity(self, term: int, **fields: Any) -> None:
        Capacity.objects.create(
            **{
                "institution": self.school,
                "year": 2027,
                "term": term,
                "runs_at_once": 1,
                "seats": 50,
                "teacher_days": {"法治": 10},
                **fields,
            }
        )

    def problem(self) -> PlanProblem:
        return problem_of(self.reckoning, money=100_000_000, decided_on=DAY, rules=rules_in_force())


@pytest.fixture
def rows() -> Rows:
    return Rows()


def test_needs_groups_programmes_and_capacities_are_read(rows: Rows) -> None:
    one = rows.problem()
    assert [(group.key, group.people, group.leading) for group in one.groups] == [("township", 12, 12), ("staff", 6, 0)]
    assert {need.key: (need.weight, need.people) for need in one.needs} == {
        "A1/township": (42, 10),
        "A2/township": (8, 10),
    }
    assert one.programmes[0].covers == {"A1": 60, "A2": 30}
    assert one.institutions[0].rate_cents == 31_000
    assert [capacity.term for capacity in one.institutions[0].capacities] == ["1", "2"]
    assert [term.ends_on.month for term in one.terms] == [3, 6, 9, 12]
    assert latest_reckoning(2027) == rows.reckoning
    assert latest_reckoning(2026) is None


def test_a_programme_that_is_retired_or_of_another_unit_is_not_offered(rows: Rows) -> None:
    elsewhere = factories.make_unit("甲县", rows.city)
    factories.make_programme(elsewhere, rows.by)
    Programme.objects.filter(pk=rows.programme.pk).update(state=Programme.State.RETIRED)
    with pytest.raises(PlanError) as error:
        rows.problem()
    assert [one.fault for one in error.value.faults] == [Fault.NO_PROGRAMMES]


def test_without_needs_and_institutions_every_fault_is_told(rows: Rows) -> None:
    Capacity.objects.all().delete()
    empty = NeedsReckoning.objects.create(
        year=2027, framework=rows.reckoning.framework, unit=rows.city, by=rows.by, state="ready", digest="e"
    )
    with pytest.raises(PlanError) as error:
        problem_of(empty, money=1, decided_on=DAY, rules=rules_in_force())
    assert {one.fault for one in error.value.faults} == {Fault.NO_NEEDS, Fault.NO_INSTITUTIONS}


def test_a_proposal_becomes_facts_of_lines_whose_shares_of_evidence_add_up(rows: Rows) -> None:
    Programme.objects.update(leading=True)
    one = rows.problem()
    result = propose(one)
    document = plan_document(one, result)
    assert check(document["problem"], document).violations == ()
    facts = list(line_facts(document, rows.reckoning))
    assert sum(line["people"] for line in facts) == sum(line.seats for line in result.lines) > 0
    plan = factories.make_annual_plan(rows.city, rows.by)
    for line in facts:
        assert sum(part["share"] for part in line["evidence"]) == 10_000
        assert {part["key"].split("/")[2] for part in line["evidence"][0]["evidence"]} == {"survey", "priority"}
        kept = factories.make_plan_line(plan, **line)
        kept.refresh_from_db()
        assert (kept.institution, kept.programme, kept.rank_group) == (rows.school, rows.programme, "township")


def test_the_command_reads_the_database_and_says_what_is_missing(
    rows: Rows, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: object) -> int:
        with pytest.raises(SystemExit) as end:
            main(["plan", "propose", "--decided-on", str(DAY), *map(str, words), "--out", str(tmp_path / "plan.json")])
        return int(end.value.code or 0)

    assert run("--year", 2026) == 2
    assert "2026 年的培训需求尚未研判" in capsys.readouterr().err
    assert run("--year", 2027) == 2
    assert "--money" in capsys.readouterr().err
    Programme.objects.update(leading=True)
    factories.make_annual_plan(rows.city, rows.by, money=100_000_000)
    assert run("--year", 2027) == 0
    assert "2027 年的放假安排尚未录入" in capsys.readouterr().err
    said = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert (said["violations"], said["problem"]["money"]) == ([], 100_000_000)
    assert run("--year", 2027, "--money", 1) == 0
    assert json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["status"] == "infeasible"
    assert run() == 2
