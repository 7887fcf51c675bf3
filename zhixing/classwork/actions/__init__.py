"""Every write about how a class is organised."""

from zhixing.classwork.actions.groups import GROUPS_MAX, Place, arrange, draw_groups
from zhixing.classwork.actions.materials import (
    drop_handout,
    hand_out,
    keep_material,
    move_stock,
    plan_handout,
    take_back,
)

__all__ = [
    "GROUPS_MAX",
    "Place",
    "arrange",
    "draw_groups",
    "drop_handout",
    "hand_out",
    "keep_material",
    "move_stock",
    "plan_handout",
    "take_back",
]
