"""The resource banks: invented people and places, kinds of titles as they are usual, and timetables of class runs that were held without registers here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import cycle

import numpy as np

from zhixing.base.load import load
from zhixing.demo.annual import COVERS
from zhixing.people.models import Account, Role, Unit
from zhixing.plans.models import ClassRun
from zhixing.resources import actions
from zhixing.resources.models import Case, Course, Method, Teacher, Textbook, Topic
from zhixing.timetables.actions import TIMES, half_days, share_out
from zhixing.timetables.models import Session

MORE_COVERS = {"舆情应对": "D9 F4", "公文写作": "D5", "招商引资": "E6"}
"""The competencies of topics that are no theme of a class."""
PRIORITIES, SURVEY = "市委年度干部教育培训工作要点", "年度培训需求调研报告"
TOPICS = (
    ("党的创新理论", "knowledge", PRIORITIES), ("党性修养", "quality", PRIORITIES), ("履职能力", "skill", SURVEY), ("乡村振兴", "skill", PRIORITIES),
    ("基层治理", "skill", SURVEY), ("数字化能力", "skill", SURVEY), ("依法行政", "knowledge", PRIORITIES), ("防范风险", "skill", PRIORITIES),
    ("高质量发展", "knowledge", PRIORITIES), ("党的建设", "quality", PRIORITIES), ("舆情应对", "skill", SURVEY), ("公共服务", "skill", ""),
    ("生态文明", "knowledge", PRIORITIES), ("国企改革", "knowledge", ""), ("初任培训", "quality", ""), ("公文写作", "skill", ""),
    ("招商引资", "skill", SURVEY), ("传统文化", "quality", ""),
)  # fmt: skip
"""Name, kind of gap, and where the need is stated."""
TEACHERS = (
    ("贺部长", "leader", "党的建设", "none"), ("江书记", "leader", "基层治理", "none"), ("钟局长", "leader", "依法行政", "none"),
    ("田局长", "leader", "高质量发展", "none"), ("裴教授", "expert", "党的创新理论", "senior"), ("容教授", "expert", "数字化能力", "senior"),
    ("岳研究员", "expert", "生态文明", "vice"), ("陶院士", "expert", "高质量发展", "noted"), ("卫老师", "school", "党性修养", "vice"),
    ("管老师", "school", "党的创新理论", "vice"), ("阮老师", "school", "履职能力", "vice"), ("柏老师", "school", "党的创新理论", "senior"),
    ("章老师", "school", "公文写作", "vice"), ("游老师", "school", "防范风险", "vice"), ("龙书记", "village", "乡村振兴", "none"),
    ("白书记", "village", "基层治理", "none"),
)  # fmt: skip
COURSES = (
    ("开班式与专题导学", "political", "lecture", "履职能力"), ("党的创新理论的体系与方法", "theory", "lecture", "党的创新理论"),
    ("中国式现代化的地方实践", "theory", "lecture", "高质量发展"), ("案例教学：一件信访积案的化解", "ability", "case", "基层治理"),
    ("沙盘模拟：突发事件处置", "ability", "simulation", "防范风险"), ("现场教学：基层治理示范点", "ability", "site", "基层治理"),
    ("依法行政与风险防范", "ability", "lecture", "依法行政"), ("分组研讨：难点堵点痛点", "ability", "seminar", "履职能力"),
    ("数字政府建设实务", "ability", "lecture", "数字化能力"), ("交流汇报与结业式", "political", "seminar", "履职能力"),
    ("党章党规党纪专题辅导", "party_spirit", "lecture", "党的建设"), ("党性分析与民主生活会", "party_spirit", "seminar", "党性修养"),
    ("重温入党誓词：红色教育现场教学", "party_spirit", "site", "党性修养"), ("乡村产业发展的路径", "ability", "lecture", "乡村振兴"),
    ("驻村蹲点调研", "ability", "research", "乡村振兴"), ("政务数据共享案例分析", "ability", "case", "数字化能力"),
    ("行政复议与应诉模拟法庭", "ability", "simulation", "依法行政"), ("优化营商环境面对面访谈", "ability", "interview", "高质量发展"),
    ("意识形态工作责任制", "political", "lecture", "党的建设"), ("国史党史专题讲座", "theory", "lecture", "党的创新理论"),
    ("公文写作规范", "ability", "lecture", "公文写作"), ("传统文化与为政之德", "party_spirit", "lecture", "传统文化"),
    ("生态环境保护督察整改", "ability", "case", "生态文明"), ("国有企业治理结构", "ability", "lecture", "国企改革"),
    ("网络课程：新发展理念", "theory", "online", "高质量发展"), ("政治能力专题训练", "political", "seminar", "党性修养"),
)  # fmt: skip
OTHER_TITLES = ("自学与读书", "形势报告会", "健康知识讲座", "学员论坛")
"""Sessions of which no course of the bank is known."""
CASES = (
    ("老旧小区加装电梯的协商之路", "ability", "基层治理", 5), ("一件信访积案的化解", "ability", "基层治理", 5),
    ("山洪预警后的六小时", "ability", "防范风险", 5),
    ("一枚印章管审批", "ability", "数字化能力", 4), ("产业园招商的得与失", "ability", "高质量发展", 3), ("村级账目公开的争议", "ability", "乡村振兴", 2),
    ("一次行政应诉的复盘", "ability", "依法行政", 1), ("党员突击队组建记", "party_spirit", "党的建设", 0),
)  # fmt: skip
"""Title, content block, topic, and how many steps of its way it has gone."""
SITES = (
    ("云岚革命纪念馆", "云岚市新城路1号", 120, 15, "党性修养"), ("西河社区治理示范点", "西河街道", 60, 20, "基层治理"),
    ("青石村产业基地", "青石镇青石村", 50, 55, "乡村振兴"), ("市大数据中心", "高新区数谷路8号", 40, 25, "数字化能力"),
    ("市应急指挥中心", "人民路66号", 30, 10, "防范风险"), ("云湖湿地修复点", "云湖县", 80, 70, "生态文明"),
    ("市法院模拟法庭", "法治路3号", 60, 15, "依法行政"),
)  # fmt: skip
PRACTICES = (
    ("“板凳会”议事法", "基层治理", "适用于熟人社区；须有一名威信较高的召集人，议题不超过两个。"),
    ("训前一张需求清单", "履职能力", "单位联络员在开班前20天汇总；每人不超过三条，院校逐条答复。"),
    ("结业后一件事跟踪", "党的建设", "适用于五天以上班次；须由派出单位分管领导签字确认。"),
    ("送课下乡“点单制”", "乡村振兴", "乡镇有固定教学场所；课程库不少于20门，提前两周点单。"),
)
VENUES = ("一号楼报告厅", "二号楼201教室", "二号楼302教室")
WAY = (Case.State.WRITING, Case.State.REVIEW, Case.State.TRIAL, Case.State.PUBLISHED)
MIXES = (
    ("lecture",) * 6 + ("case", "seminar"),
    ("lecture",) * 4 + ("site", "seminar", "case", "simulation"),
    ("lecture",) * 9 + ("seminar",),
    ("lecture",) * 3 + ("research", "interview", "seminar", "case", "online"),
)
"""How a class run may be taught: most are lectures."""
NAMED_SHARE, COURSE_SHARE = 0.9, 0.75
"""Of the sessions, how many name their teacher, and their course."""


def make_banks(rng: np.random.Generator, on: dt.date) -> None:
    """Written by the apps' own actions, but for the timetables, which are rows."""
    admin = Account.objects.get(username="zuzhibu")
    school = Unit.objects.get(accounts__username="dangxiao")
    office = Account.objects.get(username="dangxiao")
    others = list(Account.objects.filter(role=Role.SCHOOL, scope_unit=school).exclude(pk=office.pk).order_by("pk"))
    topics = {
        name: actions.save_topic({"name": name, "gap": gap, "stated_in": stated}, by=admin)
        for name, gap, stated in TOPICS
    }
    teachers = _teachers(school, topics)
    cases = _cases(school, topics, office, others[0])
    textbooks = _textbooks(admin, topics)
    courses = _courses(school, topics, teachers, cases, textbooks, office)
    _flagships(courses, office, others, admin)
    for name, address, seats, minutes, topic in SITES:
        facts = {"name": name, "address": address, "seats": seats, "minutes": minutes, "institution": None}
        actions.save_site({**facts, "topics": [topics[topic]]}, by=admin)
    _practices(topics, admin, on)
    _timetables(rng, courses, teachers)


