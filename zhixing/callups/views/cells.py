"""Cells of the lists of people: the name that opens the drawer, why somebody is on the list, and what became of it."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zhixing.base.markup import escaped, linked, page_about
from zhixing.base.templatetags.pages import badge
from zhixing.callups import sentences
from zhixing.callups.models import Callup
from zhixing.callups.sentences import Names
from zhixing.people.models import Person


def name_cell(run: int, person: Person, class_run: int) -> SafeString:
    """The person's name; it opens the drawer with the explanation of this pair."""
    url = page_about("callups:why", run, person.pk, class_run)
    return SafeString(
        f'<a href="{url}" hx-get="{url}" hx-target="#why-body" hx-swap="innerHTML" hx-push-url="false" '
        f'data-open-dialog="why">{escaped(person.name)}</a>'
    )


def move_cell(run: int, person: Person, class_run: int, *, chosen: bool) -> SafeString:
    """The button that puts somebody on the list or takes somebody off: it opens the explanation with its form, or with JavaScript asks for the reason."""
    url = page_about("callups:why", run, person.pk, class_run)
    move, label = ("in", _("Put on")) if chosen else ("out", _("Take off"))
    return SafeString(
        f'<a class="btn btn-sm cu-move" href="{url}" data-move="{move}" data-person="{person.pk}" '
        f'data-name="{escaped(person.name)}">{escaped(label)}</a>'
    )


def left_out_cell(run: int, row: Any) -> SafeString:
    """Somebody who is not on the list, in one cell: who, what keeps the person out, what was weighed."""
    return format_html(
        '<div class="cu-person"><p class="cu-name">{} <small class="zx-muted">{}</small></p><p>{}</p><p class="zx-muted">{}</p></div>',
        name_cell(run, row.person, row.class_run_id),
        row.person.unit.name if row.person.unit else "—",
        row.sentence,
        row.facts,
    )


def why_cell(callup: Callup, names: Names) -> str:
    """The reason of a call-up, with a mark when it makes up for something missed."""
    said = sentences.callup_sentence(callup, names)
    return format_html("{} {}", badge("warn", _("make-up")), said) if callup.makes_up_id else said


def filled_cell(class_run: Any) -> str | SafeString:
    """How many are on the list of a row of the board, with a mark when the class has fewer people than it needs."""
    if class_run.beyond:
        return format_html(
            "{} {}", class_run.filled, badge("info", _("%(n)s beyond the seats") % {"n": class_run.beyond})
        )
    if class_run.held >= class_run.seats_min:
        return str(class_run.filled)
    mark = badge("warn", _("below the fewest: %(n)s") % {"n": class_run.seats_min})
    return format_html("{} {}", class_run.filled, mark)


def acknowledged_text(callup: Callup) -> str:
    """When the class rules were acknowledged; whether it was an earlier text; or that it is still to be done."""
    if callup.acknowledged_at is None:
        return _("not yet")
    day = f"{timezone.localtime(callup.acknowledged_at):%Y-%m-%d %H:%M}"
    return _("%(day)s, an earlier text") % {"day": day} if callup.owes_rules else day


def acknowledged_cell(callup: Callup) -> SafeString | str:
    said = acknowledged_text(callup)
    return badge("warn", said) if callup.owes_rules else said


def state_cell(callup: Callup) -> SafeString:
    """The state; from the moment it is sent it leads to the call-up."""
    shown = badge(callup.state, Callup.State(callup.state).label)
    sent = callup.state != Callup.State.PROPOSED
    return linked(shown, page_about("callups:callup", callup.pk)) if sent else shown
