"""Class runs beside each other: raw and corrected, who sees which, and small ones in no figure."""

from __future__ import annotations

import io
import re
import statistics
from dataclasses import dataclass

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.evaluations.polled import make_version
from tests.evaluations.rated import rate, scores
from zhixing.evaluations.models import FormVersion, Reckoning, Survey
from zhixing.evaluations.queries import comparing
from zhixing.evaluations.queries.case_mix import Fact, level_of
from zhixing.evaluations.queries.comparing import Asked, comparison_of
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
PAGE = "evaluations:class_runs_beside"


@dataclass
class City:
    department: Account
    school: Unit
    other: Unit
    version: FormVersion

    @property
    def asked(self) -> Asked:
        return Asked(self.version.form_id, 2026)


@pytest.fixture
def city() -> City:
    """Six class runs of one school far apart from six of another; a year before, three of the first."""
    root = factories.make_city()
    department = factories.make_department(root)
    school = factories.make_unit("市委党校", root, kind=Unit.Kind.SCHOOL)
    other = factories.make_unit("干部学院", root, kind=Unit.Kind.SCHOOL)
    made = City(department, school, other, make_version(department))
    for n in range(6):
        rate(made.version, school, scores(88 + n / 2, seed=n), f"甲{n}")
        rate(made.version, other, scores(70 + n / 2, seed=n + 10), f"乙{n}")
    for n in range(3):
        rate(made.version, school, scores(70 + n / 2, seed=n + 20), f"旧{n}", year=2025)
    return made


def test_raw_and_corrected_stand_beside_each_other(city: City) -> None:
    whole = comparison_of(city.department, city.asked)
    found, names = whole.runs.plain, whole.names
    assert found is not None
    assert len(found.stood) == 12
    for one in found.stood:
        survey = Survey.objects.get(class_run=int(one.level))
        assert one.raw == pytest.approx(statistics.fmean(survey.sheets.values_list("score", flat=True)) / 100)
        assert one.low < one.corrected < one.high
        assert one.raw_low is not None
        assert one.raw_high is not None
        assert one.raw_low < one.raw < one.raw_high
        assert one.rank_low <= one.rank_high
    assert all(names[one.level].startswith("甲") for one in found.stood[:6])
    assert found.others(found.stood[0]) < 11
    assert 0.4 < found.apart < 0.8
    assert {names[one.level] for one in found.groups[0]} <= {f"甲{n}" for n in range(6)}


def test_institutions_and_years_are_told_with_what_is_open(city: City) -> None:
    found = comparison_of(city.department, city.asked)
    apart = {found.schools[one.level]: [found.schools[other] for other in one.apart] for one in found.institutions}
    assert apart == {"市委党校": ["干部学院"], "干部学院": ["市委党校"]}
    changes = {found.schools.get(key, ""): one for key, one in found.changes}
    assert changes["市委党校"].is_told
    assert changes["市委党校"].more is not None
    assert changes["市委党校"].more > 10
    assert "干部学院" not in changes