def link_topics() -> None:
    """Once the framework is published: what the classes of a theme cover, and some more."""
    admin = Account.objects.get(username="zuzhibu")
    for topic in Topic.objects.filter(name__in=[*COVERS, *MORE_COVERS]):
        codes = MORE_COVERS.get(topic.name) or COVERS[topic.name]
        actions.save_topic({"competencies": codes.split()}, by=admin, topic=topic)


def _teachers(school: Unit, topics: dict[str, Topic]) -> dict[str, list[Teacher]]:
    """By topic, those whom the accounts brought too."""
    by_topic: dict[str, list[Teacher]] = {name: [] for name in topics}
    for name, group, topic, fee in TEACHERS:
        keeper = school if group == "school" else None
        made = Teacher.objects.create(
            name=name, group=group, institution=keeper, topics=topic, fee_class=fee, levels=["section", "staff"]
        )
        made.listed_topics.add(topics[topic])
        by_topic[topic].append(made)
    known = {
        "苏教授": ("党的创新理论", "基层治理"),
        "秦主任": ("高质量发展",),
        "孟教授": ("数字化能力",),
        "郝老师": ("依法行政",),
        "石书记": ("乡村振兴",),
    }
    for teacher in Teacher.objects.filter(name__in=known):
        teacher.listed_topics.set(topics[one] for one in known[teacher.name])
        for one in known[teacher.name]:
            by_topic[one].append(teacher)
    return by_topic


