"""Every write about how a class is organised."""

from zhixing.classwork.actions.groups import GROUPS_MAX, Place, arrange, draw_groups
from zhixing.classwork.actions.lodging import (
    Answer,
    add_rooms,
    answer_stay,
    forget_notes,
    give_rooms,
    offer,
    put_into,
    remove_room,
)
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
    "Answer",
    "Place",
    "add_rooms",
    "answer_stay",
    "arrange",
    "draw_groups",
    "drop_handout",
    "forget_notes",
    "give_rooms",
    "hand_out",
    "keep_material",
    "move_stock",
    "offer",
    "plan_handout",
    "put_into",
    "remove_room",
    "take_back",
]