def test_it_is_reckoned_once_and_again_when_a_survey_closes(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    first = comparison_of(city.department, city.asked)
    monkeypatch.setattr(comparing, "_reckon", lambda *_: pytest.fail("reckoned twice"))
    assert comparison_of(city.department, city.asked) == first
    monkeypatch.undo()
    rate(city.version, city.school, scores(60), "新")
    after = comparison_of(city.department, city.asked).runs.plain
    assert after is not None
    assert len(after.stood) == 13
    assert Reckoning.objects.count() == 1


def test_a_class_run_of_four_sheets_is_in_no_figure(city: City) -> None:
    before = comparison_of(city.department, city.asked)
    rate(city.version, city.school, [0, 0, 0, 0], "小")
    blank = rate(city.version, city.school, scores(50, 4), "半空")
    blank.sheets.bulk_create([*(type(blank.sheets.first())(survey=blank, score=None) for _n in range(9))])  # type: ignore[misc]
    assert comparison_of(city.department, city.asked) == before


def test_other_rater_groups_and_later_surveys_are_not_mixed_in(city: City) -> None:
    before = comparison_of(city.department, city.asked)
    run = Survey.objects.get(class_run__name="甲0").class_run
    rate(city.version, None, scores(5), class_run=run, group="office")
    rate(city.version, None, scores(5), class_run=run, months=3)
    assert comparison_of(city.department, city.asked) == before


def test_two_class_runs_are_no_comparison_and_equal_ones_neither(city: City, client: Client) -> None:
    Survey.objects.exclude(class_run__name__in=["甲0", "甲1"]).update(state="open", closed_at=None)
    assert comparison_of(city.department, city.asked).runs.why_not == "few"
    client.force_login(city.department)
    assert client.get(reverse(PAGE)).status_code == 200
    Survey.objects.update(state="closed", closed_at=Survey.objects.first().opens_at)  # type: ignore[union-attr]
    for survey in Survey.objects.all():
        survey.sheets.update(score=9000)
    assert comparison_of(city.department, city.asked).runs.why_not == "alike"
    assert client.get(reverse(PAGE)).status_code == 200


def test_a_version_of_the_form_for_each_class_run_is_no_comparison(city: City) -> None:
    for number, survey in enumerate(Survey.objects.filter(class_run__year=2026).order_by("pk"), start=2):
        own = FormVersion.objects.create(
            form=city.version.form,
            number=number,
            state=FormVersion.State.PUBLISHED,
            published_at=survey.opens_at,
            document=city.version.document,
        )
        Survey.objects.filter(pk=survey.pk).update(version=own)
    assert comparison_of(city.department, city.asked).runs.why_not == "confounded"


def of_kinds(city: City, runs: int = 24) -> None:
    """Class runs of county level, which are rated ten points higher, and of section level."""
    for n in range(runs):
        county = n % 3 == 0
        survey = rate(city.version, city.school, scores(80 if county else 70, seed=n + 40), f"丙{n}", year=2027)
        ranks = ["县处级正职", "县处级副职"] if county else ["乡科级正职"]
        ClassRun.objects.filter(pk=survey.class_run_id).update(ranks=ranks)


def test_whom_a_class_run_holds_is_taken_out_beside_the_raw_and_the_shrunken_mean(city: City, client: Client) -> None:
    of_kinds(city)
    found = comparison_of(city.department, Asked(city.version.form_id, 2027)).runs
    assert found.used == (Fact.LEVEL,)
    assert found.mixed is not None
    assert found.moved > 3
    client.force_login(city.department)
    page = client.get(reverse(PAGE), {"year": 2027}).content.decode()
    for words in (
        "构成校正均分",
        "收缩均分",
        "原始均分",
        "已按学员构成校正：调训对象层级",
        "排列次序有变",
        "答卷是匿名的",
    ):
        assert words in page
    plain = client.get(reverse(PAGE), {"year": 2027, "by": "shrunken"}).content.decode()
    assert [one for one in order_of(page) if one in set(order_of(plain))] != order_of(plain)
    book = client.get(reverse("evaluations:class_runs_book"), {"year": 2027})
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    assert all(isinstance(sheet[f"{column}2"].value, int | float) for column in "CDEFGHIJK"), [
        cell.value for cell in sheet[2]
    ]


def order_of(page: str) -> list[str]:
    return re.findall(r">(丙\d+)</a></td>", page)


def test_a_class_run_alone_on_its_version_is_not_compared(city: City, client: Client) -> None:
    own = FormVersion.objects.create(
        form=city.version.form,
        number=2,
        state=FormVersion.State.PUBLISHED,
        published_at=Survey.objects.first().opens_at,  # type: ignore[union-attr]
        document=city.version.document,
    )
    lone = Survey.objects.get(class_run__name="乙3")
    Survey.objects.filter(pk=lone.pk).update(version=own)
    found = comparison_of(city.department, city.asked)
    assert [found.names[one.level] for one in found.runs.alone] == ["乙3"]
    assert found.runs.plain is not None
    assert found.runs.plain.at(str(lone.class_run_id)) is None
    client.force_login(city.department)
    page = client.get(reverse(PAGE)).content.decode()
    assert "无法比较：该版问卷只有它一个班次使用" in page
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(reverse("evaluations:class_runs_book")).content)).worksheets[0]
    assert "无法比较" in sheet.cell(13, sheet.max_column).value


