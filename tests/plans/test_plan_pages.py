"""Pages and papers of annual plans: what each role finds there, and what the papers say."""

from __future__ import annotations

import io
from typing import Any, ClassVar

import docx
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_account, make_class_run, make_person, make_plan_line
from tests.plans.planning import City
from zhixing.base.tables.read import read_book
from zhixing.engine.sheets.classes import parse_classes
from zhixing.needs.models import Framework, NeedsReckoning, Want
from zhixing.people.models import Account, Role
from zhixing.plans import class_lists, permissions
from zhixing.plans.models import AnnualPlan, Capacity, ClassListImport, PlanChange, PlanComment, Programme
from zhixing.plans.papers import class_list_book, plan_word

pytestmark = pytest.mark.django_db


def client_of(user: Account) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(user: Account, name: str, *args: Any, **asked: str) -> Any:
    return client_of(user).get(reverse(f"plans:{name}", args=args), asked)


def post(user: Account, name: str, *args: Any, **given: Any) -> Any:
    return client_of(user).post(reverse(f"plans:{name}", args=args), given)


class TestPages:
    def test_a_line_is_moved_by_a_button(self, planning: City) -> None:
        plan = planning.draft()
        assert post(planning.maker, "move_line", plan.pk, 1, term="3").status_code == 302
        assert planning.line(plan).term == 3
        assert post(planning.maker, "move_line", plan.pk, 1, term="5").status_code == 422
        assert post(planning.county, "move_line", plan.pk, 1, term="1").status_code == 404

    def test_a_line_is_typed_in_and_the_sums_follow(self, planning: City) -> None:
        plan = planning.draft(0, money=100)
        make_person(planning.north)
        typed = {"title": "基层治理专题班", "term": "2", "people": "40", "runs": "1", "days": "5", "hours": "40"}
        typed |= {"rank_group": "township", "budget": "8000"}
        shown = post(planning.maker, "line_sums", plan.pk, **typed).content.decode()
        assert "¥8,000" in shown
        assert not plan.lines.exists()
        assert post(planning.maker, "add_line", plan.pk, **typed).status_code == 302
        line = planning.line(plan)
        assert (line.tenths, line.budget, line.rank_group) == (400, 800_000, "township")

    def test_a_line_without_evidence_says_so(self, planning: City) -> None:
        plan = planning.draft()
        page = get(planning.maker, "line", plan.pk, 1).content.decode()
        assert "entered by hand" in page or "人工填写" in page

    def test_evidence_is_shown_with_its_share(self, planning: City) -> None:
        plan = planning.draft(0)
        make_plan_line(plan, evidence=[{"need": "x:county", "share": 6250, "title": "依法行政能力"}])
        page = get(planning.maker, "plan", plan.pk).content.decode()
        assert "依法行政能力" in page
        assert "62.5%" in page

    def test_the_whole_way_by_pages(self, planning: City) -> None:
        plan = planning.draft()
        planning.route()
        today = timezone.localdate().isoformat()
        assert post(planning.maker, "open_comments", plan.pk, until=today).status_code == 302
        assert post(planning.liaison, "comments", plan.pk, line="1", text="建议提前").status_code == 302
        said = PlanComment.objects.get()
        given = {"outcome": "taken", "answer": "采纳"}
        assert post(planning.maker, "answer_comment", plan.pk, said.pk, **given).status_code == 302
        for who, name, args in (
            (planning.maker, "rework_plan", ()),
            (planning.maker, "move_plan", ("submit",)),
            (planning.head, "move_plan", ("approve",)),
        ):
            assert post(who, name, plan.pk, *args).status_code == 302
        assert AnnualPlan.objects.get(pk=plan.pk).in_force
        assert post(planning.maker, "strike_line", plan.pk, 1, reason="经费压减").status_code == 302
        change = PlanChange.objects.get()
        assert post(planning.maker, "decide_change", plan.pk, change.pk, "approve").status_code == 403
        assert post(planning.head, "decide_change", plan.pk, change.pk, "approve").status_code == 302
        assert planning.line(plan).struck
        assert post(planning.maker, "review", plan.pk, text="全年总结").status_code == 302
        for name in ("plan", "approval", "changes", "execution", "plan_calendar", "review", "comments"):
            assert get(planning.maker, name, plan.pk).status_code == 200

    def test_how_its_people_like_to_learn_stands_under_a_line_of_their_rank_group(self, planning: City) -> None:
        framework = Framework.objects.create(name="岗位能力框架", unit=planning.unit, by_id=planning.maker.pk)
        reckoning = NeedsReckoning.objects.create(
            year=2027, framework=framework, unit=planning.unit, by=planning.maker, state="ready", digest="0" * 64
        )
        for place, (group, method) in enumerate(
            [
                ("township", "case"),
                ("township", "site"),
                ("township", "seminar"),
                ("township", "online"),
                ("county", "interview"),
            ]
        ):
            percent = 60 - 10 * place
            shares = {"percent": percent, "lower": percent - 5, "upper": percent + 5}
            Want.objects.create(reckoning=reckoning, who="self", method=method, rank_group=group, n=40, **shares)
        evidence = [{"need": "x", "share": 10_000, "title": "依法行政能力"}]
        plan = planning.draft(0, reckoning=reckoning)
        make_plan_line(plan, rank_group="township", evidence=evidence)
        for name, args in (("plan", ()), ("line", (1,))):
            page = " ".join(get(planning.maker, name, plan.pk, *args).content.decode().split())
            assert "案例分析 60 %（55–65 %）、现场教学 50 %（45–55 %）、研讨交流 40 %（35–45 %）</p>" in page
            assert "访谈互动 20" not in page
        AnnualPlan.objects.filter(pk=plan.pk).update(reckoning=None)
        assert "案例分析 60 %" not in get(planning.maker, "plan", plan.pk).content.decode()

    def test_a_year_without_stated_holidays_says_so_on_one_line(self, planning: City) -> None:
        said = "年的放假安排尚未录入"
        known, unknown = planning.draft(year=2026), planning.draft(year=2040)
        assert said not in get(planning.maker, "plan", known.pk).content.decode()
        assert get(planning.maker, "plan", unknown.pk).content.decode().count(f"2040 {said}") == 1

    def test_a_school_and_a_liaison_see_lines_but_no_sums_of_all(self, planning: City) -> None:
        plan = planning.approved(2)
        for user in (planning.staff, planning.liaison):
            page = get(user, "plan", plan.pk)
            assert page.status_code == 200
            assert 'id="sums"' not in page.content.decode()
            assert get(user, "approval", plan.pk).status_code == 404
        assert 'id="sums"' in get(planning.maker, "plan", plan.pk).content.decode()

    def test_class_runs_are_made_on_a_page(self, planning: City) -> None:
        make_person(planning.north)
        plan = planning.approved(year=timezone.localdate().year + 2)
        page = get(planning.maker, "make_runs", plan.pk, 1)
        assert "城北县" in page.content.decode()
        assert "年的放假安排尚未录入" in page.content.decode()
        day = page.context["proposed"][0].isoformat()
        assert post(planning.maker, "make_runs", plan.pk, 1, **{"day-0": day}).status_code == 302
        assert get(planning.county, "make_runs", plan.pk, 1).status_code == 403


