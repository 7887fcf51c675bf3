"""The ways in which hours are earned (培训方式), and what they may be about (培训内容)."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """The way in which hours were earned."""

    OFFJOB = "offjob"  # 脱产
    CONCENTRATED = "concentrated"  # 其他集中
    ONLINE = "online"  # 网络
    STUDY_GROUP = "study_group"  # 中心组
    SELF_STUDY = "self_study"  # 自学
    TEACHING = "teaching"  # 授课


class Content(StrEnum):
    """What hours may be about, in the words of formats.md §2; a place may declare words of its own."""

    THEORY = "theory"  # 理论教育
    PARTY_SPIRIT = "party_spirit"  # 党性教育
    POLITICAL = "political"  # 政治训练
    ABILITY = "ability"  # 履职能力
