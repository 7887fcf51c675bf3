"""Attacks on what the pages publish: every two figures are taken from each other, and an engine that knows only what is printed looks for small groups."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.evaluations.polled import Poll, make_poll, make_version
from tests.evaluations.rated import rate, scores
from zhixing.engine.disclosure.checking import Leak, Seen, SeenTable, check
from zhixing.engine.disclosure.tables import Scale, Table, Terms
from zhixing.engine.indicators.facts import Fact
from zhixing.evaluations import permissions, queries, rules
from zhixing.evaluations.models import Assessment, Group, Reckoning, Sheet, Survey
from zhixing.evaluations.queries import facts
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
SCALE = Scale(0, 100)
TERMS = Terms(smallest=5, width=12)


@dataclass(frozen=True)
class Figure:
    """One mean as printed, to a tenth of a point, of the sheets of these surveys."""

    where: str
    about: str
    surveys: frozenset[int]
    people: int
    mean: float


@dataclass
class House:
    department: Account
    school: Unit

    def surveys(self, **about: object) -> list[Survey]:
        return list(Survey.objects.filter(**about).order_by("pk"))


@pytest.fixture
def house() -> House:
    """Two years of class runs: large and small ones, and small rater groups beside large ones."""
    city = factories.make_city()
    school = factories.make_unit("党校", city, kind=Unit.Kind.SCHOOL)
    department = factories.make_department(city)
    version = make_version(department)
    for year in (2025, 2026):
        for n, sheets in enumerate((20, 6, 3, 12, 4)):
            survey = rate(version, school, scores(80 + n, sheets, seed=year + n), f"{year}第{n}期", year=year)
            for group, size in ((Group.OFFICE, 4), (Group.SUPERIORS, 2 + 3 * n)):
                rate(version, None, scores(75, size, seed=n), class_run=survey.class_run, group=group, year=year)
    return House(department, school)


def path(survey: Survey, pooled: bool = True) -> str:
    """Where a survey lies among the sums that hold it; the small ones outside of all, unless they are pooled."""
    apart = "" if pooled or survey.answered >= 5 else "-small"
    return f"{survey.group}{apart}/{survey.class_run.year}/{survey.class_run_id}"


def of_surveys(house: House, client: Client) -> list[Figure]:
    """Results pages, and the pages of class runs."""
    found = []
    for survey in house.surveys():
        page = client.get(reverse("evaluations:results", args=[survey.pk])).context
        if total := page["results"].total:
            found.append(Figure("results", path(survey), frozenset([survey.pk]), total.n, round(total.mean, 1)))
    for run in ClassRun.objects.filter(surveys__isnull=False).distinct():
        for form in client.get(reverse("evaluations:class_run", args=[run.pk])).context["forms"]:
            for one in form.groups:
                if one.mean:
                    own = frozenset([one.survey.pk])
                    found.append(Figure("class run", path(one.survey), own, one.mean.n, round(one.mean.mean, 1)))
    return found


def of_comparisons(house: House, client: Client) -> list[Figure]:
    found = []
    page = client.get(reverse("evaluations:class_runs_beside"), {"year": 2026}).context
    for one in page["runs"].stood:
        (survey,) = house.surveys(class_run=int(one.level), group=Group.TRAINEES)
        found.append(Figure("beside", path(survey), frozenset([survey.pk]), one.n, round(one.raw, 1)))
    change, _name, _said = page["changes"][0]
    for place, year in enumerate((2025, 2026)):
        own = [one.pk for one in house.surveys(class_run__year=year, group=Group.TRAINEES) if one.answered >= 5]
        found.append(
            Figure("years", f"trainees/{year}", frozenset(own), change.sheets[place], round(change.raw[place], 1))
        )
    return found


def of_facts(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Satisfaction in the assessment of an institution: what each rater group adds can be solved for from several years and class runs, so it is told apart."""
    found = []
    seen: list[tuple[str, Any]] = []
    monkeypatch.setattr(facts, "weighed", lambda figures, _weights: seen.extend(figures.items()))
    for year in (2025, 2026):
        seen.clear()
        facts.FIGURES[Fact.SATISFACTION](facts.Held.whole(ClassRun.objects.filter(institution=house.school, year=year)))
        for group, figure in seen:
            own = house.surveys(class_run__year=year, group=group)
            some = (
                [one.pk for one in own if one.answered >= 5]
                if figure.n < sum(one.answered for one in own)
                else [one.pk for one in own]
            )
            found.append(Figure("fact", f"{group}/{year}", frozenset(some), figure.n, round(float(figure.percent), 1)))
    return found