class TestPapers:
    def test_the_class_list_is_read_again_as_it_was_written(self, planning: City) -> None:
        plan = planning.draft(0)
        make_plan_line(
            plan,
            title="科级干部进修班",
            runs=2,
            people=41,
            institution=planning.school,
            theme="党建",
            budget=10_000_001,
        )
        parsed = parse_classes(read_book(class_list_book(plan, list(plan.lines.all())), "list.xlsx"))
        assert not parsed.refused
        assert [(row.name, row.seats, row.ranks) for row in parsed.rows] == [
            ("科级干部进修班（第1期）", 21, ("乡科级正职",)),
            ("科级干部进修班（第2期）", 20, ("乡科级正职",)),
        ]
        assert {row.institution for row in parsed.rows} == {"市委党校"}
        assert [row.cents for row in parsed.rows] == [5_000_001, 5_000_000]

    def test_one_class_in_two_quarters_has_no_name_twice_and_is_read_again(self, planning: City) -> None:
        plan = planning.draft(0)
        for term, runs in ((3, 1), (1, 2)):
            make_plan_line(plan, title="基层治理班", term=term, runs=runs, institution=planning.school)
        parsed = parse_classes(read_book(class_list_book(plan, list(plan.lines.order_by("term"))), "list.xlsx"))
        assert not parsed.refused
        assert [row.name for row in parsed.rows] == [f"基层治理班（第{n}期）" for n in (1, 2, 3)]

    def test_word_says_whether_it_is_approved(self, planning: City) -> None:
        for plan, said in ((planning.draft(), "未经批准"), (planning.approved(year=2028), "已批准")):
            document = docx.Document(io.BytesIO(plan_word(plan, list(plan.lines.all()), timezone.localdate())))
            text = "\n".join(one.text for one in document.paragraphs)
            assert said in text
            assert plan.title in text
            assert len(document.tables) == 1
            assert document.tables[0].rows[1].cells[1].text == planning.line(plan).title

    @pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK")])
    def test_papers_are_handed_out(self, planning: City, kind: str, start: bytes) -> None:
        plan = planning.approved()
        assert get(planning.maker, "plan_paper", plan.pk, kind).content.startswith(start)
        assert get(planning.maker, "plan_paper", plan.pk, "exe").status_code == 404

    def test_a_class_list_becomes_a_draft_plan(self, planning: City) -> None:
        run = make_class_run("基层治理班（第1期）", institution=planning.school)
        row = {
            "name": run.name,
            "starts_on": "2026-04-06",
            "ends_on": "2026-04-10",
            "seats_max": 50,
            "ranks": run.ranks,
        }
        row |= {"tenths": 300, "institution_id": planning.school.pk, "channel": "", "quotas": None, "row": 2}
        made = ClassListImport.objects.create(
            file=class_lists.files.store(b"PK", "a.xlsx", "class_list", by=planning.maker),
            year=2026,
            by_id=planning.maker.pk,
            rows=[row],
        )
        plan = class_lists.plan_from_class_list(made, by=planning.maker)
        line = planning.line(plan)
        assert (line.title, line.term, line.people, line.institution) == ("基层治理班", 2, 50, planning.school)
        assert post(planning.maker, "move_import", made.pk, "plan").status_code == 409


