"""Words that several kinds of sheet share: names of headings, and the ways of training (培训方式)."""

from __future__ import annotations

from zhixing.engine.sheets.cells import without_brackets

ID_NAMES = "身份证号码 身份证 公民身份号码 公民身份证号码 居民身份证号 居民身份证号码 居民身份证 身份证件号 身份证件号码 身份号码 身份证编号"
NUMBER_NAMES = "职工号 员工号 职工编号 员工编号 人员编号 人员编码 干部编号 工作证号 职工工号 人员工号"
UNIT_NAMES = "单位名称 工作单位 所在单位 现工作单位 所属单位 单位全称 现单位"

OFFJOB, CONCENTRATED, ONLINE, STUDY_GROUP, SELF_STUDY, TEACHING = (
    "offjob",
    "concentrated",
    "online",
    "study_group",
    "self_study",
    "teaching",
)

_CHANNELS = {
    **dict.fromkeys(("脱产", "全脱产", "脱产学习", "脱产进修", "离岗", "离岗培训", "脱岗"), OFFJOB),
    **dict.fromkeys(
        ("集中", "其他集中", "集中学习", "集中轮训", "短期集中", "专题", "面授", "线下", "线下集中", "集中脱产"),
        CONCENTRATED,
    ),
    **dict.fromkeys(("网络", "网上", "在线", "线上", "网络学习", "在线学习", "线上学习", "网络自学", "远程"), ONLINE),
    **dict.fromkeys(("中心组", "中心组学习", "理论学习中心组", "党委中心组", "理论中心组", "党组中心组"), STUDY_GROUP),
    **dict.fromkeys(("自学", "自主学习", "个人自学", "教材自学", "自主选学", "选学"), SELF_STUDY),
    **dict.fromkeys(("授课", "讲课", "教学", "领导干部上讲台", "上讲台", "领导授课"), TEACHING),
}


def channel_of(text: str) -> str | None:
    """The channel (formats.md §2) that a word names; None when it names none."""
    word = without_brackets(text)
    return _CHANNELS.get(word) or _CHANNELS.get(word.removesuffix("培训").removesuffix("班"))
