"""One row of everything in a county, and accounts of every role in another one. Every address that names a row is here with such a row."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.utils import timezone

from tests import factories
from tests.attendance.school import make_callup, make_session
from zhixing.archive.models import Extract, PromotionCheck
from zhixing.attendance.models import Appeal, Leave, LeaveStep, Mark, Register, Status, Withdrawal
from zhixing.base import files
from zhixing.base.models import Job, Notice
from zhixing.base.sealed import seal_bytes
from zhixing.callups.models import BusyTime, Callup, CallupRun, MakeUp, OutsideCallup, OutsideList, Paper, Pin, Reply
from zhixing.classwork.models import Handout, Material, Offer, Room, Stay
from zhixing.evaluations import rules
from zhixing.evaluations.models import Appeal as DecisionAppeal
from zhixing.evaluations.models import (
    Assessment,
    AssessmentAppeal,
    AssessmentResult,
    CostEntry,
    CourseDecision,
    Form,
    FormVersion,
    Group,
    Improvement,
    IndicatorSystem,
    InvitationDecision,
    LaunchRule,
    PaperNumber,
    Proof,
    Study,
    Survey,
    SystemVersion,
    Ticket,
)
from zhixing.needs.models import (
    Competency,
    CompetencyLevel,
    Framework,
    Need,
    NeedsEvidence,
    NeedsReckoning,
    NeedsSheet,
    NeedsSurvey,
    NeedsText,
    NeedsTicket,
    Priority,
    RequiredLevel,
    Stratum,
    Want,
    WorkProblem,
)
from zhixing.obligations.actions import install_policy
from zhixing.obligations.models import EntryAppeal, Exemption, ExternalTraining, HistoryImport, Standing
from zhixing.obligations.shipped import shipped_policy
from zhixing.people.actions.tokens import create_token
from zhixing.people.models import Account, Role, RosterImport, Unit
from zhixing.plans.models import (
    AnnualPlan,
    Capacity,
    ClassListImport,
    ClassRun,
    PlanChange,
    PlanComment,
    PlanEdit,
    PlanTry,
)
from zhixing.portal.models import Suggestion
from zhixing.resources.models import BankList, Case, Chapter, Course, Practice, Site, Teacher, Textbook, Topic

MONDAY = dt.date(2026, 9, 7)


def same(names: tuple[str, ...], row: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: row for name in names}  # noqa: C420  ruff forbids the shared dict that is meant here


class Elsewhere:
    """The county ``there`` with one row of every table, and the county ``here`` whose accounts must not reach any of them."""

    def __init__(self) -> None:
        self.city = factories.make_city()
        self.there = factories.make_unit("东县", self.city, kind=Unit.Kind.COUNTY)
        self.here = factories.make_unit("西县", self.city, kind=Unit.Kind.COUNTY)
        self.school = factories.make_unit("东县党校", self.there, kind=Unit.Kind.SCHOOL)
        self.organ = factories.make_unit("东县水务局", self.there)
        self.owner = factories.make_department(self.there)
        self.person = factories.make_person(self.organ)
        self.trainee = factories.make_account(Role.TRAINEE, None, self.person)
        self.file = files.store(b"%PDF-1.7 secret", "proof.pdf", "proof", by=self.owner)
        self.called = {"person": self.person, "by_id": self.owner.pk}
        self.teacher = Teacher.objects.create(name="苏教授", group=Teacher.Group.SCHOOL, institution=self.school)
        self._plan()
        self._call_up()
        self._attend()
        self.accounts = [self._account(role) for role in Role]

    def _account(self, role: Role) -> Account:
        """An account of the other county: for trainee and teacher a person there, who teaches and learns nothing in the first."""
        if role == Role.TRAINEE:
            return factories.make_account(role, None, factories.make_person(self.here))
        account = factories.make_account(role, self.here)
        if role == Role.TEACHER:
            Teacher.objects.create(name="方老师", group=Teacher.Group.choices[0][0], account=account)
        return account

    def _plan(self) -> None:
        run = {"institution": self.school, "organised_by": self.there, "units": [self.there.pk], "starts_on": MONDAY}
        self.class_run = factories.make_class_run(**run, state=ClassRun.State.RUNNING, class_rules="不带车辆")
        self.draft = factories.make_class_run(**run, state=ClassRun.State.DRAFT)
        self.class_list = ClassListImport.objects.create(file=self.file, year=2026, by_id=self.owner.pk)
        self.session = make_session(self.class_run, MONDAY, "am")
        material = Material.objects.create(institution=self.school, name="基层治理案例选编", stock=3)
        self.handout = Handout.objects.create(class_run=self.class_run, material=material)

    def _call_up(self) -> None:
        self.callup = make_callup(self.class_run, self.person, Callup.State.ACCEPTED, 1)
        self.run = CallupRun.objects.get()
        self.what_if = CallupRun.objects.create(name="试算", on=self.run.on, by_id=self.owner.pk)
        self.what_if.class_runs.add(self.class_run)
        self.room = Room.objects.create(class_run=self.class_run, name="301")
        Offer.objects.create(class_run=self.class_run, beds=True, meals=True, closes_on=MONDAY)
        Stay.objects.create(callup=self.callup, overnight=True, room=self.room, bed=1, by_id=1)
        CallupRun.objects.filter(pk=self.run.pk).update(
            state=CallupRun.State.PUBLISHED,
            by_id=self.owner.pk,
            published_at=timezone.now(),
            reply_by=MONDAY,
        )
        self.run.class_runs.set([self.class_run])
        self.pin = Pin.objects.create(
            run=self.run, person=self.person, class_run=self.class_run, chosen=True, reason="骨干", by_id=self.owner.pk
        )
        self.reply = Reply.objects.create(
            callup=self.callup,
            kind=Reply.Kind.LEAVE,
            reason=Reply.Reason.HEALTH,
            proof=self.file,
            by_id=self.trainee.pk,
            decision=Reply.Decision.PENDING,
        )
        word = files.store(b"PK secret", "notice.docx", "notice", by=self.owner)
        self.papers = [
            Paper.objects.create(run=self.run, word=word, pdf=self.file, **about)
            for about in ({"class_run": self.class_run}, {"unit": self.organ})
        ]
        self.make_up = MakeUp.objects.create(
            missed=self.callup, person=self.person, tenths=30, cause=MakeUp.Cause.ATTENDANCE, due_on=MONDAY
        )

    def _attend(self) -> None:
        self.register = Register.objects.create(session=self.session)
        self.mark = Mark.objects.create(register=self.register, callup=self.callup, status=Status.ABSENT)
        self.leave = Leave.objects.create(
            callup=self.callup, reason="other", text="家事", proof=self.file, half_days=1, tenths=30, by_id=1
        )
        LeaveStep.objects.create(leave=self.leave, order=1, approver="class_head")
        self.withdrawal = Withdrawal.objects.create(
            callup=self.callup, cause=Withdrawal.Cause.ABSENCE, leave_tenths=90, cap_tenths=30
        )
        self.appeal = Appeal.objects.create(mark=self.mark, claims="present", text="在场", proof=self.file, by_id=1)

    def addresses(self) -> dict[str, list[dict[str, Any]]]:
        """The rows for each named address."""
        return {name: [found] if isinstance(found, dict) else found for name, found in self._addresses().items()}

    def _addresses(self) -> dict[str, Any]:
        on_run = {"pk": self.run.pk, "class_run_pk": self.class_run.pk}
        of_day = {"pk": self.class_run.pk, "on": MONDAY.isoformat()}
        person, unit = {"pk": self.person.pk}, {"pk": self.organ.pk}
        return {
            "portal:answer": {"pk": Suggestion.objects.create(author=self.trainee, text="?", answer_due_on=MONDAY).pk},
            "base:notice": {"pk": Notice.objects.create(recipient_id=self.trainee.pk, kind="x", title="x").pk},
            **same(("base:job", "base:cancel_job"), {"pk": self._job("people.read")}),
            "people:bulk_slips": {"pk": self._job("people.open_accounts")},
            **same(
                ("obligations:draft", "obligations:sign_draft"),
                {"job_id": self._job("obligations.compare_policy", text=shipped_policy())},
            ),
            **self._of_programs(),
            **{
                f"people:{name}": person for name in ("person", "readings", "correct", "post", "promote", "end_service")
            },
            "people:close_posting": {"pk": self.person.postings.get().pk},
            **{f"people:{name}_unit": unit for name in ("rename", "move", "close", "edit")},
            "people:unit": unit,
            **self._imports(),
            **self._of_plans(),
            **self._of_account(),
            **self._of_obligations(),
            **{f"plans:{name}": {"pk": self.draft.pk} for name in ("class_run", "edit", "quotas", "eligible")},
            "plans:move": [{"pk": self.draft.pk, "deed": deed} for deed in ("open", "cancel", "draft", "copy")],
            **{
                f"callups:{name}": {"pk": self.run.pk}
                for name in (
                    *("run", "live", "change", "publish", "board", "people", "pins", "choose"),
                    *("beyond", "exceptions", "repair", "repair_seek"),
                )
            },
            "callups:repair_make": {"pk": self.run.pk, "job_pk": self._job("callups.repair")},
            "callups:burden_of": {"year": MONDAY.year, "unit_pk": self.organ.pk},
            **self._of_others(),
            **self._of_assessment(),
            **self._of_consequences(),
            **self._of_needs(),
            **self._of_survey(),
            **same(("callups:papers", "callups:papers_zip"), {"pk": self.run.pk}),
            "callups:move": [{"pk": self.run.pk, "deed": deed} for deed in ("solve", "stop", "copy", "drop", "papers")],
            "callups:unit": {"pk": self.run.pk, "unit_pk": self.organ.pk},
            **same(
                ("callups:compare", "callups:compare_classes", "callups:compare_units"),
                {"pk": self.run.pk, "other_pk": self.what_if.pk},
            ),
            "callups:cell": {**on_run, "unit_pk": self.organ.pk},
            **same(("callups:why", "callups:try_change"), {**on_run, "person_pk": self.person.pk}),
            **{
                f"callups:{name}": on_run
                for name in (
                    "class_list",
                    "left_out",
                    "waiting",
                    "pin",
                    "unpin",
                    "fill",
                    "find_people",
                    "invite_beyond",
                    "release_beyond",
                )
            },
            **same(("callups:latest", "callups:rules_read"), {"class_run_pk": self.class_run.pk}),
            "callups:paper": [{"pk": one.pk, "form": form} for one in self.papers for form in ("docx", "pdf")],
            "callups:template": {"kind": "class_run"},
            **same(("callups:decide", "callups:proof"), {"pk": self.reply.pk}),
            "callups:waive": {"pk": self.make_up.pk},
            **{
                f"callups:{name}": {"pk": self.callup.pk}
                for name in (
                    "callup",
                    "accept",
                    "rules",
                    "keep",
                    "leave",
                    "substitute",
                    "colleagues",
                    "withdraw",
                    "receipt",
                )
            },
            **self._of_teacher(),
            **{f"timetables:{name}": {"pk": self.draft.pk} for name in ("sessions", "lay_out", "create")},
            **same(("timetables:edit", "timetables:delete"), {"pk": self.class_run.pk, "session_pk": self.session.pk}),
            **{
                f"attendance:{name}": {"pk": self.register.pk}
                for name in ("register", "rest", "close", "projector", "code")
            },
            "attendance:mark": {"pk": self.register.pk, "callup": self.callup.pk},
            **{
                f"attendance:{name}": {"pk": self.class_run.pk}
                for name in ("class_run", "approvers", "open", "complete")
            },
            **{f"attendance:{name}": of_day for name in ("sheet", "sheet_file", "sheet_pdf", "bring_back")},
            **same(("attendance:mark_detail", "attendance:make_appeal"), {"pk": self.mark.pk}),
            **same(("classwork:groups", "classwork:draw", "classwork:handouts"), {"pk": self.class_run.pk}),
            **same(("classwork:lodging", "classwork:rooms", "classwork:lodging_book"), {"pk": self.class_run.pk}),
            "classwork:remove_room": {"pk": self.room.pk},
            **same(("classwork:stay", "classwork:put_into"), {"pk": self.callup.pk}),
            "classwork:material": {"pk": self.handout.material_id},
            **same(("classwork:handout", "classwork:move_copies"), {"pk": self.handout.pk}),
            "classwork:class_list": [{"pk": self.class_run.pk, "form": form} for form in ("docx", "pdf")],
            "attendance:ask_leave": {"callup": self.callup.pk},
            "attendance:leave": {"pk": self.leave.pk},
            "attendance:move_leave": [
                {"pk": self.leave.pk, "deed": deed} for deed in ("agree", "refuse", "cancel", "back")
            ],
            "attendance:withdrawal": {"pk": self.withdrawal.pk},
            "attendance:appeal": {"pk": self.appeal.pk},
            "attendance:proof": [
                {"kind": "leave", "pk": self.leave.pk},
                {"kind": "appeal", "pk": self.appeal.pk},
            ],
            "archive:unit_sheet": {"unit_pk": self.organ.pk},
            **same(("archive:record", "archive:record_pdf"), person),
            **same(("archive:check", "archive:check_pdf", "archive:check_book"), {"pk": self._check()}),
            **same(
                ("archive:extract", "archive:extract_file", "archive:extract_again", "archive:extract_destroy"),
                {"pk": self._extract()},
            ),
        }

    def _of_others(self) -> dict[str, Any]:
        """A list of another authority, one person on it, and a busy time of a unit."""
        brought = OutsideList.objects.create(file=self.file, by_id=self.owner.pk, state=OutsideList.State.READ)
        days = dict.fromkeys(("starts_on", "ends_on", "away_from", "away_to"), MONDAY)
        one = OutsideCallup.objects.create(
            person=self.person, caller="省委组织部", class_name="省班", by_id=self.owner.pk, brought_by=brought, **days
        )
        named = {"pk": brought.pk}
        busy = BusyTime.objects.create(
            unit=self.organ, from_on=MONDAY, to_on=MONDAY, reason="防汛", by_id=self.owner.pk
        )
        return {
            **same(("callups:busy_time", "callups:withdraw_busy"), {"pk": busy.pk}),
            **same(("callups:outside_callup", "callups:withdraw_outside"), {"pk": one.pk}),
            **same(("callups:outside_list", "callups:outside_problems"), named),
            "callups:move_outside_list": [{**named, "deed": deed} for deed in ("apply", "drop", "undo")],
        }

    def _of_assessment(self) -> dict[str, Any]:
        """An indicator system of the county, a draft of it, and an assessment of its school with a paper and an appeal."""
        document = rules.systems()["institution"][0]
        system = IndicatorSystem.objects.create(title="体系", of="institution", unit=self.there, by_id=self.owner.pk)
        made = {"system": system, "document": document}
        version = SystemVersion.objects.create(
            number=1, state=SystemVersion.State.PUBLISHED, published_at=timezone.now(), **made
        )
        draft = SystemVersion.objects.create(number=2, **made)
        assessment = Assessment.objects.create(
            version=version, institution=self.school, year=2026, report_due_on=MONDAY, by_id=self.owner.pk
        )
        result = AssessmentResult.objects.create(
            assessment=assessment, number=1, findings={}, hundredths=1, low=0, high=2, by_id=self.owner.pk
        )
        proof = Proof.objects.create(
            assessment=assessment, code="lessons", file=self.file, title="教案", by_id=self.owner.pk
        )
        appeal = AssessmentAppeal.objects.create(result=result, code="lessons", text="少算", by_id=self.owner.pk)
        task = Improvement.objects.create(
            institution=self.school,
            assessment=assessment,
            text="补齐教案",
            owner="教务处",
            due_on=MONDAY,
            by_id=self.owner.pk,
        )
        own, about = {"pk": assessment.pk}, {"pk": assessment.pk, "code": "lessons"}
        names = ("edit_system", "begin_system_draft", "drop_system_draft", "publish_system", "system")
        return {
            **{f"evaluations:{name}": {"pk": draft.pk} for name in names},
            "evaluations:compare": {"version": version.pk, "year": 2026},
            "evaluations:assessment": own,
            "evaluations:step": [{**own, "word": word} for word in ("report", "go_on", "tell", "file")],
            **same(("evaluations:judge", "evaluations:hand_in_proof", "evaluations:appeal_result"), about),
            "evaluations:proof": {**own, "proof": proof.pk},
            "evaluations:ask_improvement": own,
            "evaluations:quality_file": {"pk": self.school.pk},
            "evaluations:report_improvement": {"pk": task.pk},
            "evaluations:close_improvement": [{"pk": task.pk, "word": word} for word in ("good", "again")],
            "evaluations:decide_result_appeal": {**own, "appeal": appeal.pk},
        }

    def _of_consequences(self) -> dict[str, Any]:
        """A decision about the course that the session belongs to, and one about inviting its teacher, appealed against."""
        course = CourseDecision.objects.create(
            institution=self.school, title=self.session.title, choice="keep", reason="好", by=self.owner
        )
        decision = InvitationDecision.objects.create(
            teacher=self.teacher, unit=self.school, choice="talk", reason="沟通", by=self.owner
        )
        appeal = DecisionAppeal.objects.create(invitation=decision, text="不服", by=self.owner)
        cost = CostEntry.objects.create(
            class_run=self.class_run, category="venue", kind="spent", cents=100, on=MONDAY, by=self.owner
        )
        study = Study.objects.create(
            title="有效吗",
            outcome="学时",
            design="matched",
            source="upload",
            called=20,
            compared=20,
            smallest=0.9,
            unit=self.there,
            by=self.owner,
        )
        of_study = ("evaluations:study", "evaluations:bring_outcomes", "evaluations:read_outcomes")
        measured = tuple(f"evaluations:{name}" for name in ("measured", "enter_cost", "enter_gain"))
        return {
            **same(measured, {"pk": self.class_run.pk}),
            **same(of_study, {"pk": study.pk}),
            "evaluations:correct_cost": {"pk": cost.pk},
            **same(("evaluations:course", "evaluations:decide_course"), {"pk": self.session.pk}),
            **same(("evaluations:invitation", "evaluations:decide_invitation"), {"pk": self.teacher.pk}),
            "evaluations:appeal_invitation": {"pk": decision.pk},
            "evaluations:appeal_course": {"pk": course.pk},
            **same(("evaluations:appeal", "evaluations:answer_appeal"), {"pk": appeal.pk}),
        }

    def _of_needs(self) -> dict[str, Any]:
        """A framework with a draft after it, a survey being prepared, a priority, a problem, and needs as they were reckoned."""
        made = {"name": "能力框架", "unit": self.there, "by_id": self.owner.pk}
        framework = Framework.objects.create(**made, state="published", published_at=timezone.now())
        of = {"kind": "skill", "content": "ability"}
        competency = Competency.objects.create(framework=framework, code="A1", name="依法行政", **of)
        RequiredLevel.objects.create(framework=framework, competency=competency, level=3)
        draft = Framework.objects.create(**made, number=2)
        changed = Competency.objects.create(framework=draft, code="A1", name="依法行政", **of)
        line = RequiredLevel.objects.create(framework=draft, competency=changed, level=3)
        CompetencyLevel.objects.create(competency=changed, level=1, behaviour="知道")
        now = timezone.now()
        asked = {"year": 2027, "unit": self.there, "framework": framework, "by_id": self.owner.pk}
        days = {"opens_at": now, "closes_at": now + dt.timedelta(days=1)}
        survey = NeedsSurvey.objects.create(title="需求调研", sample=5, **days, **asked)
        running = NeedsSurvey.objects.create(title="在调", sample=5, state="open", invited=9, **days, **asked)
        stratum = Stratum.objects.create(survey=running, unit=self.organ, rank_group="township", people=9, asked=9)
        NeedsTicket.objects.create(survey=running, stratum=stratum, person=self.person, levels={str(competency.pk): 3})
        sheet = {"answers": {str(competency.pk): [4, 2, 3]}, "items": 1, "asked": 1}
        NeedsSheet.objects.create(survey=running, stratum=stratum, **sheet)
        NeedsText.objects.create(survey=running, rank_group="township", text="征地难")
        priority = Priority.objects.create(
            year=2027, title="全面依法治市", source="市委一号", weight=5, unit=self.there, by=self.owner
        )
        entered = {"year": 2027, "unit": self.organ, "kind": "blocked", "sort": "deep", "by": self.owner}
        problem = WorkProblem.objects.create(text="审批慢", **entered)
        WorkProblem.objects.create(text="审批不快", state="merged", merged_into=problem, **entered)
        evidence = {"year": 2027, "source": "hours", "key": "x", "n": 9, "value": 1, "weight": 1, "code": "hours_owed"}
        known = NeedsEvidence.objects.create(unit=self.there, **evidence)
        by = {"year": 2027, "framework": framework, "unit": self.there, "by": self.owner}
        reckoning = NeedsReckoning.objects.create(**by, state="ready", digest="0" * 64)
        need = Need.objects.create(reckoning=reckoning, competency=competency, rank_group="township", people=9, n=9)
        Want.objects.create(reckoning=reckoning, who="self", method="case", n=9, percent=50, lower=20, upper=80)
        forms = ("framework", "framework_book", "add_competency", "add_required")
        deeds = ("publish", "retire", "renew", "drop")
        return {
            **same(tuple(f"needs:{name}" for name in forms), {"pk": draft.pk}),
            "needs:move_framework": [{"pk": draft.pk, "deed": deed} for deed in deeds],
            **same(("needs:edit_competency", "needs:remove_competency"), {"pk": changed.pk}),
            "needs:remove_required": {"pk": line.pk},
            "needs:withdraw_priority": {"pk": priority.pk},
            "needs:survey": [{"pk": survey.pk}, {"pk": running.pk}],
            "needs:move_survey": [{"pk": survey.pk, "deed": deed} for deed in ("launch", "close", "drop", "remind")],
            "needs:move_evidence": [{"pk": known.pk, "deed": deed} for deed in ("withdraw", "restore")],
            **{
                f"needs:{name}": {"pk": problem.pk}
                for name in ("problem", "weigh_problem", "merge_problem", "answer_problem", "part_problem")
            },
            **same(("needs:needs", "needs:wants"), {"pk": reckoning.pk}),
            "needs:need": {"pk": need.pk},
        }

    def _of_survey(self) -> dict[str, Any]:
        """A form with a draft, a rule, and an open survey of the person who was called."""
        document = rules.templates()["class-run"].document
        now = timezone.now()
        form = Form.objects.create(title="问卷", subject="class_run", unit=self.there, by_id=self.owner.pk)
        published = FormVersion.objects.create(
            form=form, number=1, document=document, state="published", published_at=now
        )
        draft = FormVersion.objects.create(form=form, number=2, document=document)
        who = {"group": Group.TRAINEES, "by_id": self.owner.pk}
        rule = LaunchRule.objects.create(form=form, unit=self.there, from_on=MONDAY, **who)
        later = now + dt.timedelta(days=1)
        self.survey = Survey.objects.create(
            version=published, class_run=self.class_run, opens_at=now, closes_at=later, invited=1, **who
        )
        Ticket.objects.create(survey=self.survey, person=self.person)
        PaperNumber.objects.create(survey=self.survey, number="123456789")
        names = (
            *("survey", "prolong", "close", "remind", "results", "book"),
            *("go_to_paper", "sheets", "workbook", "bring_back"),
        )
        changing = ("version", "preview", "begin", "head", "publish", "drop")
        piece = {"pk": draft.pk, "block": 1}
        return {
            **{f"evaluations:{name}": {"pk": self.survey.pk} for name in names},
            **{f"evaluations:{name}": {"pk": draft.pk} for name in changing},
            **same(("evaluations:class_run", "evaluations:launch"), {"pk": self.class_run.pk}),
            "evaluations:report": [{"pk": self.class_run.pk, "form": form} for form in ("pdf", "docx")],
            "evaluations:stop_rule": {"pk": rule.pk},
            "evaluations:form": {"pk": form.pk},
            "evaluations:block": piece,
            "evaluations:item": {**piece, "item": 1},
            "evaluations:change": [{"pk": draft.pk, "deed": deed} for deed in ("up", "down", "remove")],
        }

    def _of_teacher(self) -> dict[str, Any]:
        names = ("teacher", "edit_teacher", "open_account", "retire_teacher", "take_teacher_back")
        of_teacher = same((*(f"resources:{name}" for name in names), "timetables:teacher"), {"pk": self.teacher.pk})
        return of_teacher | self._of_banks()

    def _of_banks(self) -> dict[str, Any]:
        """One row of each bank, kept by the school, and a list that was brought in; the vocabulary is the whole city's."""
        kept = {"institution": self.school}
        topic = Topic.objects.create(name="基层治理")
        textbook = Textbook.objects.create(title="读本", kind="local", **kept)
        Chapter.objects.create(textbook=textbook, number=1, title="概况", topic=topic)
        course = Course.objects.create(title="治理课", content="ability", flagship="proposed", **kept)
        practice = Practice.objects.create(title="议事法", conditions="有召集人", **kept)
        case = Case.objects.create(title="信访案例", content="ability", **kept)
        rows = {
            "courses": course,
            "cases": case,
            "sites": Site.objects.create(name="示范点", **kept),
            "textbooks": textbook,
            "practices": practice,
        }
        brought = BankList.objects.create(bank="courses", file=self.file, by_id=self.owner.pk)
        deeds = ("item", "edit", "retire", "back")
        return {
            **{f"resources:{bank}_{deed}": {"pk": row.pk} for bank, row in rows.items() for deed in deeds},
            **{f"resources:{deed}": {"pk": course.pk} for deed in ("propose", "review", "choose", "unchoose")},
            "resources:move_case": [{"pk": case.pk, "after": after} for after in ("writing", "review")],
            "resources:take_up": {"pk": practice.pk},
            "resources:chapter_topics": {"pk": textbook.pk},
            "resources:edit_topic": {"pk": topic.pk},
            "resources:retire_topic": {"pk": topic.pk},
            "resources:take_topic_back": {"pk": topic.pk},
            **same(("resources:list", "resources:list_problems"), {"pk": brought.pk}),
            "resources:move_list": [{"pk": brought.pk, "deed": deed} for deed in ("apply", "drop")],
        }

    def _check(self) -> int:
        check = PromotionCheck.objects.create(on=MONDAY, known_on=MONDAY, people=[self.person.pk], by_id=self.owner.pk)
        return check.pk

    def _extract(self) -> int:
        extract = Extract.objects.create(
            code="a11",
            title="A11",
            format="csv",
            on=MONDAY,
            known_at=timezone.now(),
            file=files.store(seal_bytes(b"secret", b"extract"), "a11.csv", "extract", by=self.owner),
            by_id=self.owner.pk,
        )
        return extract.pk

    def _job(self, kind: str, **arguments: str) -> uuid.UUID:
        job = Job.objects.create(
            kind=kind,
            label="x",
            owner_id=self.owner.pk,
            state=Job.State.DONE,
            arguments=arguments,
            result={"accounts": 1},
        )
        return job.pk

    def _imports(self) -> dict[str, Any]:
        roster = RosterImport.objects.create(
            file=self.file, on=MONDAY, scope_unit=self.there, by_id=self.owner.pk, state=RosterImport.State.READ
        )
        history = HistoryImport.objects.create(file=self.file, by_id=self.owner.pk, state=HistoryImport.State.READ)
        lists = {"pk": self.class_list.pk}
        return {
            "people:import": {"pk": roster.pk},
            "people:import_problems": {"pk": roster.pk},
            "people:import_deed": [{"pk": roster.pk, "deed": deed} for deed in ("apply", "drop", "roll-back")],
            "obligations:history_import": {"pk": history.pk},
            "obligations:history_problems": {"pk": history.pk},
            "obligations:history_deed": [{"pk": history.pk, "deed": deed} for deed in ("book", "drop")],
            "plans:import": lists,
            "plans:problems": lists,
            "plans:move_import": [{**lists, "deed": deed} for deed in ("apply", "drop", "plan")],
        }

    def _of_plans(self) -> dict[str, Any]:
        """A draft and a plan in force, whose line is not frozen so that it can be filled with attacks."""
        draft = factories.make_annual_plan(self.there, self.owner)
        factories.make_plan_line(draft)
        force = factories.make_annual_plan(
            self.there, self.owner, state=AnnualPlan.State.APPROVED, approved_at=timezone.now(), digest="0" * 64
        )
        line = factories.make_plan_line(force, institution=self.school)
        comment = PlanComment.objects.create(plan=draft, unit=self.organ, text="建议提前", by=self.owner)
        change = PlanChange.objects.create(plan=force, kind="strike", line=line, reason="压减", by=self.owner)
        programme = {"pk": factories.make_programme(self.there, self.owner).pk}
        capacity = Capacity.objects.create(institution=self.school, year=2027, term=2, runs_at_once=2, seats=90)
        first, second = {"pk": draft.pk}, {"pk": force.pk}
        factories.make_plan_line(draft)
        edit = PlanEdit.objects.create(plan=draft, kind="move", by=self.owner)
        trial = {**first, "key": PlanTry.objects.create(plan=draft, asked={"money": -10}, by=self.owner).pk}
        pair = {**first, "first": 1, "second": 2}
        of_draft = "plan edit_plan drop_plan propose_lines comments open_comments rework_plan approval add_line line_sums tries rest_on_needs".split()
        of_force = "changes add_change execution plan_calendar review".split()
        of_lines = "line change_line strike_line make_runs spend".split()
        return {
            **{f"plans:{name}": first for name in of_draft},
            **{f"plans:{name}": second for name in of_force},
            **{
                f"plans:{name}": {**first, "number": 1}
                for name in ("edit_line", "move_line", "remove_line", "line_evidence")
            },
            **same(("plans:try", "plans:take_try"), trial),
            "plans:undo_edit": {**first, "edit": edit.pk},
            "plans:judge_alike": [{**pair, "deed": deed} for deed in ("merge", "apart", "again")],
            **{f"plans:{name}": {**second, "number": 1} for name in of_lines},
            "plans:plan_paper": [{**second, "kind": kind} for kind in ("pdf", "docx", "xlsx")],
            "plans:move_plan": [{**first, "deed": deed} for deed in ("submit", "approve", "return")],
            "plans:answer_comment": {**first, "comment": comment.pk},
            "plans:decide_change": [{**second, "change": change.pk, "deed": deed} for deed in ("approve", "refuse")],
            "plans:programme": programme,
            "plans:move_programme": [{**programme, "deed": deed} for deed in ("retire", "take-up")],
            "plans:capacity": {"pk": capacity.pk},
        }

    def _of_programs(self) -> dict[str, Any]:
        standing = Standing.objects.create(
            person=self.person,
            policy=install_policy(shipped_policy()),
            rule="x",
            on=MONDAY,
            window_opens=MONDAY,
            window_closes=MONDAY,
            required_tenths=1,
            counted_tenths=0,
            missing_tenths=1,
            capped_tenths=0,
            state=Standing.State.SHORT,
        )
        soon = timezone.localdate() + dt.timedelta(days=9)
        return {
            **same(("api:person", "api:postings"), {"person_id": self.person.pk}),
            **same(("api:register", "api:marks"), {"register_id": self.register.pk}),
            **same(("api:class_run", "api:quotas"), {"class_run_id": self.draft.pk}),
            "api:standing": {"standing_id": standing.pk},
            "api:callup": {"callup_id": self.callup.pk},
            "people:revoke_token": {"pk": create_token("x", expires_on=soon, by=self.owner)[0].pk},
        }

    def _of_account(self) -> dict[str, Any]:
        account = {"pk": self.owner.pk}
        named = same(("people:account", "people:edit_account", "people:reset_password"), account)
        return {**named, "people:switch_account": {**account, "on": 0}}

    def _of_obligations(self) -> dict[str, Any]:
        entry = factories.make_entry(self.person, MONDAY, 30)
        exemption = Exemption.objects.create(
            person=self.person, rule="x", from_on=MONDAY, to_on=MONDAY, reason="病", recorded_at=timezone.now()
        )
        outside = ExternalTraining.objects.create(
            person=self.person,
            title="讲座",
            began_on=MONDAY,
            ended_on=MONDAY,
            tenths=30,
            channel="offjob",
            organiser="省委党校",
            evidence=self.file,
            asked_by_id=self.owner.pk,
        )
        external = {"pk": outside.pk}
        appeal = EntryAppeal.objects.create(
            person=self.person, entry=entry, claims_tenths=60, text="漏记", evidence=self.file, by_id=self.trainee.pk
        )
        compared = self._job("obligations.compare_policy", text=shipped_policy())
        return {
            **{
                f"obligations:{name}": {"pk": self.person.pk}
                for name in ("standing", "hindsight", "ledger", "merge_ledgers")
            },
            "obligations:appeal_entry": {"pk": entry.pk},
            **same(("obligations:entry_appeal", "obligations:appeal_evidence"), {"pk": appeal.pk}),
            "obligations:effects": {"job_id": compared},
            "obligations:effect": {"job_id": compared, "pk": self.person.pk},
            "obligations:reverse": {"pk": entry.pk},
            "obligations:withdraw": {"pk": exemption.pk},
            **same(("obligations:external_training", "obligations:evidence"), external),
            "obligations:decide_external": [{**external, "deed": deed} for deed in ("confirm", "refuse")],
        }