def test_a_plan_is_made_of_last_years_class_runs_by_the_page(planning: City) -> None:
    make_class_run(starts_on=timezone.localdate())
    year = timezone.localdate().year
    given = {"year": str(year + 1), "title": "计划", "from_year": str(year), "money": "", "aims": ""}
    assert post(planning.maker, "create_plan", **given).status_code == 302
    assert AnnualPlan.objects.get().lines.count() == 1
    assert post(planning.liaison, "create_plan", **given).status_code == 403


def test_the_plan_in_force_is_that_of_this_year_where_there_is_one(planning: City) -> None:
    year = timezone.localdate().year
    coming = planning.approved(year=year + 1)
    assert get(planning.maker, "plans").context["in_force"] == coming
    now = planning.approved(year=year)
    assert get(planning.maker, "plans").context["in_force"] == now


def test_whom_no_plan_concerns_finds_no_list_of_plans(planning: City) -> None:
    trainee = make_account(Role.TRAINEE, planning.north, person=make_person(planning.north))
    assert get(trainee, "plans").status_code == 404
    for user in (planning.liaison, planning.staff, planning.county, make_account(Role.AUDITOR, planning.unit)):
        assert get(user, "plans").status_code == 200


def test_a_route_is_set_on_its_page(planning: City) -> None:
    given = {"title-0": "部长审定", "account-0": str(planning.head.pk), "title-1": "", "title-2": "", "title-3": ""}
    assert post(planning.maker, "set_route", **given).status_code == 302
    route = permissions.route_for(planning.unit)
    assert route is not None
    assert [step.title for step in route.steps.all()] == ["部长审定"]


