"""What happened to a call-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from zhixing.callups.clashes import Clash, open_clashes
from zhixing.callups.models import Callup, Reply
from zhixing.callups.sentences.outside import clash_sentence

Concern = Callup.Concern


def concern(callup: Callup, clashing: Mapping[int, list[Clash]] | None = None) -> str:
    """What became of the person since the call-up was sent; empty when nothing did. ``clashing``: the open clashes, where many are asked."""
    person = callup.person
    match callup.concern:
        case Concern.STATUS:
            return _("%(name)s is no longer serving (%(status)s).") % {
                "name": person.name,
                "status": person.get_status_display(),
            }
        case Concern.UNIT:
            return _("%(name)s moved from %(before)s to %(now)s.") % {
                "name": person.name,
                "before": callup.unit.name,
                "now": person.unit.name if person.unit else "—",
            }
        case Concern.TARGET:
            return _("%(name)s no longer belongs to the target group of this class.") % {"name": person.name}
        case Concern.CALLER:
            found = (open_clashes([callup]) if clashing is None else clashing).get(callup.pk, ())
            return " ".join(clash_sentence(one) for one in found) or str(Concern.CALLER.label)
    return ""


ENDED = (Callup.State.COMPLETED, Callup.State.NOT_COMPLETED, Callup.State.WITHDRAWN, Callup.State.RELEASED)


def events(callup: Callup, replies: Iterable[Reply]) -> list[dict[str, Any]]:
    """What happened to a call-up, newest first, for the timeline."""
    found: list[dict[str, Any]] = []
    if callup.state in ENDED:
        found.append({"at": "", "title": callup.get_state_display(), "text": callup.note, "icon": "flag"})
    for reply in replies:
        if reply.decided_at:
            tone = "good" if reply.decision == Reply.Decision.APPROVED else "bad"
            found.append(
                {
                    "at": f"{reply.decided_at:%Y-%m-%d}",
                    "title": reply.get_decision_display(),
                    "text": reply.decision_note,
                    "tone": tone,
                    "icon": "gavel",
                }
            )
        text = _("; ").join(filter(None, (str(reply.get_reason_display()), _substitute(reply), reply.text)))
        found.append(
            {"at": f"{reply.at:%Y-%m-%d}", "title": reply.get_kind_display(), "text": text, "icon": "message-2"}
        )
    if callup.sent_at:
        found.append({"at": f"{callup.sent_at:%Y-%m-%d}", "title": _("Called"), "tone": "info", "icon": "send"})
    return found


def _substitute(reply: Reply) -> str:
    return _("proposes %(name)s") % {"name": reply.substitute.name} if reply.substitute else ""
