"""What a class run cost and what its tests showed; and the systems for courses, programmes and textbooks that take figures from them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.evaluations.polled import make_held_school
from tests.evaluations.test_assessments import DUE, make_system
from tests.evaluations.test_consequences import BAD, GOOD, Scene
from zhixing.base.models import AuditEntry, StoredFile
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.engine.indicators import Object
from zhixing.engine.indicators.facts import OF_SESSIONS, Fact, facts_of
from zhixing.evaluations import actions, forms, marks, rules, telling_gains
from zhixing.evaluations.actions import twice
from zhixing.evaluations.forms import titles_held
from zhixing.evaluations.models import Assessment, CostEntry, ExamGain
from zhixing.evaluations.queries.facts import figures_of
from zhixing.evaluations.queries.measured import costs_of
from zhixing.people.models import Account, Role, Unit

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 8)


def scores(*pairs: tuple[object, object]) -> SimpleUploadedFile:
    text = "姓名略,前测,后测\n" + "\n".join(f",{before},{after}" for before, after in pairs)
    return SimpleUploadedFile("scores.csv", text.encode())


HIGHER = [(50 + 3 * n, 62 + 3 * n + n % 3) for n in range(10)]


class TestCosts:
    def test_sums_and_cost_of_a_person_day_are_exact(self) -> None:
        school = make_held_school(people=6, days=2)
        head = factories.make_account(Role.SCHOOL, school.institution)
        run = school.class_run
        actions.enter_cost(run, "teaching", "planned", 1_000_00, DAY, by=head)
        wrong = actions.enter_cost(run, "meals", "spent", 99_99, DAY, by=head)
        actions.enter_cost(run, "teaching", "spent", 1_000_01, DAY, by=school.department)
        back = actions.correct_cost(wrong, "记错班次", by=head)
        assert (back.cents, back.corrects) == (-99_99, wrong)
        costs = costs_of(run)
        assert (costs.planned, costs.spent, costs.days) == (1_000_00, 1_000_01, 10)
        assert costs.a_day == 100_00
        found = figures_of(assessed(school.institution, school.department, "programme", run.theme))
        assert found[Fact.COST].percent == Fraction(1_000_01, 1_000)
        assert found[Fact.COST].n == 10
        assert AuditEntry.objects.filter(action="evaluations.cost_corrected").exists()

    def test_rows_are_added_never_changed(self) -> None:
        school = make_held_school()
        made = actions.enter_cost(school.class_run, "venue", "spent", 5, DAY, by=school.department)
        for deed in (lambda: CostEntry.objects.update(cents=7), made.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                deed()
        actions.correct_cost(made, "错", by=school.department)
        with pytest.raises(Refused, match="already"):
            actions.correct_cost(made, "错", by=school.department)
        with pytest.raises((Refused, Conflict)):
            actions.correct_cost(CostEntry.objects.get(corrects=made), "错", by=school.department)

    def test_a_button_pressed_twice_books_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        school = make_held_school()
        run, by = school.class_run, school.department
        made = actions.enter_cost(run, "venue", "spent", 5, DAY, by=by)
        with pytest.raises(Conflict, match="kept once"):
            actions.enter_cost(run, "venue", "spent", 5, DAY, by=by)
        actions.enter_cost(run, "venue", "spent", 5, DAY, by=school.head)
        actions.enter_cost(run, "venue", "spent", 6, DAY, by=by)
        actions.correct_cost(made, "错", by=by)
        actions.enter_cost(run, "venue", "spent", 6, DAY, by=by)
        monkeypatch.setattr(twice, "SOON", dt.timedelta(0))  # a minute later
        actions.enter_cost(run, "venue", "spent", 6, DAY, by=by)
        assert costs_of(run).spent == 23

    def test_who_may_and_what(self) -> None:
        school = make_held_school()
        other = factories.make_account(Role.SCHOOL, factories.make_unit("县委党校", school.city, kind=Unit.Kind.SCHOOL))
        head = factories.make_account(Role.SCHOOL, school.institution, own_class_runs_only=True)
        auditor = factories.make_account(Role.AUDITOR, school.city)
        for account in (other, head, auditor, school.trainees[0]):
            with pytest.raises(Refused):
                actions.enter_cost(school.class_run, "venue", "spent", 5, DAY, by=account)
            with pytest.raises(Refused):
                actions.enter_gain(school.class_run, scores(*HIGHER), most=100, by=account)
        for category, kind, cents, on in (
            ("bribes", "spent", 5, DAY),
            ("venue", "lost", 5, DAY),
            ("venue", "spent", 0, DAY),
            ("venue", "spent", 5, dt.date(2100, 1, 1)),
        ):
            with pytest.raises(Invalid):
                actions.enter_cost(school.class_run, category, kind, cents, on, by=school.department)
        url = reverse("evaluations:measured", args=[school.class_run.pk])
        for account, expected in ((auditor, 200), (school.department, 200), (other, 403), (school.trainees[0], 403)):
            client = Client()
            client.force_login(account)
            assert client.get(url).status_code == expected

    def test_the_page_enters_and_exports(self) -> None:
        school = make_held_school()
        head = factories.make_account(Role.SCHOOL, school.institution)
        client = Client()
        client.force_login(head)
        url = reverse("evaluations:enter_cost", args=[school.class_run.pk])
        given = {"category": "lodging", "kind": "spent", "amount": "1234.56", "on": "2026-09-08", "note": "标准间"}
        assert client.post(url, given).status_code == 302
        assert CostEntry.objects.get().cents == 123_456
        measured = reverse("evaluations:measured", args=[school.class_run.pk])
        page = client.get(measured).content.decode()
        assert "1,234.56" in page
        assert reverse("evaluations:correct_cost", args=[CostEntry.objects.get().pk]) in page
        assert client.get(measured, {"export": "costs"}).content[:2] == b"PK"
        assert measured in client.get(reverse("evaluations:class_run", args=[school.class_run.pk])).content.decode()


class TestGains:
    def test_only_sums_are_kept(self) -> None:
        school = make_held_school()
        files = StoredFile.objects.count()
        made = actions.enter_gain(school.class_run, scores(*HIGHER, (40, ""), ("", 90)), most=100, by=school.department)
        assert (made.n, made.left_out) == (10, 2)
        assert made.found["verdict"] == "better"
        assert made.found["lower"] < made.found["value"] < made.found["upper"]
        assert made.found["value"] == pytest.approx(12.9)
        assert StoredFile.objects.count() == files
        assert "10" in telling_gains.gain_sentence(made)
        with pytest.raises(DatabaseError), transaction.atomic():
            ExamGain.objects.update(n=1)

    def test_few_marks_are_not_told_by_the_difference(self) -> None:
        """Neither those of a latecomer, nor one that was set right."""
        school = make_held_school()
        run, by = school.class_run, school.department
        actions.enter_gain(run, scores(*HIGHER), most=100, by=by)
        one_other = (*HIGHER[:9], (77, 91))
        for few in ((*HIGHER, (17, 93)), (*HIGHER, *HIGHER[:4]), HIGHER[:6], one_other, (*HIGHER[:6], *[(9, 9)] * 4)):
            with pytest.raises(Invalid, match="fewer than 5 people"):
                actions.enter_gain(run, scores(*few), most=100, by=by)
        actions.enter_gain(run, scores(*HIGHER), most=100, reliability=Decimal("0.8"), by=by)  # the same marks again
        actions.enter_gain(run, scores(*HIGHER, *HIGHER[:5]), most=100, note="第二次", by=by)
        with pytest.raises(Invalid, match="fewer than 5 people"):  # beside the last one many, beside the first one few
            actions.enter_gain(run, scores(*one_other), most=100, by=by)
        client = Client()
        client.force_login(by)
        page = client.get(reverse("evaluations:measured", args=[run.pk])).content.decode()
        assert "15 人" in page
        assert "10 人" not in page
        url = reverse("evaluations:enter_gain", args=[run.pk])
        again = client.post(url, {"file": scores(*HIGHER, (17, 93)), "most": "100"})
        assert again.status_code == 422
        assert "不足5人" in again.content.decode().replace(" ", "")

    def test_other_full_marks_make_no_other_sheet(self) -> None:
        school = make_held_school()
        actions.enter_gain(school.class_run, scores(*HIGHER), most=100, by=school.department)
        with pytest.raises(Invalid, match="fewer than 5 people"):
            actions.enter_gain(school.class_run, scores(*HIGHER[:9], (77, 91)), most=120, by=school.department)
        actions.enter_gain(school.class_run, scores(*HIGHER), most=120, by=school.department)

    def test_a_chain_of_sheets_tells_no_few(self) -> None:
        """From each to the next five marks or more change, and in the end one is other than at first."""
        first = [f"r{n}" for n in range(12)]
        second = [*(f"x{n}" for n in range(6)), *first[6:]]
        third = ["y0", *first[1:]]
        assert not marks.tells_few([], first, 5)
        assert not marks.tells_few([first], second, 5)
        assert not marks.tells_few([second], third, 5)
        assert marks.tells_few([first, second], third, 5)

    def test_of_an_older_sheet_only_the_number_is_known(self) -> None:
        school = make_held_school()
        run, by = school.class_run, school.department
        ExamGain.objects.create(class_run=run, n=10, left_out=0, found={"verdict": "too_few"}, by=by)
        with pytest.raises(Invalid, match="fewer than 5 people"):
            actions.enter_gain(run, scores(*HIGHER), most=100, by=by)
        actions.enter_gain(run, scores(*HIGHER, *HIGHER[:5]), most=100, by=by)

    def test_no_mark_can_be_read_from_what_is_kept(self) -> None:
        school = make_held_school()
        made = actions.enter_gain(school.class_run, scores(*HIGHER), most=100, by=school.department)
        assert len(made.marks) == 10
        assert made.marks == sorted(made.marks)
        other = factories.make_class_run("别的班", institution=school.institution)
        rows = [(Decimal(before), Decimal(after)) for before, after in HIGHER]
        assert made.marks == marks.fingerprints(school.class_run, rows)
        assert not set(made.marks) & set(marks.fingerprints(other, rows))

    def test_chosen_by_a_low_score_part_of_it_is_chance(self) -> None:
        """The plain gain of 12.9 is less once regression to the mean of everybody is taken off."""
        school = make_held_school()
        with pytest.raises(Invalid, match="mean of everybody"):
            actions.enter_gain(school.class_run, scores(*HIGHER), most=100, called_by_pre=True, by=school.department)
        made = actions.enter_gain(
            school.class_run,
            scores(*HIGHER),
            most=100,
            called_by_pre=True,
            mean=Decimal(75),
            reliability=Decimal("0.7"),
            by=school.department,
        )
        assert made.found["by_chance"] == pytest.approx(0.3 * (75 - 63.5), abs=0.01)
        assert made.found["value"] == pytest.approx(12.9 - 3.45, abs=0.01)

    @pytest.mark.parametrize(
        ("upload", "said"),
        [
            (scores(*HIGHER[:4]), "fewer than"),
            (scores((50, 101)), "Row 2"),
            (scores((50, "abc")), "Row 2"),
            (scores((50, "nan")), "Row 2"),
            (SimpleUploadedFile("scores.csv", "甲,乙\n1,2\n".encode()), "column"),
        ],
    )
    def test_bad_input(self, upload: SimpleUploadedFile, said: str) -> None:
        school = make_held_school()
        with pytest.raises(Invalid, match=said):
            actions.enter_gain(school.class_run, upload, most=100, by=school.department)
        assert not ExamGain.objects.exists()

    def test_by_the_page_and_unmeasured_is_said(self) -> None:
        school = make_held_school()
        client = Client()
        client.force_login(school.department)
        about = assessed(school.institution, school.department, "programme", school.class_run.theme)
        page = reverse("evaluations:assessment", args=[about.pk])
        assert "未测" in client.get(page).content.decode()
        assert Fact.GAIN not in figures_of(about)
        url = reverse("evaluations:enter_gain", args=[school.class_run.pk])
        assert client.post(url, {"file": scores(*HIGHER), "most": "100"}).status_code == 302
        figure = figures_of(about)[Fact.GAIN]
        assert float(figure.percent) == pytest.approx(12.9)
        assert figure.half
        assert "未测" not in client.get(page).content.decode()


def assessed(school: Unit, by: Account, name: str, title: str) -> Assessment:
    return actions.begin_assessment(make_system(by, name), school, 2026, title=title, report_due_on=DUE, by=by)


class TestSystems:
    def test_all_shipped_ones_use_only_figures_that_there_are(self) -> None:
        found = {name: system for name, (_document, system) in rules.systems().items()}
        assert set(found) == {"institution", "class-run", "course", "programme", "textbook"}
        for system in found.values():
            used = {Fact(one.fact) for one in system.indicators if one.fact}
            assert used <= facts_of(system.of)

    def test_a_course_has_the_figures_of_its_own_sessions(self) -> None:
        scene = Scene()
        for _n in range(2):
            scene.teach("好课", None, GOOD)
            scene.teach("差课", None, BAD)
        good = figures_of(assessed(scene.school, scene.department, "course", "好课"))
        assert set(good) <= OF_SESSIONS
        assert float(good[Fact.SATISFACTION].percent) == pytest.approx(97.75)
        assert good[Fact.SATISFACTION].n == 16
        assert good[Fact.INTERACTIVE].percent == 0
        bad = assessed(scene.school, scene.department, "course", "差课")
        assert float(figures_of(bad)[Fact.SATISFACTION].percent) == pytest.approx(32.0)
        assert str(bad).startswith("差课 · 市委党校")

    def test_a_programme_and_a_textbook(self) -> None:
        school = make_held_school()
        run = school.class_run
        found = figures_of(assessed(school.institution, school.department, "programme", run.theme))
        assert found[Fact.ATTENDANCE].n > 0
        assert not figures_of(assessed(school.institution, school.department, "programme", "别的主题"))
        assert figures_of(assessed(school.institution, school.department, "textbook", "干部读本")) == {}
        assert (school.institution.pk, school.institution.name, run.theme) in titles_held(
            school.department, Object.PROGRAMME
        )

    def test_many_titles_are_searched_and_paged(self) -> None:
        """A city teaches thousands of titles: no page holds them all, and whatever is ticked on any page is begun."""
        scene = Scene()
        for number in range(forms.OFFERED + 3):
            scene.teach(f"课程{number:02d}", None, ())
        version = make_system(scene.department, "course")
        client = Client()
        client.force_login(scene.department)
        url = reverse("evaluations:begin_assessment", args=["course"])
        first, second = client.get(url), client.get(url, {"page": 2})
        assert first.content.decode().count('name="titles"') == forms.OFFERED
        assert second.content.decode().count('name="titles"') == 3
        found = client.get(url, {"q": "课程07 党校"}).content.decode()
        assert found.count('name="titles"') == 1
        assert client.get(url, {"q": "没有"}).status_code == 200
        given = {"version": version.pk, "year": 2026, "report_due_on": "2100-01-01"}
        last = f"{scene.school.pk}/课程{forms.OFFERED + 2:02d}"
        answer = client.post(url, given | {"titles": [last, f"{scene.school.pk}/课程00"]})
        assert answer.status_code == 302
        assert set(Assessment.objects.values_list("title", flat=True)) == {last.partition("/")[2], "课程00"}
        assert client.post(url, given | {"titles": [f"{scene.school.pk}/没有"]}).status_code == 422
        runs = client.get(reverse("evaluations:begin_assessment", args=["class_run"]), {"q": "进修班1"})
        assert runs.status_code == 200

    def test_each_system_is_for_its_own_objects(self) -> None:
        school = make_held_school()
        course = make_system(school.department, "course")
        whole = make_system(school.department, "institution")
        for version, title in ((course, ""), (whole, "好课")):
            with pytest.raises(Invalid, match="not made for that"):
                actions.begin_assessment(
                    version, school.institution, 2026, title=title, report_due_on=DUE, by=school.department
                )
        with pytest.raises(Invalid, match="not made for that"):
            actions.begin_assessment(course, school.class_run, 2026, report_due_on=DUE, by=school.department)

    @pytest.mark.parametrize("of", ["course", "programme", "textbook"])
    def test_they_begin_by_the_page(self, of: str) -> None:
        school = make_held_school()
        session = school.sessions[0]
        session.title = "好课"
        session.save()
        version = make_system(school.department, of)
        client = Client()
        client.force_login(school.department)
        url = reverse("evaluations:begin_assessment", args=[of])
        assert client.get(url).status_code == 200
        given: dict[str, object] = {"version": version.pk, "year": 2026, "report_due_on": "2100-01-01"}
        assert client.post(url, given).status_code == 422
        if of == "textbook":
            given |= {"institutions": [school.institution.pk], "title": "干部读本"}
        else:
            title = "好课" if of == "course" else school.class_run.theme
            given["titles"] = [f"{school.institution.pk}/{title}"]
        answer = client.post(url, given)
        assert answer.status_code == 302
        made = Assessment.objects.get()
        assert (made.institution, bool(made.title)) == (school.institution, True)
        assert client.get(answer["Location"]).status_code == 200
        given["titles"] = ["999999/好课"]
        given.pop("title", None)
        assert client.post(url, given).status_code == 422