def _cases(school: Unit, topics: dict[str, Topic], office: Account, second: Account) -> dict[str, Case]:
    made = {}
    for title, content, topic, steps in CASES:
        facts = {"title": title, "content": content, "institution": school, "source": "本市近年工作实例（已作处理）"}
        case = actions.save_case(
            {**facts, "summary": "按“情境—矛盾—选择—结果”编写。", "topics": [topics[topic]]}, by=office
        )
        for after in WAY[:steps]:
            by = second if case.state == Case.State.REVIEW else office
            actions.move_case(
                case, after, "科级班试讲两次，学员讨论充分" if after == Case.State.PUBLISHED else "", by=by
            )
        made[title] = case
    return made


def _textbooks(admin: Account, topics: dict[str, Topic]) -> list[Textbook]:
    """The national set as four theory and five case volumes, of which no source gives the titles (domain.md S15), and local ones."""
    chapters = ("导论", "理论逻辑", "历史逻辑", "实践要求", "本地实践思考")
    made = []
    for kind, count, name in (("theory", 4, "理论教材"), ("cases", 5, "案例选编")):
        for number in range(1, count + 1):
            title = f"全国干部学习培训教材·{name}（第{number}册，书名待核）"
            facts = {"title": title, "kind": kind, "edition": "第六批", "institution": None}
            lines = chapters if kind == "theory" else [f"案例{n}" for n in range(1, 7)]
            made.append(actions.save_textbook(facts, by=admin, chapters=lines))
    for title, topic in (("云岚市基层治理案例读本", "基层治理"), ("云岚市乡村振兴实务", "乡村振兴")):
        local_facts = {"title": title, "kind": "local", "edition": "2025年版", "year": 2025, "institution": None}
        local = actions.save_textbook(local_facts, by=admin, chapters=["概况", "做法", "启示"])
        actions.set_chapter_topics(local, dict.fromkeys((1, 2, 3), topics[topic].pk), by=admin)
        made.append(local)
    return made