class TestNothingTypedIsLost:
    def told(self, answer: Any, said: str, status: int = 422) -> str:
        page: str = answer.content.decode()
        assert answer.status_code == status
        assert said in page
        return page

    def test_of_a_line_with_more_runs_than_people(self, planning: City) -> None:
        plan = planning.draft()
        make_person(planning.north)
        typed = TestMoneyInAnotherUnit.TYPED | {"rank_group": "township", "people": "3", "runs": "10", "note": "视情"}
        for name, args in (("add_line", ()), ("edit_line", (1,))):
            page = self.told(post(planning.maker, name, plan.pk, *args, **typed), "期数多于人数")
            assert 'value="视情"' in page
        assert [line.runs for line in plan.lines.all()] == [1]

    def test_a_line_with_a_change_that_waits_opens_no_form(self, planning: City) -> None:
        plan = planning.approved()
        assert post(planning.maker, "change_line", plan.pk, 1, title="x").status_code == 422
        assert post(planning.maker, "strike_line", plan.pk, 1, reason="经费压减").status_code == 302
        for name in ("change_line", "strike_line"):
            answer = client_of(planning.maker).get(reverse(f"plans:{name}", args=(plan.pk, 1)), follow=True)
            assert answer.redirect_chain == [(reverse("plans:changes", args=[plan.pk]), 302)]
            assert "已有变更待审定" in answer.content.decode()

    def test_of_a_change_while_another_waits(self, planning: City) -> None:
        plan = planning.approved()
        assert post(planning.maker, "strike_line", plan.pk, 1, reason="经费压减").status_code == 302
        sent = post(planning.maker, "strike_line", plan.pk, 1, reason="上级临时部署")
        assert "上级临时部署" in self.told(sent, "该条目已有变更待审定", status=409)

    def test_of_a_code_that_another_programme_has(self, planning: City) -> None:
        typed = {"code": "P1", "name": "专题班", "kind": "special", "days": "5", "hours": "40", "size_min": "20"}
        typed |= {"size_max": "50", "runs_min": "0", "person_day": "60", "run_money": "6000"}
        client, url = client_of(planning.maker), reverse("plans:create_programme")
        assert client.post(url, typed).status_code == 302
        sent = client.post(url, typed | {"name": "春季专题班"})
        assert 'value="春季专题班"' in self.told(sent, "已有使用该编号的项目。", status=409)

    def test_of_a_change_that_changes_nothing(self, planning: City) -> None:
        plan = planning.approved()
        make_person(planning.north)
        form = get(planning.maker, "change_line", plan.pk, 1).context["form"]
        typed = {name: form[name].value() for name in ("title", "term", "people", "runs", "days", "hours", "ranks")}
        typed |= {"institution": planning.school.pk, "kind": form["kind"].value(), "reason": "上级临时部署"}
        assert "上级临时部署" in self.told(post(planning.maker, "change_line", plan.pk, 1, **typed), "没有任何变化。")
        assert not PlanChange.objects.exists()

    def test_of_a_route_with_a_step_that_nobody_decides(self, planning: City) -> None:
        given = {"title-0": "部长审定", "account-0": str(planning.head.pk), "title-1": "常委会审议"}
        assert 'value="常委会审议"' in self.told(post(planning.maker, "set_route", **given), "二者选一")

    def test_of_class_runs_that_begin_too_soon(self, planning: City) -> None:
        plan = planning.approved(year=timezone.localdate().year + 2)
        day = f"{plan.year}-01-04"
        assert f'value="{day}"' in self.told(
            post(planning.maker, "make_runs", plan.pk, 1, **{"day-0": day}), "不在该条目的季度内。"
        )

    def test_of_money_that_would_take_back_more_than_was_entered(self, planning: City) -> None:
        plan = planning.approved()
        typed = {"kind": "spent", "yuan": "-500", "on": "2027-03-01", "note": "退回结余"}
        page = self.told(post(planning.maker, "spend", plan.pk, 1, **typed), "超过已登记金额")
        assert 'value="退回结余"' in page
        assert post(planning.maker, "spend", plan.pk, 1, **(typed | {"yuan": "500"})).status_code == 302
        assert post(planning.county, "spend", plan.pk, 1, **typed).status_code == 403

    def test_of_a_review_while_a_change_waits(self, planning: City) -> None:
        plan = planning.approved()
        assert post(planning.maker, "strike_line", plan.pk, 1, reason="经费压减").status_code == 302
        assert "全年总结正文" in self.told(
            post(planning.maker, "review", plan.pk, text="全年总结正文"), "有变更待审定，请先审定。"
        )