@pytest.mark.parametrize(
    ("ranks", "level"),
    [
        (["县处级正职"], "county"),
        (["乡科级正职", "乡科级副职"], "section"),
        (["乡科级正职", "县处级副职"], "other"),
        (["一级主任科员"], "other"),
        ([], "other"),
    ],
)
def test_the_level_of_a_class_run_is_that_of_its_target_group(ranks: list[str], level: str) -> None:
    assert level_of(ranks) == level


# Pages


def test_the_page_says_who_cannot_be_told_apart(city: City, client: Client) -> None:
    client.force_login(city.department)
    page = client.get(reverse(PAGE)).content.decode()
    for words in ("分不出高低", "原始均分", "收缩均分", "可能的名次", "比上年好", "<figure"):
        assert words in page
    assert (
        "干部学院"
        not in client.get(reverse(PAGE), {"institution": city.school.pk}).content.decode().split("</form>")[1]
    )


def test_the_excel_holds_both_means(city: City, client: Client) -> None:
    client.force_login(city.department)
    answer = client.get(reverse("evaluations:class_runs_book"))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert sheet.max_row == 13
    assert isinstance(sheet["C2"].value, float)
    assert isinstance(sheet["F2"].value, float)


def test_an_institution_sees_its_own_class_runs_only(city: City, client: Client) -> None:
    own = factories.make_account(Role.SCHOOL, city.school)
    assert {name[0] for name in comparison_of(own, city.asked).names.values()} == {"甲", "旧"}
    client.force_login(own)
    for query in ({}, {"institution": city.other.pk}):
        page = client.get(reverse(PAGE), query).content.decode()
        assert "甲0" in page
        assert "乙0" not in page
        assert "干部学院" not in page


def test_a_county_and_a_class_head_see_nothing_of_others(city: City, client: Client) -> None:
    county = factories.make_unit("东县", city.school.parent, kind=Unit.Kind.COUNTY)
    head = factories.make_account(Role.SCHOOL, city.school, own_class_runs_only=True)
    for user in (factories.make_department(county), head):
        client.force_login(user)
        page = client.get(reverse(PAGE))
        assert page.status_code == 200
        assert "甲0" not in page.content.decode()


def test_after_a_change_of_form_the_page_opens_with_a_year_that_its_form_was_asked_in(
    city: City, client: Client
) -> None:
    new = make_version(city.department)
    for n in range(4):
        rate(new, city.school, scores(80, seed=n), f"新{n}", year=2027)
    client.force_login(city.department)
    assert "甲0" in client.get(reverse(PAGE)).content.decode()
    page = client.get(reverse(PAGE), {"form": new.form_id, "year": 2026}).content.decode()
    assert "新0" in page
    assert "甲0" not in page


@pytest.mark.parametrize("role", [Role.LIAISON, Role.TRAINEE, Role.TEACHER])
def test_nobody_else_compares(city: City, client: Client, role: str) -> None:
    person = factories.make_person(city.school) if role == Role.TRAINEE else None
    client.force_login(factories.make_account(role, None if person else city.school, person))
    for page in (PAGE, "evaluations:class_runs_book"):
        assert client.get(reverse(page)).status_code == 403


def test_a_forged_choice_is_passed_over(city: City, client: Client) -> None:
    client.force_login(city.department)
    for query in ({"form": "999"}, {"year": "²"}, {"institution": "-1"}, {"year": "1999"}):
        assert client.get(reverse(PAGE), query).status_code == 200