def everything(house: House, client: Client, monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    client.force_login(house.department)
    return [*of_surveys(house, client), *of_comparisons(house, client), *of_facts(house, monkeypatch)]


def small_differences(figures: list[Figure]) -> list[tuple[Figure, Figure]]:
    """Pairs of which one holds the other and the rest is a small group."""
    sizes = dict(Survey.objects.values_list("pk", "answered"))
    found = []
    for one, other in itertools.permutations(figures, 2):
        if one.surveys > other.surveys and 0 < sum(sizes[key] for key in one.surveys - other.surveys) < 5:
            found.append((one, other))
    return found


def as_seen(figures: list[Figure], pooled: bool) -> list[SeenTable]:
    """As a reader has them: how many answered is printed of every survey, a figure of some."""
    printed: dict[str, Seen] = {}
    for survey in Survey.objects.all():
        about = path(survey, pooled)
        printed[about] = Seen((about,), survey.answered)
    for one in figures:
        least, greatest = one.people * (one.mean - 0.05), one.people * (one.mean + 0.05)
        printed[one.about] = Seen((one.about,), one.people, math.ceil(least - 1e-6), math.floor(greatest + 1e-6))
    table = Table(("about",), "total")
    return [SeenTable(table, tuple(printed[about] for about in sorted(printed)))]


def test_no_two_figures_differ_by_a_small_group(house: House, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = everything(house, client, monkeypatch)
    assert {one.where for one in figures} == {"results", "class run", "beside", "years", "fact"}
    assert all(one.people >= 5 for one in figures)
    assert all(one.people == sum(len(s.sheets.all()) for s in house.surveys(pk__in=one.surveys)) for one in figures)
    assert small_differences(figures) == []


def test_the_engine_finds_no_small_group_in_what_is_printed(
    house: House, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = as_seen(everything(house, client, monkeypatch), pooled=False)
    assert check(seen, {"total": SCALE}, frozenset({"about"}), TERMS) == []


def test_the_attack_finds_a_small_class_run_once_it_is_pooled(
    house: House, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a pooled figure of all sheets would give away: the attack is no empty one."""
    monkeypatch.setattr(facts, "publishable", lambda surveys: surveys)
    small = house.surveys(class_run__name="2026第4期", group=Group.TRAINEES)
    Sheet.objects.filter(survey__class_run__name="2026第2期").delete()
    Survey.objects.filter(class_run__name="2026第2期").delete()
    figures = everything(house, client, monkeypatch)
    assert small_differences(figures)
    found = check(as_seen(figures, pooled=True), {"total": SCALE}, frozenset({"about"}), TERMS)
    assert Leak.DIFFERENCE in {one.leak for one in found}
    assert 4 in {one.people for one in found}
    assert small[0].answered == 4


def test_the_figures_of_an_institution_are_those_of_its_large_class_runs(house: House) -> None:
    runs = ClassRun.objects.filter(institution=house.school, year=2026)
    figure = facts.FIGURES[Fact.SATISFACTION](facts.Held.whole(runs))
    assert figure is not None
    large = Survey.objects.filter(class_run__in=runs, answered__gte=5)
    assert figure.n <= sum(large.values_list("answered", flat=True))


RARE: dict[str, Any] = {
    "form": {"title": "选答", "subject": "class_run"},
    "block": [
        {"title": "甲", "weight": 60, "item": [
            {"code": "a", "text": "必答", "kind": "grades"},
            {"code": "b", "text": "选答", "kind": "grades", "required": False},
        ]},
        {"title": "乙", "weight": 40, "item": [{"code": "c", "text": "也必答", "kind": "grades"}]},
    ],
}  # fmt: skip


def test_a_question_of_two_answers_is_in_no_mean_that_stands_beside_it() -> None:
    """Otherwise the block less the other questions would be what these two said."""
    poll: Poll = make_poll(people=8, document=RARE)
    for who in range(6):
        poll.hand_in(who, mark=4, b="1" if who < 2 else "")
    poll.close()
    found = queries.results_of(poll.survey, poll.school.department)
    grades = rules.in_force().grades
    assert found.blocks[0].outcomes[1].tallies[0].hidden
    assert found.blocks[0].mean is not None
    assert found.blocks[0].mean.mean == grades[3]
    assert found.total is not None
    assert found.total.mean == grades[3]
    assert set(poll.survey.sheets.values_list("score", flat=True)) == {grades[3] * 100}


def test_who_may_not_read_a_survey_gets_none_of_it_by_another_page(house: House, client: Client) -> None:
    """A teacher and an institution elsewhere: neither the survey, nor the class run, nor the comparison, nor the assessment."""
    elsewhere = factories.make_unit("东县", house.school.parent, kind=Unit.Kind.COUNTY)
    survey = house.surveys(group=Group.TRAINEES)[0]
    for role in (Role.SCHOOL, Role.TEACHER):
        user = factories.make_account(role, elsewhere)
        client.force_login(user)
        assert not permissions.may_read_results(user, survey)
        assert client.get(reverse("evaluations:results", args=[survey.pk])).status_code == 404
        assert client.get(reverse("evaluations:class_run", args=[survey.class_run_id])).status_code in (403, 404)
        page = client.get(reverse("evaluations:class_runs_beside"))
        assert page.status_code == 403 or survey.class_run.name not in page.content.decode()
        assert not Assessment.objects.visible_to(user).exists()


def test_surveys_closed_before_are_scored_anew() -> None:
    """As a survey that closed before the rule was kept: the total with, the blocks without what few said."""
    poll = make_poll(people=9)
    rare = next(one.name for one in poll.survey.fields if one.item.is_scored)
    for who in range(8):
        poll.hand_in(who, 4, **({} if who else {rare: "1"}))
    for sheet in Sheet.objects.all():  # all but one left it blank
        if sheet.answers[rare] != 1:
            del sheet.answers[rare]
            sheet.save()
    before = sorted(Sheet.objects.values_list("score", flat=True))
    poll.close()
    after = sorted(Sheet.objects.values_list("score", flat=True))
    assert after != before
    assert len(set(after)) == 1
    told = next(sheet for sheet in Sheet.objects.all() if rare in sheet.answers)
    Sheet.objects.filter(pk=told.pk).update(score=before[0])
    Reckoning.objects.create(kind="beside", scope="city", digest="x", found={})
    import_module("zhixing.evaluations.migrations.0008_rare_answers").leave_out_rare(apps, None)
    assert sorted(Sheet.objects.values_list("score", flat=True)) == after
    assert not Reckoning.objects.exists()
