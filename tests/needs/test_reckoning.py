"""The needs of a year: gaps of groups only, weights that are their parts, kept as they were."""

from __future__ import annotations

import pytest

from tests import factories
from tests.needs.asked import City, answer, answer_all
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.needs.actions import evidence, priorities, work_problems
from zhixing.needs.actions.reckonings import complete_reckoning, start_reckoning
from zhixing.needs.actions.surveys import close_survey
from zhixing.needs.models import Need, NeedsEvidence, NeedsReckoning
from zhixing.obligations.models import Standing
from zhixing.people.models import Role

pytestmark = pytest.mark.django_db


def reckoned(city: City) -> NeedsReckoning:
    made, _job = start_reckoning(2027, city.framework, by=city.department)
    return complete_reckoning(made.pk)


def need(reckoning: NeedsReckoning, code: str = "A1", group: str = "", unit: object = None) -> Need:
    return Need.objects.get(reckoning=reckoning, competency__code=code, rank_group=group, unit=unit)


@pytest.fixture
def city() -> City:
    """Twelve people of two units; all have answered."""
    made = City()
    survey = made.launch()
    for place, ticket in enumerate(survey.tickets.order_by("stratum__unit", "pk")):
        answer(ticket, 1 + place % 2, text=["审批流程慢" if place % 2 else "群众诉求多"])
    close_survey(survey, by=made.department)
    return made


def test_gaps_of_all_of_rank_groups_and_of_units(city: City) -> None:
    made = reckoned(city)
    whole = need(made)
    assert (whole.n, whole.people, whole.required, whole.present) == (12, 12, 350, 150)
    assert whole.gap == 200
    assert whole.lower is not None
    assert whole.upper is not None
    assert whole.lower < 200 < whole.upper
    assert need(made, group="township").required == 400
    assert need(made, "A2").gap is None  # six answers are too few to know how people differ
    of_unit = need(made, unit=city.units[0])
    assert (of_unit.n, of_unit.required, of_unit.noise) == (6, None, True)


def test_groups_of_a_few_are_not_there(city: City) -> None:
    made = reckoned(city)
    assert not Need.objects.filter(reckoning=made, unit__isnull=False, n__lt=5).exists()
    assert not Need.objects.filter(reckoning=made, unit__isnull=False).exclude(rank_group="").exists()
    assert not Need.objects.filter(reckoning=made, competency__code="A2", unit__isnull=False).exists()


def test_equal_facts_give_an_equal_digest_and_the_job_twice_changes_nothing(city: City) -> None:
    first, second = reckoned(city), reckoned(city)
    assert first.digest == second.digest != ""
    assert first.design["answered"] == 12
    needs = first.needs.count()
    complete_reckoning(first.pk)
    assert first.needs.count() == needs


def test_without_a_finding_the_weight_falls_by_what_it_gave(city: City) -> None:
    before = need(reckoned(city), group="township")
    assert [part["source"] for part in before.parts] == ["survey"]
    competency = city.competency()
    facts = {"year": 2027, "by": city.department}
    priority = priorities.enter_priority("依法治市", "市委一号文件", 5, [competency], **facts)
    problem = work_problems.enter_problem(city.units[0], "征地难", "blocked", "deep", **facts)
    work_problems.weigh_problem(problem, 4, "多次反映", [competency], by=city.department)
    evidence.put_evidence(
        2027, "exam", [evidence.Said("c1", 8, 6000, 30, "exam_weak", topic="依法行政", rank_group="township")]
    )
    after = need(reckoned(city), group="township")
    given = {part["source"]: part["weight"] for part in after.parts}
    assert given == {"survey": before.weight, "priority": 6 * 50, "problem": 3 * 40, "exam": 6 * 30}
    assert after.weight == sum(given.values())
    assert sum(part["share"] for part in after.parts) == 10_000
    priorities.withdraw_priority(priority, by=city.department)
    assert need(reckoned(city), group="township").weight == after.weight - 300
    evidence.withdraw_evidence(NeedsEvidence.objects.get(source="exam"), by=city.department)
    assert need(reckoned(city), group="township").weight == after.weight - 300 - 180


