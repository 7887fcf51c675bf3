"""What followed from evaluation: courses kept, mended or dropped, an invitation, appeals; costs and tests of class runs; final results of the years before."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q

from zhixing.engine.indicators import Finding, Kind, score
from zhixing.evaluations import actions
from zhixing.evaluations.models import (
    Assessment,
    AssessmentResult,
    CostEntry,
    CourseDecision,
    Improvement,
    InvitationDecision,
    Judgement,
    SystemVersion,
)
from zhixing.evaluations.queries.taught import NOTHING, Course, Evidence, Rated, rated_where, raw_of
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Teacher

COSTED, TESTED = 12, 4
SPENT = {
    CostEntry.Category.TEACHING: 9_000_00,
    CostEntry.Category.LODGING: 14_000_00,
    CostEntry.Category.MEALS: 11_000_00,
    CostEntry.Category.MATERIALS: 2_400_00,
}
"""About what a class run of a week costs, in cents."""
DECISIONS = (
    ("keep", "学员反映好，连续多期评价稳定，继续开设。"),
    ("fix", "案例陈旧，须更新近两年案例并增加研讨。"),
    ("drop", "与另一门课内容重复，拟停开并入。"),
)
TO_MEND = (
    ("补齐集体备课记录，每门课不少于一次", "教务处", 45),
    ("更新党性教育现场教学点讲解词", "党性教育教研室", -12),
)


def make_consequences(rng: np.random.Generator, on: dt.date) -> None:
    """As it all stands on ``on``; written by the actions, but for what lies in the past."""
    admin = Account.objects.get(username="zuzhibu")
    school = Account.objects.select_related("scope_unit").get(username="dangxiao")
    assert school.scope_unit is not None  # the login of an institution
    for ago in (2, 1):
        _assessed_before(rng, admin, on, ago)
    _costs(rng, admin, on)
    _tests(rng, admin, on)
    _courses(admin, school, school.scope_unit, on)
    _invitation(school, school.scope_unit, on)


def _courses(admin: Account, school: Account, unit: Unit, on: dt.date) -> None:
    """Three decisions of the department, as rows, for the action asks whether days are past by the day on which the city is made; the school appeals against
    two, a colleague of the department has answered one."""
    known = _known(unit)
    titles = sorted(known, key=lambda one: (-known[one].sheets, one))[: len(DECISIONS)]
    appeals = []
    for title, (choice, reason) in zip(titles, DECISIONS, strict=False):
        mends = choice == "fix"
        made = CourseDecision.objects.create(
            institution=unit,
            title=title,
            choice=choice,
            reason=reason,
            owner="教务处" if mends else "",
            due_on=on + dt.timedelta(days=60) if mends else None,
            evidence=known[title].kept(),
            unit=admin.scope_unit,
            by=admin,
        )
        if choice != "keep":
            grounds = (
                "两门课对象和学时不同，附教学大纲对照。" if choice == "drop" else "案例已于本学期更新，请重新评估。"
            )
            appeals.append(actions.appeal_decision(made, grounds, by=school))
    colleague = Account.objects.filter(role=Role.DEPARTMENT, scope_unit=admin.scope_unit).exclude(pk=admin.pk).first()
    if appeals and colleague is not None:
        reason = "已核对新案例，情况属实，保留课程。"
        actions.answer_appeal(appeals[0], "keep", reason, evidence=NOTHING, by=colleague)


def _known(unit: Unit) -> dict[str, Evidence]:
    """Means of the school's courses as they stand; the model that corrects them is fitted when somebody looks."""
    own: dict[Course, list[Rated]] = {}
    for one in rated_where(Q()):
        own.setdefault(one.course, []).append(one)
    return {
        course.title: Evidence(len(sessions), raw_of(sessions))
        for course, sessions in own.items()
        if course.institution == unit.pk
    }


