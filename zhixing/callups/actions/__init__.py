"""Every write about call-ups."""

from zhixing.callups.actions.beyond import invite_beyond, release_beyond, settle_beyond
from zhixing.callups.actions.busy import enter_busy_time, withdraw_busy_time
from zhixing.callups.actions.concerns import enqueue_review, keep_callup, review_callups
from zhixing.callups.actions.copies import copy_run
from zhixing.callups.actions.endings import finish_callup, free_cancelled, withdraw_callup
from zhixing.callups.actions.make_ups import close_make_up, open_make_up, waive_make_up
from zhixing.callups.actions.outside import (
    apply_outside_list,
    drop_outside_list,
    enter_outside_callup,
    receive_outside_list,
    undo_outside_list,
    withdraw_outside_callup,
)
from zhixing.callups.actions.papers import make_papers, replace_template, restore_template
from zhixing.callups.actions.pins import unpin_pair
from zhixing.callups.actions.publishing import publish_run
from zhixing.callups.actions.repairs import make_changes, start_repair
from zhixing.callups.actions.replies import (
    accept_all,
    accept_callup,
    acknowledge_rules,
    ask_leave,
    decide_reply,
    obstacle_to,
    propose_substitute,
)
from zhixing.callups.actions.runs import (
    change_run,
    create_run,
    drop_run,
    pin_pair,
    start_run,
    stop_run,
)
from zhixing.callups.actions.seats import fill_free_seats
from zhixing.callups.actions.tries import start_try

__all__ = [
    "accept_all",
    "accept_callup",
    "acknowledge_rules",
    "apply_outside_list",
    "ask_leave",
    "change_run",
    "close_make_up",
    "copy_run",
    "create_run",
    "decide_reply",
    "drop_outside_list",
    "drop_run",
    "enqueue_review",
    "enter_busy_time",
    "enter_outside_callup",
    "fill_free_seats",
    "finish_callup",
    "free_cancelled",
    "invite_beyond",
    "keep_callup",
    "make_changes",
    "make_papers",
    "obstacle_to",
    "open_make_up",
    "pin_pair",
    "propose_substitute",
    "publish_run",
    "receive_outside_list",
    "release_beyond",
    "replace_template",
    "restore_template",
    "review_callups",
    "settle_beyond",
    "start_repair",
    "start_run",
    "start_try",
    "stop_run",
    "undo_outside_list",
    "unpin_pair",
    "waive_make_up",
    "withdraw_busy_time",
    "withdraw_callup",
    "withdraw_outside_callup",
]
