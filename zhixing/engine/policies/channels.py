"""The ways in which hours are earned (培训方式)."""

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
