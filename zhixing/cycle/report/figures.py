"""What the report shows, as plain values that the template lays out."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.safestring import SafeString

from zhixing.base.tables.sentences import row_problem
from zhixing.callups.sentences import code_label
from zhixing.cycle.make_ups import MADE_UP, OPEN, PLANNED, state_of
from zhixing.cycle.outcome import Outcome
from zhixing.cycle.report.drawing import Part, area, bar
from zhixing.cycle.standings import STATES
from zhixing.engine.sheets.faults import Treatment
from zhixing.obligations.models import Channel

STATE_WORDS = {"met": "已完成", "on_track": "进度正常", "short": "进度滞后", "overdue": "已逾期", "exempt": "免训"}
CHANNEL_WORDS = {
    Channel.OFFJOB: "脱产",
    Channel.CONCENTRATED: "其他集中",
    Channel.ONLINE: "网络",
    Channel.STUDY_GROUP: "中心组",
    Channel.SELF_STUDY: "自学",
    Channel.TEACHING: "授课",
}
OWING = ("short", "overdue")
UNITS_SHOWN = 15
FAULTS_SHOWN = 12
YEARS_SHOWN = 6
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """One line of a chart: its name, its bar, and the figures behind it."""

    name: str
    bar: SafeString
    figures: Sequence[str]
    note: str = ""
    flag: str = ""


def count(number: float) -> str:
    return f"{number:,.0f}"


def share(part: float, whole: float) -> str:
    return f"{part / whole * 100:.1f}%" if whole else "—"


def states_by_rule(outcome: Outcome) -> list[Line]:
    """For each rule of the policy how many people are in which state."""
    titles = {rule.code: rule.title or rule.code for rule in reversed(outcome.standings.policy.rules)}
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in outcome.standings.rows:
        counts[row[1]][row[-1]] += 1
    return [
        Line(titles.get(rule, rule), _states(states), [count(states[state]) for state in STATES], rule)
        for rule, states in sorted(counts.items())
    ]


def _states(states: Counter[str]) -> SafeString:
    parts = [Part(STATE_WORDS[state], states[state], state.replace("_", "-")) for state in STATES]
    return bar(parts, states.total())


def owing_units(outcome: Outcome) -> list[Line]:
    """The units in which most people miss hours, and how many that is of all who owe any."""
    roster = outcome.books.roster
    owing = {row[0] for row in outcome.standings.rows if row[-1] in OWING}
    everyone = {row[0] for row in outcome.standings.rows}
    missing = Counter(roster.members[person - 1].unit for person in owing)
    of = Counter(roster.members[person - 1].unit for person in everyone)
    most = max(missing.values(), default=0)
    ordered = sorted(missing.items(), key=lambda item: (-item[1], item[0]))[:UNITS_SHOWN]
    return [
        Line(roster.units[unit], bar([Part("欠学时", people, "short")], most), [count(people), share(people, of[unit])])
        for unit, people in ordered
    ]


def class_runs(outcome: Outcome) -> list[Line]:
    """How the seats of each class are filled."""
    called = Counter(callup.class_run_id for callup in outcome.calling.callups)
    lines = []
    for pk, row in enumerate(outcome.books.classes.rows, start=1):
        short = max(0, (row.seats_min or 0) - called[pk])
        parts = [Part("已调", called[pk], "accent"), Part("空额", row.seats - called[pk], "empty")]
        flag = f"低于下限 {short} 人" if short else ""
        days = f"{row.starts_on} 至 {row.ends_on:%m-%d}"
        lines.append(Line(row.name, bar(parts, row.seats), [count(called[pk]), count(row.seats)], days, flag))
    return lines


def away_by_week(outcome: Outcome) -> SafeString:
    """How many people are in a class in each week of the classes."""
    rows = outcome.books.classes.rows
    if not rows:
        return SafeString("")
    first = min(row.starts_on for row in rows)
    first -= dt.timedelta(days=first.weekday())
    weeks = (max(row.ends_on for row in rows) - first).days // 7 + 1
    away: list[set[int]] = [set() for _ in range(weeks)]
    for callup in outcome.calling.callups:
        row = rows[callup.class_run_id - 1]
        for week in range((row.starts_on - first).days // 7, (row.ends_on - first).days // 7 + 1):
            away[week].add(callup.person_id)
    mondays = [first + WEEK * week for week in range(weeks)]
    points = [(f"{monday} 当周", len(people)) for monday, people in zip(mondays, away, strict=True)]
    return area("每周参训人数", points, _months(mondays))


def _months(mondays: Sequence[dt.date]) -> list[tuple[int, str]]:
    """The first week of each month; only every other one, or every sixth, when there are many."""
    firsts = [place for place, monday in enumerate(mondays) if monday.day <= 7]
    every = 1 if len(firsts) <= 14 else 2 if len(firsts) <= 28 else 6
    return [(place, f"{mondays[place].month}月") for place in firsts[::every]]


def reasons(outcome: Outcome) -> list[Line]:
    """Why eligible people are left out of a class."""
    ordered = sorted(outcome.left_out.items(), key=lambda item: (-item[1], item[0]))
    whole = sum(outcome.left_out.values())
    most = max(outcome.left_out.values(), default=0)
    return [
        Line(str(code_label(code)), bar([Part("人次", pairs, "quiet")], most), [count(pairs), share(pairs, whole)])
        for code, pairs in ordered
    ]


def make_ups(outcome: Outcome) -> Counter[str]:
    """How many missed trainings are in which state."""
    return Counter(state_of(one, outcome.planned) for one in outcome.missed)


def hours_by_year(outcome: Outcome) -> list[Line]:
    """Credited hours of the last years by form of training."""
    records = outcome.history.records
    years = pc.year(records["ends_on"])
    table = pa.table({"year": years, "channel": records["channel"], "tenths": records["credited"]})
    sums = table.group_by(["year", "channel"]).aggregate([("tenths", "sum")]).to_pylist()
    hours: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for row in sums:
        hours[row["year"]][row["channel"]] = row["tenths_sum"] / 10
    last = sorted(hours)[-YEARS_SHOWN:]
    most = max((sum(hours[year].values()) for year in last), default=0)
    return [Line(f"{year}年", bar(_channels(hours[year]), most), [count(sum(hours[year].values()))]) for year in last]


def _channels(hours: dict[str, float]) -> list[Part]:
    return [
        Part(CHANNEL_WORDS[channel], hours.get(channel, 0.0), f"series-{number}")
        for number, channel in enumerate(CHANNEL_WORDS, start=1)
    ]


def files(outcome: Outcome) -> list[dict[str, str]]:
    """Each book with the rows that were used, refused and doubtful, and the columns that were not read."""
    books = outcome.books
    read = [
        (outcome.paths.roster, len(books.roster.members), books.roster.unread),
        (outcome.paths.classes, len(books.classes.rows), books.classes.unread),
    ]
    if outcome.paths.history:
        read.append((outcome.paths.history, outcome.history.records.num_rows, outcome.history.unread))
    doubts = Counter((doubt.file, doubt.fault.treatment) for doubt in outcome.doubts)
    return [
        {
            "name": path.name,
            "used": count(used),
            "refused": count(doubts[path.name, Treatment.REFUSED]),
            "doubtful": count(doubts[path.name, Treatment.DOUBTFUL]),
            "unread": "、".join(unread) or "—",
        }
        for path, used, unread in read
    ]


def faults(outcome: Outcome) -> list[Line]:
    """What is wrong most often, with one example each."""
    kinds: dict[Any, list[Any]] = defaultdict(list)
    for doubt in outcome.doubts:
        kinds[doubt.fault.fault, doubt.fault.treatment].append(doubt)
    ordered = sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))[:FAULTS_SHOWN]
    most = max((len(found) for found in kinds.values()), default=0)
    lines = []
    for (_fault, treatment), found in ordered:
        tone = "overdue" if treatment is Treatment.REFUSED else "short"
        words = row_problem(found[0].fault)
        place = f"例：{found[0].file} 第 {words.row} 行“{words.column}”"
        lines.append(Line(str(words.reason), bar([Part("行", len(found), tone)], most), [count(len(found))], place))
    return lines


def tiles(outcome: Outcome) -> list[dict[str, str]]:
    """The figures at the head."""
    called = {callup.person_id for callup in outcome.calling.callups}
    states = make_ups(outcome)
    owing = len({row[0] for row in outcome.standings.rows if row[-1] in OWING})
    gap = outcome.calling.result["gap"]
    return [
        _tile("人员", len(outcome.books.roster.members), f"{count(len(outcome.books.roster.units))} 个单位"),
        _tile("班次", len(outcome.books.classes.rows), f"{count(outcome.seats)} 个名额"),
        _tile("培训记录", outcome.history.records.num_rows, f"至 {outcome.on}"),
        _tile("欠学时人数", owing, "进度滞后或已逾期"),
        _tile("调训人次", len(outcome.calling.callups), f"{count(len(called))} 人"),
        _tile(
            "待补训",
            states[OPEN] + states[PLANNED],
            f"其中已安排 {count(states[PLANNED])}，已补训 {count(states[MADE_UP])}",
        ),
        {"name": "与上界差距", "value": "—" if gap is None else f"{gap * 100:.2f}%", "note": "已证明的最优上界"},
        _tile("违反规则", sum(outcome.calling.violations.values()), "独立校验程序"),
    ]


def _tile(name: str, value: int, note: str) -> dict[str, str]:
    return {"name": name, "value": count(value), "note": note}


def answer(outcome: Outcome) -> str:
    """The first sentence."""
    called, whole = len(outcome.calling.callups), outcome.seats
    refused = sum(doubt.refused for doubt in outcome.doubts)
    text = f"{len(outcome.books.classes.rows)} 个班次 {count(whole)} 个名额，已落实到人 {count(called)} 个（{share(called, whole)}）"
    return (
        f"{text}；有 {count(refused)} 行数据被拒收，请按 problems.xlsx 修改后重新运行。"
        if refused
        else f"{text}；所有数据行均已采用。"
    )


def begun(outcome: Outcome) -> int:
    """Classes that have begun by the day asked for."""
    return sum(row.starts_on <= outcome.on for row in outcome.books.classes.rows)


def legend(words: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "tone": tone} for name, tone in words]
