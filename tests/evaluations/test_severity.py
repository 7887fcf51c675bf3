"""How mild or strict reviewers and rater groups are: found where they rated the same, told to the department alone."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.evaluations.polled import make_version
from tests.evaluations.rated import rate, scores
from tests.evaluations.test_assessments import Case, make_case
from zhixing.evaluations import permissions
from zhixing.evaluations.models import Group, Judgement
from zhixing.evaluations.queries.severity import fair_scores, rater_groups, reviewers
from zhixing.evaluations.queries.standing import compared
from zhixing.evaluations.views.severity import said_of
from zhixing.people.models import Role, Unit

pytestmark = pytest.mark.django_db
PAGE = "evaluations:severity"


@pytest.fixture
def case() -> Case:
    """Two reviewers of whom one gives some ten percent more for the same indicators; a self-assessment far above both."""
    made = make_case()
    made.report()
    for place, code in enumerate(made.judged):
        for reviewer, percent in ((made.department, 70 + place % 3), (made.colleague, 81 + (place + 1) % 3)):
            Judgement.objects.create(assessment=made.assessment, code=code, account=reviewer, percent=percent)
    return made


def test_a_mild_reviewer_is_told_from_a_strict_one(case: Case) -> None:
    found = {one.rater: one for one in reviewers(case.department)}
    assert set(found) == {case.department.name, case.colleague.name}, "the self-assessment is no review"
    strict, mild = found[case.department.name], found[case.colleague.name]
    assert mild.apart
    assert strict.apart
    assert mild.milder == pytest.approx(5.5, abs=1)
    assert (said_of(mild), said_of(strict)) == ("Milder than the others.", "Stricter than the others.")


def test_who_reviewed_alone_is_told_nothing_of(case: Case) -> None:
    Judgement.objects.filter(account=case.colleague).delete()
    (alone,) = reviewers(case.department)
    assert alone.milder is None
    assert "nothing can be said" in said_of(alone)


def test_new_judgements_are_taken_in(case: Case) -> None:
    before = reviewers(case.department)
    assert reviewers(case.department) == before
    Judgement.objects.filter(account=case.colleague).update(percent=71)
    after = {one.rater: one for one in reviewers(case.department)}
    assert said_of(after[case.colleague.name]) == "Cannot be told from the others."


def test_rater_groups_are_compared_over_the_same_class_runs_and_small_ones_left_out() -> None:
    city = factories.make_city()
    department = factories.make_department(city)
    school = factories.make_unit("党校", city, kind=Unit.Kind.SCHOOL)
    version = make_version(department)
    for n in range(8):
        survey = rate(version, school, scores(70 + n, 20, seed=n))
        rate(version, None, scores(80 + n, 9, seed=n), class_run=survey.class_run, group=Group.OFFICE)
        rate(version, None, [0] * 4, class_run=survey.class_run, group=Group.STAFF)
    found = {one.rater: one for one in rater_groups(department)}
    assert len(found) == 2
    office = found[str(Group.OFFICE.label)]
    assert office.apart
    assert office.milder == pytest.approx(5, abs=2.5)


def test_a_county_sees_the_reviewers_of_its_own_assessments_only(case: Case) -> None:
    county = factories.make_unit("东县", case.school.parent, kind=Unit.Kind.COUNTY)
    assert reviewers(factories.make_department(county)) == []
    assert rater_groups(factories.make_department(county)) == []


def test_the_page_names_no_place(case: Case, client: Client) -> None:
    client.force_login(case.department)
    page = client.get(reverse(PAGE)).content.decode()
    for words in ("评分松严", case.colleague.name, "比其他人宽", "不是排名"):
        assert words in page
    assert "名次" not in page


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.LIAISON, Role.TRAINEE, Role.TEACHER, Role.AUDITOR])
def test_it_is_for_the_department_only(case: Case, client: Client, role: str) -> None:
    person = factories.make_person(case.school) if role == Role.TRAINEE else None
    city = case.school.parent
    unit = {Role.SCHOOL: case.school, Role.AUDITOR: city, Role.LIAISON: city}.get(Role(role))
    user = factories.make_account(role, unit, person)
    assert not permissions.may_see_severity(user)
    client.force_login(user)
    assert client.get(reverse(PAGE)).status_code == 403
    assert reverse(PAGE) not in client.get(reverse("portal:home")).content.decode()


# Taken out of the points of assessments


def test_what_a_strict_reviewer_gave_alone_is_lifted_beside_the_raw_points(case: Case, client: Client) -> None:
    """Both judged the first half of the indicators; the second half only the strict one did, who gives eleven percent less."""
    half = case.judged[len(case.judged) // 2 :]
    Judgement.objects.filter(account=case.colleague, code__in=half).delete()
    raw = compared([case.assessment]).placed[0].score
    fair = fair_scores([case.assessment], case.department)[case.assessment.pk]
    assert float(fair.earned - raw.earned) == pytest.approx(0.055 * judged_points(case, half), rel=0.2)
    client.force_login(case.department)
    address = reverse("evaluations:compare", args=[case.assessment.version_id, case.assessment.year])
    page = client.get(address).content.decode()
    assert "扣除评分宽严后得分" in page
    assert reverse(PAGE) in page


def judged_points(case: Case, codes: list[str]) -> float:
    """What the indicators count for in all, the absent ones left out."""
    parts = compared([case.assessment]).placed[0].score.parts
    return sum(float(parts[code].points) for code in codes)


def test_severity_is_taken_out_for_the_department_only(case: Case, client: Client) -> None:
    address = reverse("evaluations:compare", args=[case.assessment.version_id, case.assessment.year])
    client.force_login(factories.make_account(Role.AUDITOR, case.department.scope_unit))
    page = client.get(address)
    assert page.status_code == 200
    assert "扣除评分宽严后得分" not in page.content.decode()


def test_where_no_two_judged_the_same_there_is_nothing_to_take_out(case: Case) -> None:
    Judgement.objects.filter(account=case.colleague).delete()
    assert fair_scores([case.assessment], case.department) == {}
    assert fair_scores([], case.department) == {}
