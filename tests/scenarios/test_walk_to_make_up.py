"""Walk 2 of docs/architecture.md on the pages: from a class list in a spreadsheet to a make-up that the next call-up run holds with priority."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import openpyxl
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import make_account, make_city, make_department, make_person, make_unit
from tests.scenarios.walking import Clock, Visitor, links_of, pdf_text, sheet, wide, word_text
from zhixing.attendance import tokens
from zhixing.attendance.models import Register
from zhixing.callups.models import Callup, CallupRun, MakeUp
from zhixing.obligations.actions import install_shipped_policy
from zhixing.people.models import Account, Person, Role, Unit
from zhixing.plans.models import ClassRun

pytestmark = pytest.mark.django_db
RunJobs = Callable[[], int]
BEGIN = dt.date(2026, 8, 3)
MONDAY, FRIDAY = dt.date(2026, 9, 7), dt.date(2026, 9, 11)
HEADINGS = (
    "序号",
    "培训班名称",
    "开始时间",
    "结束时间",
    "培训人数",
    "培训对象",
    "学时",
    "培训方式",
    "承办单位",
    "地点",
)
NAMES = "陆行舟 沈知微 顾清和 秦牧野 江晚晴 温如言 宋明远 叶听澜 程致远 方若谷 林向晚 苏望舒".split()
FIRST_PERSON_ROW, MORNING = 3, 5
"""Where the printed sign-in sheet has its first person and its first half day, from 1."""


def class_list(name: str, first: str, last: object, seats: str) -> SimpleUploadedFile:
    """The year's list with its quotas on a second sheet, as a department sends it round."""
    row = (1, name, first, last, seats, "乡科级正职", wide("30"), "脱产", "市委党校", "市委党校3号楼")
    quotas = [("单位名称", f"《{name}》", "合计"), ("市财政局", wide("6"), 6), ("市教育局", "6人", 6), ("合计", 12, 12)]
    return sheet("班次计划表.xlsx", "云岚市2026年度干部教育培训班次计划表", [HEADINGS, row], (), ("分配名额", quotas))