def test_a_problem_merged_into_another_counts_with_it_once(city: City) -> None:
    facts = {"year": 2027, "by": city.department}
    first = work_problems.enter_problem(city.units[0], "征地难", "blocked", "deep", **facts)
    second = work_problems.enter_problem(city.units[1], "征地补偿难", "blocked", "deep", **facts)
    work_problems.weigh_problem(first, 4, "多次反映", [city.competency()], by=city.department)
    work_problems.merge_problem(second, first, by=city.department)
    parts = need(reckoned(city), group="township").parts
    assert [(part["n"], part["key"]) for part in parts if part["source"] == "problem"] == [(6, str(first.pk))]


def test_people_behind_with_hours_weigh_for_their_rank_group(city: City) -> None:
    policy = factories.make_policy(_policy())
    for person in city.people[:3] + city.people[6:9]:
        Standing.objects.create(person=person, policy=policy, rule="year", state="overdue", worst="overdue", missing_tenths=120, **_window())  # fmt: skip
    made = reckoned(city)
    said = NeedsEvidence.objects.get(source="hours")
    assert (said.rank_group, said.n, said.value) == ("township", 6, 1200)
    assert {part["source"] for part in need(made, group="township").parts} == {"survey", "hours"}
    assert {part["source"] for part in need(made, group="staff").parts} == {"survey"}


def _policy() -> str:
    from zhixing.obligations.shipped import shipped_policy

    return shipped_policy()


def _window() -> dict[str, object]:
    day = "2026-11-30"
    return {"on": day, "window_opens": day, "window_closes": day, "required_tenths": 400, "counted_tenths": 0, "capped_tenths": 0}  # fmt: skip


def test_without_a_survey_only_the_others_weigh() -> None:
    city = City()
    priorities.enter_priority("依法治市", "市委一号", 5, [city.competency()], year=2027, by=city.department)
    made = reckoned(city)
    assert (need(made).gap, need(made).n, need(made).weight) == (None, 0, 600)
    assert need(made, "A2").weight == 0
    assert made.themes == []


def test_answers_to_an_earlier_version_count_for_the_same_codes(city: City) -> None:
    from zhixing.needs.actions.frameworks import begin_version, publish_framework

    second = begin_version(city.framework, by=city.department)
    publish_framework(second, by=city.department)
    second.refresh_from_db()
    city.framework = second
    assert need(reckoned(city)).n == 12


def test_superiors_and_open_surveys_are_not_mixed_in(city: City) -> None:
    answer_all(city.launch(), 5)
    superior = city.launch(who="superior")
    answer_all(superior, 5)
    close_survey(superior, by=city.department)
    assert need(reckoned(city)).n == 12


def test_evidence_is_put_once_per_key_and_never_about_a_few() -> None:
    said = [evidence.Said("a", 9, 1, 10, "x"), evidence.Said("b", 4, 1, 10, "x")]
    assert evidence.put_evidence(2027, "exam", said) == 1
    assert evidence.put_evidence(2027, "exam", [evidence.Said("a", 12, 2, 20, "x")]) == 1
    assert list(NeedsEvidence.objects.values_list("key", "n", "value")) == [("a", 12, 2)]
    assert evidence.put_evidence(2027, "exam", []) == 0
    assert not NeedsEvidence.objects.exists()
    for wrong in (evidence.Said("a", 9, 1, 0, "x"), evidence.Said("a", 9, 1, 9, "x", rank_group="king")):
        with pytest.raises(ValueError, match="evidence a"):
            evidence.put_evidence(2027, "exam", [wrong])


def test_who_may_reckon_and_what_of(city: City) -> None:
    made, _job = start_reckoning(2027, city.framework, by=city.department)
    with pytest.raises(Conflict):
        start_reckoning(2027, city.framework, by=city.department)
    Job.objects.update(state=Job.State.FAILED)
    start_reckoning(2027, city.framework, by=city.department)
    city.framework.state = "draft"
    with pytest.raises(Invalid):
        start_reckoning(2027, city.framework, by=city.department)
    for role in (Role.AUDITOR, Role.LIAISON, Role.SCHOOL):
        with pytest.raises(Refused):
            start_reckoning(2027, city.framework, by=factories.make_account(role, city.root))
    complete_reckoning(made.pk)
    liaison = factories.make_account(Role.LIAISON, city.units[0])
    seen = Need.objects.visible_to(liaison).filter(reckoning=made)
    assert set(seen.values_list("unit", flat=True)) == {None, city.units[0].pk}
    assert not Need.objects.visible_to(factories.make_account(Role.SCHOOL, city.root)).exists()
