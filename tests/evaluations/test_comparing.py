"""Class runs beside each other: raw and corrected, who sees which, and small ones in no figure."""

from __future__ import annotations

import io
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
from zhixing.evaluations.queries.comparing import Asked, comparison_of
from zhixing.people.models import Account, Role, Unit

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
    found = comparison_of(city.department, city.asked).runs
    assert len(found.stood) == 12
    for one in found.stood:
        survey = Survey.objects.get(class_run=one.key)
        assert one.raw == pytest.approx(statistics.fmean(survey.sheets.values_list("score", flat=True)) / 100)
        assert one.low < one.corrected < one.high
        assert one.rank_low <= one.rank_high
    assert all(one.name.startswith("甲") for one in found.stood[:6])
    assert found.stood[0].others < 11
    assert 0.4 < found.apart < 0.8
    assert {one.name for one in found.groups[0]} <= {f"甲{n}" for n in range(6)}


def test_institutions_and_years_are_told_with_what_is_open(city: City) -> None:
    found = comparison_of(city.department, city.asked)
    assert {one.name: one.apart for one in found.institutions} == {"市委党校": ["干部学院"], "干部学院": ["市委党校"]}
    changes = {one.name: one for one in found.changes}
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
    assert len(comparison_of(city.department, city.asked).runs.stood) == 13
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


# Pages


def test_the_page_says_who_cannot_be_told_apart(city: City, client: Client) -> None:
    client.force_login(city.department)
    page = client.get(reverse(PAGE)).content.decode()
    for words in ("分不出高低", "原始均分", "校正均分", "可能的名次", "比上年好", "<figure"):
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
    assert isinstance(sheet["D2"].value, float)


def test_an_institution_sees_its_own_class_runs_only(city: City, client: Client) -> None:
    own = factories.make_account(Role.SCHOOL, city.school)
    assert {one.name[0] for one in comparison_of(own, city.asked).runs.stood} == {"甲"}
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