class TestMoneyInAnotherUnit:
    TYPED: ClassVar[dict[str, str]] = {
        "title": "专题班",
        "term": "2",
        "people": "40",
        "runs": "1",
        "days": "5",
        "hours": "40",
    }

    @pytest.mark.parametrize(("budget", "said"), [("8", "是否按万元填写"), ("8000000", "是否按分填写")])
    def test_a_line_is_asked_about_and_kept_when_somebody_is_sure(self, planning: City, budget: str, said: str) -> None:
        plan = planning.draft(0)
        make_person(planning.north)
        typed = self.TYPED | {"rank_group": "township", "budget": budget}
        answer = post(planning.maker, "add_line", plan.pk, **typed)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert "金额无误" in answer.content.decode()
        assert post(planning.maker, "add_line", plan.pk, **typed, sure="on").status_code == 302
        assert planning.line(plan).budget == int(budget) * 100

    def test_money_that_is_believable_is_not_asked_about(self, planning: City) -> None:
        plan = planning.draft(0)
        make_person(planning.north)
        assert "金额无误" not in get(planning.maker, "add_line", plan.pk).content.decode()
        for changes in ({"budget": "80000"}, {"budget": ""}, {"budget": "8", "kind": "online"}):
            typed = self.TYPED | {"rank_group": "township"} | changes
            assert post(planning.maker, "add_line", plan.pk, **typed).status_code == 302

    def test_the_money_of_a_year_too(self, planning: City) -> None:
        plan = planning.draft()
        given = {"title": "计划", "money": "3900"}
        assert "是否按万元填写" in post(planning.maker, "edit_plan", plan.pk, **given).content.decode()
        assert post(planning.maker, "edit_plan", plan.pk, **given, sure="on").status_code == 302
        assert AnnualPlan.objects.get(pk=plan.pk).money == 390_000

    CAPACITY: ClassVar[dict[str, str]] = {"year": "2027", "term": "1", "runs_at_once": "3", "seats": "180"}

    @pytest.mark.parametrize(("rate", "said"), [("3.2", "不低于 10 元"), ("32000", "不能超过 10000 元")])
    def test_a_rate_that_no_plan_can_be_reckoned_with_is_refused(self, planning: City, rate: str, said: str) -> None:
        typed = self.CAPACITY | {"institution": str(planning.school.pk), "rate": rate, "sure": "on"}
        answer = post(planning.maker, "add_capacity", **typed)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not Capacity.objects.exists()

    def test_a_rate_that_is_only_unlikely_is_asked_about(self, planning: City) -> None:
        typed = self.CAPACITY | {"institution": str(planning.school.pk), "rate": "6000"}
        assert "是否按分填写" in post(planning.maker, "add_capacity", **typed).content.decode()
        assert post(planning.maker, "add_capacity", **typed, sure="on").status_code == 302
        answer = post(planning.maker, "add_capacity", **(typed | {"rate": "320"}))
        assert answer.status_code == 302, dict(answer.context["form"].errors)
        assert Capacity.objects.get().rate_cents == 32_000

    def test_a_programme_too(self, planning: City) -> None:
        typed = {"code": "P1", "name": "专题班", "kind": "special", "days": "5", "hours": "40", "size_min": "20"}
        typed |= {"size_max": "50", "runs_min": "0", "person_day": "60", "run_money": "0.6"}
        client, url = client_of(planning.maker), reverse("plans:create_programme")
        answer = client.post(url, typed)
        assert answer.status_code == 422
        assert "是否按万元填写" in answer.content.decode()
        assert "不低于 10 元" in client.post(url, typed | {"person_day": "6"}).content.decode()
        answer = client.post(url, typed | {"run_money": "6000"})
        assert answer.status_code == 302, dict(answer.context["form"].errors)
        assert Programme.objects.get().run_cents == 600_000
