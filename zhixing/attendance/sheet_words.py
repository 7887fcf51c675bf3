"""The words of the paper sheet and what people write into its cells."""

from __future__ import annotations

from typing import Final

from zhixing.attendance.models import Status
from zhixing.engine.sheets.cells import bare
from zhixing.engine.sheets.headings import Heading, HeadingTable
from zhixing.timetables.models import Session

HEADING_OF_HALF: Final[dict[str, str]] = {
    Session.Half.MORNING: "上午签到",
    Session.Half.AFTERNOON: "下午签到",
    Session.Half.EVENING: "晚上签到",
}
HALVES: Final = tuple(str(half) for half in HEADING_OF_HALF)
SHEET: Final = HeadingTable(
    headings=(
        Heading("number", "工号", "人员编号 编号", limit=40),
        Heading("name", "姓名", "学员姓名", limit=60),
        Heading(Session.Half.MORNING, "上午签到", "上午 上午考勤"),
        Heading(Session.Half.AFTERNOON, "下午签到", "下午 下午考勤"),
        Heading(Session.Half.EVENING, "晚上签到", "晚上 晚上考勤 晚签到"),
    ),
    needed=("number|name", "am|pm|ev"),
)
WORD_OF_STATUS: Final[dict[str, str]] = {
    Status.PRESENT: "出勤",
    Status.LATE: "迟到",
    Status.LEFT_EARLY: "早退",
    Status.LEAVE: "请假",
    Status.ABSENT: "缺勤",
}
_SAID: Final = {
    Status.PRESENT: "出勤 到 已到 在岗 签到 是 1 √ ✓ ✔ v y 出席",
    Status.LATE: "迟到 迟 晚到",
    Status.LEFT_EARLY: "早退 退",
    Status.LEAVE: "请假 假 事假 病假 公假",
    Status.ABSENT: "缺勤 缺席 旷课 未到 否 0 × x ✗ ✘",
}
STATUS_OF_WORD: Final = {bare(word): status for status, words in _SAID.items() for word in words.split()}


def status_of(text: str) -> Status | None:
    """What a cell says, None when nobody can tell. A blank cell is not asked about: it says nothing."""
    return STATUS_OF_WORD.get(bare(text))
