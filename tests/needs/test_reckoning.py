"""The needs of a year: gaps of groups only, weights that are their parts, kept as they were."""

from __future__ import annotations

import pytest

from tests import factories
from tests.needs.asked import City, answer, answer_all
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.needs import facts, rules, tokens
from zhixing.needs.actions import evidence, priorities, work_problems
from zhixing.needs.actions.answering import hand_in
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
    made = reckoned(city)
    after, usual = need(made, group="township"), made.design["usual"]
    given = {part["source"]: part["weight"] for part in after.parts}
    of_priority, of_exam = 6 * round(usual * 5 / 10), 6 * round(usual * 30 / 100)
    assert given == {
        "survey": before.weight, "priority": of_priority, "problem": 3 * round(usual * 4 / 10), "exam": of_exam,
    }  # fmt: skip
    assert after.weight == sum(given.values())
    assert sum(part["share"] for part in after.parts) == 10_000
    priorities.withdraw_priority(priority, by=city.department)
    assert need(reckoned(city), group="township").weight == after.weight - of_priority
    evidence.withdraw_evidence(NeedsEvidence.objects.get(source="exam"), by=city.department)
    assert need(reckoned(city), group="township").weight == after.weight - of_priority - of_exam


def test_the_strongest_priority_weighs_as_much_as_the_usual_gap_and_no_more(city: City) -> None:
    """Ten priorities of weight 1 or one of weight 10: the same; what people lack on average is the measure of both."""
    for number in range(10):
        priorities.enter_priority(f"重点{number}", "文件", 1, [city.competency()], year=2027, by=city.department)
    made = reckoned(city)
    lacks = [part for one in made.needs.exclude(rank_group="") for part in one.parts if part["source"] == "survey"]
    mean = sum(part["weight"] for part in lacks) / sum(part["n"] for part in lacks)
    assert made.design["usual"] == round(mean)
    for group in ("township", "staff"):
        parts = need(made, group=group).parts
        of_priorities = sum(part["weight"] for part in parts if part["source"] == "priority")
        assert abs(of_priorities / 6 - mean) <= 10 * 0.5
    assert made.design["rules"]["scale"]["priority"] == 100


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
    assert (need(made).gap, need(made).n, need(made).weight) == (None, 0, 12 * 25)
    assert made.design["usual"] == 50  # as the rules say where no survey tells
    assert need(made, "A2").weight == 0
    assert made.themes == []


def test_answers_to_an_earlier_version_count_for_the_same_codes(city: City) -> None:
    from zhixing.needs.actions.frameworks import begin_version, publish_framework

    second = begin_version(city.framework, by=city.department)
    publish_framework(second, by=city.department)
    second.refresh_from_db()
    city.framework = second
    assert need(reckoned(city)).n == 12


def test_open_surveys_are_not_mixed_in(city: City) -> None:
    answer_all(city.launch(), 5)
    assert need(reckoned(city)).n == 12


@pytest.fixture
def large() -> City:
    """Two units of ten chiefs and ten others; people say that they lack one level, their superiors that they lack two, the units that they lack three."""
    made = City(people=20, chiefs=10)
    for who, lacks in (("self", 1), ("superior", 2), ("unit", 3)):
        survey = made.launch(who=who)
        for place, ticket in enumerate(survey.tickets.order_by("stratum__unit", "stratum__rank_group", "pk")):
            marks = {
                key: level - lacks + (0, 1, -1, 0)[place % 4] * (who != "unit") for key, level in ticket.levels.items()
            }
            hand_in(
                tokens.make(ticket),
                {f"p-{key}": [str(min(5, max(1, mark)))] for key, mark in marks.items()}
                | {f"i-{key}": ["4"] for key in ticket.levels},
            )
        close_survey(survey, by=made.department)
    return made


def test_sources_are_weighed_as_stated_and_how_far_they_lie_apart_is_kept(large: City) -> None:
    made = reckoned(large)
    of_staff = need(made, group="staff")
    said = {one["who"]: one for one in of_staff.sources}
    assert set(said) == {"self", "superior"}  # two units are too few to be a source by themselves
    assert (said["self"]["n"], said["superior"]["n"]) == (20, 20)
    assert said["self"]["weight"] == 50
    assert abs(said["self"]["gap"] - 100) <= 10
    assert abs(said["superior"]["gap"] - 190) <= 20
    apart = said["superior"]["apart"]
    assert apart["lower"] > 0
    assert apart["gap"] == pytest.approx(said["superior"]["gap"] - said["self"]["gap"], abs=1)
    assert of_staff.gap == pytest.approx((50 * said["self"]["gap"] + 30 * said["superior"]["gap"]) / 80, abs=2)
    assert {one["who"] for one in need(made, group="township").sources} == {"self"}  # nobody stands above them here
    assert made.design["came"] == {
        "self": {"asked": 40, "answered": 40},
        "superior": {"asked": 20, "answered": 20},
        "unit": {"asked": 2, "answered": 2},
    }
    assert made.design["answered"] == 40


def test_rules_of_the_installation_weigh_sources(large: City, monkeypatch: pytest.MonkeyPatch) -> None:
    text = rules.rules_file().read_text(encoding="utf-8")
    for old, new in (("self = 50", "self = 0"), ("superior = 30", "superior = 100"), ("unit = 20", "unit = 0")):
        text = text.replace(old, new)
    others = rules.parse(text)
    monkeypatch.setattr(facts, "in_force", lambda: others)
    assert need(reckoned(large), group="staff").gap == pytest.approx(190, abs=20)


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


def test_evidence_that_was_taken_out_stays_out_when_it_is_brought_again(city: City) -> None:
    said = [evidence.Said("c1", 8, 6000, 30, "exam_weak", topic="依法行政", rank_group="township")]
    evidence.put_evidence(2027, "exam", said)
    found = NeedsEvidence.objects.get()
    evidence.withdraw_evidence(found, by=city.department)
    evidence.put_evidence(2027, "exam", said)
    assert {part["source"] for part in need(reckoned(city), group="township").parts} == {"survey"}
    with pytest.raises(Conflict):
        evidence.withdraw_evidence(found, by=city.department)
    evidence.restore_evidence(found, by=city.department)
    assert {part["source"] for part in need(reckoned(city), group="township").parts} == {"survey", "exam"}
    county = factories.make_department(city.units[0])
    for account in (county, factories.make_account(Role.AUDITOR, city.root)):
        with pytest.raises(Refused):
            evidence.withdraw_evidence(found, by=account)


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