def _courses(
    school: Unit,
    topics: dict[str, Topic],
    teachers: dict[str, list[Teacher]],
    cases: dict[str, Case],
    textbooks: Sequence[Textbook],
    office: Account,
) -> list[Course]:
    made = []
    books = cycle(textbooks)
    for title, content, method, topic in COURSES:
        named = [case for name, case in cases.items() if name in title and case.state == Case.State.PUBLISHED]
        facts = {
            "title": title, "content": content, "method": method, "institution": school, "tenths": 35, "levels": ["section", "staff"],
            "outline": "一、为什么学\n二、学什么\n三、怎么用\n四、讨论与作业", "topics": [topics[topic]], "teachers": teachers[topic], "cases": named,
            "textbooks": [next(books)] if content == "theory" else [],
        }  # fmt: skip
        made.append(actions.save_course(facts, by=office))
    revised = {"outline": "一、形势与要求\n二、方法与工具\n三、案例研讨\n四、行动计划"}
    actions.save_course(revised, by=office, course=made[8], note="增加案例研讨")
    return made


def _flagships(courses: Sequence[Course], office: Account, others: Sequence[Account], admin: Account) -> None:
    """One chosen, one that waits for the department, one that waits for reviews."""
    for course, reviews, chosen in ((courses[3], 2, True), (courses[4], 2, False), (courses[8], 1, False)):
        course.refresh_from_db()
        actions.propose_flagship(course, "学员评价稳定，可供其他班次选用", by=office)
        for reviewer in others[:reviews]:
            actions.review_course(course, True, "结构完整，互动充分", by=reviewer)
        if chosen:
            actions.choose_flagship(course, True, "两名评审均同意", by=admin)


def _practices(topics: dict[str, Topic], admin: Account, on: dt.date) -> None:
    units = list(Unit.objects.exclude(parent=None).filter(kind=Unit.Kind.ORGAN).order_by("path")[:6])
    for number, (title, topic, conditions) in enumerate(PRACTICES):
        facts = {"title": title, "conditions": conditions, "origin": units[number], "institution": None}
        made = actions.save_practice({**facts, "text": "先试点，后总结，再推开。", "topics": [topics[topic]]}, by=admin)
        for unit in units[number + 1 : number + 3] if number < 2 else ():
            # ``on`` may lie ahead of the day on which the city is made
            made.uptakes.create(unit=unit, on=on - dt.timedelta(days=60), note="运行平稳", by=admin)


FIELDS = "class_run on half begins_at ends_at title method bank_course teacher venue tenths".split()


def _timetables(rng: np.random.Generator, courses: Sequence[Course], teachers: dict[str, list[Teacher]]) -> None:
    """Of class runs that are over and have none: each of one mix of methods, its courses by those who teach their topics."""
    by_method: dict[str, list[Course]] = {method: [] for method in Method.values}
    for course in courses:
        by_method[course.method].append(course)
    able = {course.pk: [one for topic in course.topics.all() for one in teachers[topic.name]] for course in courses}
    everybody = list(Teacher.objects.order_by("pk"))
    sites = [name for name, *_facts in SITES]
    rows = []
    for class_run in ClassRun.objects.filter(state=ClassRun.State.HELD, sessions=None).order_by("pk"):
        mix = MIXES[int(rng.choice(len(MIXES), p=[0.4, 0.25, 0.25, 0.1]))]
        halves = list(half_days(class_run.starts_on, class_run.ends_on))
        for (day, half), tenths in zip(halves, share_out(class_run.tenths, len(halves)), strict=True):
            method = mix[int(rng.integers(len(mix)))]
            course = by_method[method][int(rng.integers(len(by_method[method])))]
            names_course = rng.random() < COURSE_SHARE
            some = able[course.pk] or everybody
            # most is asked of the first of each topic
            teacher = some[min(int(rng.geometric(0.6)) - 1, len(some) - 1)] if rng.random() < NAMED_SHARE else None
            title = course.title if names_course else OTHER_TITLES[int(rng.integers(len(OTHER_TITLES)))]
            venue = sites[int(rng.integers(len(sites)))] if method == "site" else VENUES[int(rng.integers(len(VENUES)))]
            begins, ends = TIMES[half]
            rows.append(
                (
                    class_run.pk, day.isoformat(), str(half), begins.isoformat(), ends.isoformat(), title, method,
                    course.pk if names_course else None, teacher.pk if teacher else None, venue, tenths,
                )
            )  # fmt: skip
    load(Session, FIELDS, rows)