def _invitation(school: Account, unit: Unit, on: dt.date) -> None:
    """The demonstration teacher is told to talk first, and may appeal."""
    teacher = Teacher.objects.get(account__username="jiaoshi")
    held = teacher.sessions.filter(class_run__institution=unit, on__lt=on)
    if not held.filter(class_run__state__in=(ClassRun.State.RUNNING, ClassRun.State.HELD)).exists():
        return
    reason = "授课受欢迎，望增加案例研讨，请先沟通。"
    InvitationDecision.objects.create(
        teacher=teacher, unit=unit, choice="talk", reason=reason, evidence=NOTHING.kept(), by=school
    )


def _costs(rng: np.random.Generator, admin: Account, on: dt.date) -> None:
    held = ClassRun.objects.filter(state=ClassRun.State.HELD, year=on.year).order_by("-ends_on", "pk")[:COSTED]
    CostEntry.objects.bulk_create(
        CostEntry(class_run=run, category=category, kind=kind, cents=round(cents * part), on=run.ends_on, by=admin)
        for run in held
        for category, cents in SPENT.items()
        for kind, part in ((CostEntry.Kind.PLANNED, 1.0), (CostEntry.Kind.SPENT, float(rng.normal(0.96, 0.08))))
    )


def _tests(rng: np.random.Generator, admin: Account, on: dt.date) -> None:
    """Before and after; the last of them brought nothing that chance could not have."""
    held = ClassRun.objects.filter(state=ClassRun.State.HELD, year=on.year, institution__isnull=False)
    for number, run in enumerate(held.order_by("-ends_on", "pk")[:TESTED]):
        able = rng.normal(68, 8, 30)
        gained = 0.5 if number == TESTED - 1 else float(rng.normal(9, 2))
        pairs = zip(able + rng.normal(0, 4, 30), able + gained + rng.normal(0, 4, 30), strict=True)
        lines = (f"{_mark(before)},{_mark(after)}" for before, after in pairs)
        sheet = SimpleUploadedFile("scores.csv", ("前测,后测\n" + "\n".join(lines)).encode())
        actions.enter_gain(run, sheet, most=100, note="结业前后测", by=admin)


def _mark(value: float) -> int:
    return int(np.clip(round(value), 0, 100))


def _assessed_before(rng: np.random.Generator, admin: Account, on: dt.date, ago: int) -> None:
    """Every institution was assessed so many years ago; last year the first one was asked to mend two things."""
    version = SystemVersion.objects.filter(system__of="institution", state=SystemVersion.State.PUBLISHED).first()
    reviewer = Account.objects.filter(username="reviewer-1").first()
    if version is None or reviewer is None:
        return
    for number, school in enumerate(Unit.objects.filter(kind=Unit.Kind.SCHOOL).order_by("pk")):
        made = Assessment.objects.create(
            version=version,
            institution=school,
            year=on.year - ago,
            state=Assessment.State.FINAL,
            report_due_on=on - dt.timedelta(days=365 * ago - 35),
            appeal_until=on - dt.timedelta(days=365 * ago - 85),
            by_id=admin.pk,
        )
        _told(rng, made, reviewer, admin)
        if number == 0 and ago == 1:
            for text, owner, days in TO_MEND:
                due = on + dt.timedelta(days=days)
                Improvement.objects.create(
                    institution=school, assessment=made, text=text, owner=owner, due_on=due, by_id=admin.pk
                )


def _told(rng: np.random.Generator, made: Assessment, reviewer: Account, admin: Account) -> None:
    """Judged indicators alone: the figures of that year were not kept here."""
    tree = made.version.tree
    findings: dict[str, Finding] = {}
    for indicator in tree.indicators:
        percent = int(np.clip(round(float(rng.normal(80, 7))), 60, 100))
        findings[indicator.code] = Finding(Fraction(percent, 100), 0.03)
        if indicator.kind is Kind.JUDGED:
            Judgement.objects.create(assessment=made, code=indicator.code, account=reviewer, percent=percent)
    found = score(tree, findings)
    AssessmentResult.objects.create(
        assessment=made,
        number=1,
        findings={code: [str(one.share), one.half] for code, one in findings.items()},
        hundredths=round(100 * found.earned),
        low=round(100 * found.low),
        high=round(100 * found.high),
        level=found.level,
        by_id=admin.pk,
    )
