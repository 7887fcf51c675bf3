"""Rank groups (层次): the few groups of ranks in which needs are looked at, so that a group is no single person."""

from __future__ import annotations

from typing import Final

from zhixing.engine.sheets.ranks import GRADES, RANKS

BUREAU, COUNTY, TOWNSHIP, STAFF = "bureau", "county", "township", "staff"
RANK_GROUPS: Final = (BUREAU, COUNTY, TOWNSHIP, STAFF)
"""Highest first."""
GROUP_OF: Final[dict[str, str]] = {
    **dict.fromkeys(RANKS[:6], BUREAU),
    **dict.fromkeys(RANKS[6:8], COUNTY),
    **dict.fromkeys(RANKS[8:10], TOWNSHIP),
    **dict.fromkeys(RANKS[10:], STAFF),
    **dict.fromkeys(GRADES[:2], BUREAU),
    **dict.fromkeys(GRADES[2:6], COUNTY),
    **dict.fromkeys(GRADES[6:10], TOWNSHIP),
    **dict.fromkeys(GRADES[10:], STAFF),
}
"""Rank or grade → group: a grade stands with the leading posts of its level (Civil Servants' Grades, 2019)."""


def group_of(rank: str, grade: str = "") -> str:
    """The group of a person by 职务层次, else 职级; whoever has neither that is known is staff."""
    return GROUP_OF.get(rank) or GROUP_OF.get(grade) or STAFF
