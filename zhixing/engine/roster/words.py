"""The words of a roster: sex, status and category as officers write them, and their codes."""

from __future__ import annotations

from zhixing.engine.sheets.cells import bare, clean
from zhixing.engine.sheets.identity import FEMALE, MALE

SERVING, OFF_POST, SECONDED, RETIRED, LEFT = "serving", "off_post", "seconded", "retired", "left"

SEXES = {
    **dict.fromkeys(("男", "男性", "m", "male", "1"), MALE),
    **dict.fromkeys(("女", "女性", "f", "female", "2"), FEMALE),
    **dict.fromkeys(("未知", "未说明", "0", "9"), ""),
}
"""Bare word → code; the digits are GB/T 2261.1."""

STATUSES = {
    **dict.fromkeys(("在职", "在岗", "在编", "在编在岗", "在职在岗", "在任", "正常"), SERVING),
    **dict.fromkeys(("离岗", "不在岗", "离岗退养", "内退", "停薪留职", "离岗待退"), OFF_POST),
    **dict.fromkeys(("借调", "借出", "借用", "外借", "抽调", "挂职"), SECONDED),
    **dict.fromkeys(("退休", "离休", "已退休", "离退休", "退休人员"), RETIRED),
}

CATEGORIES = {
    **dict.fromkeys(("公务员", "行政编制", "行政", "行政人员"), "公务员"),
    **dict.fromkeys(
        ("参公", "参公人员", "参照公务员法管理人员", "参公管理人员", "参照管理", "参照公务员管理"), "参公人员"
    ),
    **dict.fromkeys(("事业", "事业人员", "事业编制", "事业单位人员", "事业编"), "事业人员"),
    **dict.fromkeys(("工勤", "工勤人员", "机关工勤"), "工勤人员"),
}
"""Bare word → the one name used here; other words are kept as written."""


def category_of(word: str) -> str:
    """The one name used here for a category as officers write it; other words stay as written."""
    return CATEGORIES.get(bare(word), clean(word))