class Walk:
    """The city and everybody who walks; each method is one stretch of the way."""

    def __init__(self, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch) -> None:
        self.run_jobs, self.clock = run_jobs, Clock(monkeypatch)
        self.clock.set(BEGIN)
        install_shipped_policy()
        self.city = make_city()
        units = [make_unit(name, self.city, away_max=10) for name in ("市财政局", "市教育局")]
        party_school = make_unit("市委党校", self.city, kind=Unit.Kind.SCHOOL)
        self.people = [make_person(units[n % 2], name, title="科长") for n, name in enumerate(NAMES)]
        self.department = Visitor(make_department(self.city))
        self.school = Visitor(make_account(Role.SCHOOL, party_school, name="班主任"))
        self.liaison = Visitor(make_account(Role.LIAISON, self.city, email="liaison@city.example"))
        self._trainees = {
            p.pk: make_account(Role.TRAINEE, None, p, email=f"{p.number}@city.example") for p in self.people
        }

    def trainee(self, callup: Callup) -> Visitor:
        return Visitor(Account.objects.get(pk=self._trainees[callup.person_id].pk))

    def plan(self, upload: SimpleUploadedFile) -> ClassRun:
        """Upload, look, apply, open for call-up."""
        imported = self.department.send_and_land("/classes/imports/", {"file": upload, "year": 2026})
        assert "新增 1 个班次" in self.department.read(imported)
        self.department.send(f"{imported}apply/")
        made = ClassRun.objects.latest("pk")
        self.department.send(f"/classes/{made.pk}/open/")
        made.refresh_from_db()
        return made

    def propose(self, class_run: ClassRun) -> CallupRun:
        terms = {"preset": "owing", "callups_max": 4, "away_percent": 100, "seconds": 5, "seed": 1}
        costs = {"second_callup_cost": 60, "short_seat_cost": 300}
        chosen = {"name": f"调训{class_run.pk}", "selected": [class_run.pk]}
        address = self.department.send_and_land("/callups/runs/new/", {**terms, **costs, **chosen})
        self.run_jobs()
        run = CallupRun.objects.latest("pk")
        assert address == f"/callups/runs/{run.pk}/"
        assert run.state == CallupRun.State.PROPOSED, run.result
        return run

    def listed(self, run: CallupRun, class_run: ClassRun) -> set[str]:
        """Who stands on the page of the list."""
        shown = self.department.read(f"/callups/runs/{run.pk}/classes/{class_run.pk}/")
        return {name for name in NAMES if name in shown}

    def decide_by_hand(self, run: CallupRun, class_run: ClassRun) -> tuple[str, str]:
        """Take one out and put one in, each with its reason, and solve again. Returns their names."""
        proposed = self.listed(run, class_run)
        assert len(proposed) == 6
        wanted = next(p for p in self.people if p.name not in proposed)
        unwanted = next(p for p in self.people if p.name in proposed)
        pin = f"/callups/runs/{run.pk}/classes/{class_run.pk}/pin/"
        self.department.send(pin, {"person": unwanted.pk, "reason": "年底专项审计离不开"})
        self.department.send(pin, {"person": wanted.pk, "chosen": "on", "reason": "新任岗位急需"})
        by_hand = self.department.read(f"/callups/runs/{run.pk}/pins/")
        assert "年底专项审计离不开" in by_hand
        assert "新任岗位急需" in by_hand
        self.department.send(f"/callups/runs/{run.pk}/solve/do/")
        self.run_jobs()
        after = self.listed(run, class_run)
        assert len(after) == 6
        assert wanted.name in after
        assert unwanted.name not in after
        return unwanted.name, wanted.name

    def publish(self, run: CallupRun, class_run: ClassRun) -> list[Callup]:
        """Everybody called hears of it, here and by e-mail; so does the liaison; nobody else does."""
        self.department.send(f"/callups/runs/{run.pk}/publish/", {"reply_by": "2026-08-20"})
        self.run_jobs()
        called = list(run.callups.filter(state=Callup.State.SENT).select_related("person__unit").order_by("seat"))
        assert [one.seat for one in called] == [1, 2, 3, 4, 5, 6]
        for one in called:
            assert f"您被调训到“{class_run.name}”" in self.trainee(one).read("/notices/")
        told = {address for message in mail.outbox for address in message.to}
        assert told == {"liaison@city.example", *(f"{one.person.number}@city.example" for one in called)}
        assert any("2026-08-20" in message.body for message in mail.outbox)
        assert "贵单位 6 人次被调训" in self.liaison.read("/notices/")
        return called

    def open_papers(self, run: CallupRun, class_run: ClassRun, called: list[Callup]) -> None:
        """The Word and the PDF of the class run and of each unit, downloaded and opened again."""
        links = links_of(self.department.get(f"/callups/runs/{run.pk}/papers/"), "/callups/papers/")
        files = {link: self.department.download(link) for link in links}
        texts = [pdf_text(f) if f.startswith(b"%PDF") else word_text(f).replace(" ", "") for f in files.values()]
        assert len(texts) == 2 * (1 + len({one.unit_id for one in called}))
        names = {one.person.name for one in called}
        of_class_run = [text for text in texts if all(name in text for name in names)]
        assert len(of_class_run) == 2
        for text in of_class_run:
            for words in (class_run.name, "2026年9月7日", "2026年8月20日", "市委党校3号楼", "共6人"):
                assert words in text, words
        of_units = [text for text in texts if text not in of_class_run]
        for unit in {one.person.unit for one in called}:
            own = {one.person.name for one in called if one.person.unit == unit}
            assert unit is not None
            held = [text for text in of_units if all(name in text for name in own)]
            assert len(held) == 2
            assert all(unit.name in text and not any(name in text for name in names - own) for text in held)

    def answer(self, called: list[Callup]) -> tuple[Callup, Callup, Callup]:
        """Some accept; one is excused, and the next of the waiting list called; one is replaced. Returns those three and the substitute's."""
        mine = self.trainee(called[0])
        assert links_of(mine.get("/callups/mine/"), f"/callups/{called[0].pk}/accept/")
        assert "已确认参训" in mine.send(f"/callups/{called[0].pk}/accept/", {"from": "mine"})
        said = self.liaison.send("/callups/replies/accept/", {"selected": [one.pk for one in called[1:4]]})
        assert "已为 3 人次确认参训" in said

        excused = called[4]
        proof = SimpleUploadedFile("抽调函.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
        wish = {"reason": "duty", "text": "抽调参加巡察", "proof": proof}
        self.trainee(excused).send(f"/callups/{excused.pk}/leave/", wish)
        waiting = self.department.get("/callups/replies/")
        assert excused.person.name in waiting.content.decode()
        page = self.department.get(f"/callups/{excused.pk}/")
        (decide,) = links_of(page, "/decide/")
        assert "抽调参加巡察" in page.content.decode()
        told = self.department.send(decide, {"decision": "approve"})
        stand_in = Callup.objects.get(class_run=excused.class_run, from_waiting=True)
        assert stand_in.person.name in told
        assert stand_in.seat == 5

        replaced = called[5]
        free = self.colleague_of(replaced)
        self.liaison.send(f"/callups/{replaced.pk}/substitute/", {"substitute": free.pk, "text": "同科室"})
        (decide,) = links_of(self.department.get(f"/callups/{replaced.pk}/"), "/decide/")
        assert free.name in self.department.send(decide, {"decision": "approve"})
        substitute = Callup.objects.get(instead_of=replaced)
        assert substitute.seat == 6
        for one in (stand_in, substitute):
            self.liaison.send(f"/callups/{one.pk}/accept/")
        return excused, stand_in, substitute

    def colleague_of(self, callup: Callup) -> Person:
        """Whom the search box of the page offers as a substitute."""
        found = [
            row["value"] for name in NAMES for row in self.liaison.json(f"/callups/{callup.pk}/colleagues/", q=name)
        ]
        assert found
        return Person.objects.get(pk=found[0])

    def keep_registers(self, class_run: ClassRun, coming: list[Callup]) -> tuple[Callup, Callup, Callup]:
        """Ten half days: the first by roll call, the second by own scan, the third on paper, leave in the fourth, the others by roll call.

        Returns who missed one half day, who was on leave for one, and who stayed away for two: more than 1/7.
        """
        late, on_leave, away = coming[0], coming[1], coming[2]
        self.school.send(f"/sessions/{class_run.pk}/lay-out/")
        self.clock.set(MONDAY, 8)
        self.school.send(f"/attendance/class-runs/{class_run.pk}/open/")
        registers = list(Register.objects.order_by("session__on", "session__begins_at").select_related("session"))
        assert len(registers) == 10
        self.ask_leave(on_leave, registers[3])
        self.by_roll_call(registers[0], [late, away])
        self.by_scan(registers[1], coming, [away])
        self.on_paper(class_run, registers[2])
        for register in registers[3:]:
            self.by_roll_call(register, [])
        return late, on_leave, away

    def by_roll_call(self, register: Register, absent: list[Callup]) -> None:
        page = f"/attendance/registers/{register.pk}/"
        self.clock.set(register.session.on, register.session.begins_at.hour, 40)
        for one in absent:
            self.school.send(f"{page}marks/{one.pk}/", {"status": "absent", "version": 0})
        self.close(register)

    def close(self, register: Register) -> None:
        """The rest is there; closed when the session is over, and not before."""
        page = f"/attendance/registers/{register.pk}/"
        self.school.send(f"{page}rest/")
        assert self.school.refused(f"{page}close/")
        self.clock.set(register.session.on, register.session.ends_at.hour, 45)
        assert "已关册" in self.school.send(f"{page}close/")

    def by_scan(self, register: Register, coming: list[Callup], absent: list[Callup]) -> None:
        """The code on the projector opens on one's own phone; twice is once, and yesterday's code is none."""
        self.clock.set(register.session.on, register.session.begins_at.hour, 35)
        assert "<svg" in self.school.get(f"/attendance/registers/{register.pk}/projector/").content.decode()
        stale = f"/attendance/sign-in/{tokens.make(register.pk, self.clock.now - dt.timedelta(minutes=5))}/"
        scan = f"/attendance/sign-in/{tokens.make(register.pk, self.clock.now)}/"
        signing = [one for one in coming if one not in absent]
        assert self.trainee(signing[0]).refused(stale)
        assert Register.objects.get(pk=register.pk).marks.count() == 0
        for one in [*signing, signing[0]]:
            self.trainee(one).read(scan)
            assert self.trainee(one).post(scan).status_code == 200
        assert Register.objects.get(pk=register.pk).marks.filter(status="present").count() == len(signing)
        for one in absent:
            self.school.send(f"/attendance/registers/{register.pk}/marks/{one.pk}/", {"status": "absent", "version": 0})
        self.close(register)

    def on_paper(self, class_run: ClassRun, register: Register) -> None:
        """The sheet is printed, filled in by hand, typed into its workbook and brought back."""
        on = register.session.on
        page = f"/attendance/class-runs/{class_run.pk}/{on}/"
        printed = pdf_text(self.school.download(f"{page}sheet.pdf"))
        book = openpyxl.load_workbook(io.BytesIO(self.school.download(f"{page}sheet.xlsx")))
        for row in range(FIRST_PERSON_ROW, FIRST_PERSON_ROW + 6):
            assert book.active.cell(row, 3).value in printed
            book.active.cell(row, MORNING).value = "√"
        content = io.BytesIO()
        book.save(content)
        self.clock.set(on, 12, 10)
        told = self.school.send(f"{page}bring-back/", {"sheet": SimpleUploadedFile("签到表.xlsx", content.getvalue())})
        assert "录入 6 条" in told
        assert Register.objects.get(pk=register.pk).marks.filter(status="present").count() == 6
        assert "已关册" in self.school.send(f"/attendance/registers/{register.pk}/close/")

    def ask_leave(self, callup: Callup, register: Register) -> None:
        """For one half day; the class head decides, and the page tells what is left of the seventh."""
        asked = {"sessions": [register.session_id], "reason": "duty", "text": "参加抗旱会商"}
        page = self.trainee(callup).send_and_land(f"/attendance/leaves/new/{callup.pk}/", asked)
        assert "4.2" in self.school.read(page)
        assert "已批准" in self.school.send(f"{page}agree/")

    def settle(self, class_run: ClassRun, away: Callup) -> None:
        """Withdrawal is proposed to the department, which decides; then the class run is over."""
        proposed = links_of(self.department.get("/attendance/withdrawals/"), "/attendance/withdrawals/")
        (page,) = [link for link in proposed if link.rstrip("/").split("/")[-1].isdigit()]
        assert away.person.name in self.department.read(page)
        self.department.send(page, {"decision": "confirm", "note": "经研究同意"})
        self.school.send(f"/attendance/class-runs/{class_run.pk}/complete/")
        self.run_jobs()


def test_from_a_class_list_to_a_make_up(run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    walk = Walk(run_jobs, monkeypatch)
    first = walk.plan(class_list("基层治理专题班", "2026年9月7日", FRIDAY, wide("6")))
    assert (first.starts_on, first.ends_on, first.seats_max, first.tenths) == (MONDAY, FRIDAY, 6, 300)
    run = walk.propose(first)
    walk.decide_by_hand(run, first)
    called = walk.publish(run, first)
    walk.open_papers(run, first, called)
    excused, stand_in, substitute = walk.answer(called)
    coming = [*called[:4], stand_in, substitute]
    late, on_leave, away = walk.keep_registers(first, coming)
    walk.settle(first, away)

    # Hours are on the record of whoever came; what was missed is to be made up.
    hours = {one.person.name: walk.trainee(one).read("/records/mine/") for one in coming}
    assert f"{stand_in.person.name}：1 年共 30 学时" in hours[stand_in.person.name]
    assert f"{late.person.name}：1 年共 27 学时" in hours[late.person.name]
    open_make_ups = {m.person_id: m.tenths for m in MakeUp.objects.filter(state=MakeUp.State.OPEN)}
    expected = {excused: 300, late: 30, on_leave: 30, away: 300}
    assert open_make_ups == {one.person_id: tenths for one, tenths in expected.items()}
    page = walk.department.read("/callups/make-ups/")
    assert all(one.person.name in page for one in expected)

    # The next run holds them with priority: four seats, nine people of the target group.
    second = walk.plan(class_list("基层治理专题班", "2026年11月9日", "2026.11.13", "4人"))
    again = walk.propose(second)
    assert walk.listed(again, second) == {one.person.name for one in expected}
    shown = walk.department.read(f"/callups/runs/{again.pk}/classes/{second.pk}/")
    assert shown.count("补训") >= len(expected)
