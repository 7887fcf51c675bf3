"""The arithmetic of a standing, written out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from zhixing.base.problems import Text
from zhixing.base.templatetags.pages import hours, number
from zhixing.engine.obligations.answers import Explanation, NotOwed, State, WhyNotOwed
from zhixing.obligations.sentences.rules import minimum_words
from zhixing.obligations.sentences.words import NOT_OWED, Line, channel_words, listed, window_words


class Excused(NamedTuple):
    """A recorded exemption from a rule, with its reason: the engine computes without reasons."""

    first: dt.date
    last: dt.date
    reason: str


def arithmetic(found: Explanation, on: dt.date, excused: Sequence[Excused] = ()) -> list[Line]:
    """Every step from the window to the state, so that a person can follow it with a pencil; ``excused`` says why days are exempt."""
    standing = found.standing
    lines = [
        Line(
            _("window"),
            _("%(opens)s to %(closes)s") % {"opens": standing.window_opens, "closes": standing.window_closes},
            _("%(window)s; %(days)s days, of which %(elapsed)s are gone on %(on)s")
            % {
                "window": window_words(found.rule),
                "days": number(found.window_days),
                "elapsed": number(found.elapsed_days),
                "on": on,
            },
        ),
        Line(_("required"), hours(standing.required_tenths), _required(found)),
        *_not_owed(found, excused),
        *_carried(found),
        Line(_("counted"), hours(standing.counted_tenths), _counted(found)),
        *_minimums(found),
        Line(_("missing"), hours(standing.missing_tenths), _missing(found)),
    ]
    if standing.state in {State.ON_TRACK, State.SHORT}:
        lines.append(Line(_("pace"), _pace(found), _pace_sum(found)))
    if found.rule.basis:
        lines.append(Line(_("basis"), found.rule.basis))
    return lines


def _required(found: Explanation) -> str:
    if found.owed_days == found.window_days:
        return _("the whole of the rule's %(hours)s") % {"hours": hours(found.rule.tenths)}
    return _("%(hours)s × %(owed)s days owed ÷ %(days)s days of the window, rounded up to a tenth") % {
        "hours": hours(found.rule.tenths),
        "owed": number(found.owed_days),
        "days": number(found.window_days),
    }


def _not_owed(found: Explanation, excused: Sequence[Excused]) -> Iterator[Line]:
    for run in found.not_owed:
        yield Line(
            _("days not owed"),
            _("%(days)s days") % {"days": number(run.days)},
            _("%(why)s, %(first)s to %(last)s")
            % {"why": _why_not_owed(run, excused), "first": run.from_on, "last": run.to_on},
        )


def _why_not_owed(run: NotOwed, excused: Sequence[Excused]) -> Text:
    """The words of the policy, or the recorded reasons: exemptions that touch are one run, whose reasons stand side by side."""
    if run.why == WhyNotOwed.EXEMPT:
        lying_in = sorted(one for one in excused if one.first <= run.to_on and one.last >= run.from_on)
        if reasons := list(dict.fromkeys(one.reason for one in lying_in if one.reason)):
            return _("%(who)s: %(why)s") % {"who": NOT_OWED[run.why], "why": listed(reasons)}
    return run.clause or NOT_OWED[run.why]


def _counted(found: Explanation) -> str:
    """The channels that brought anything; what is over a cap is said."""
    parts = []
    for one in found.channels:
        if not one.total:
            continue
        words = {"channel": channel_words(one.channel), "counted": hours(one.counted)}
        if one.capped:
            words |= {"total": hours(one.total), "capped": hours(one.capped)}
            parts.append(_("%(channel)s %(counted)s (of %(total)s, %(capped)s are over the cap)") % words)
        else:
            parts.append(_("%(channel)s %(counted)s") % words)
    if found.carried and found.carried.tenths:
        parts.append(_("carried over %(hours)s") % {"hours": hours(found.carried.tenths)})
    return " + ".join(parts) or _("nothing yet")


def _carried(found: Explanation) -> Iterator[Line]:
    if found.carried is None or found.rule.carry is None:
        return
    text = _(
        "%(opens)s to %(closes)s: counted %(counted)s, required %(required)s, of these may be carried %(eligible)s, at most %(most)s"
    )
    yield Line(
        _("carried over"),
        hours(found.carried.tenths),
        text
        % {
            "opens": found.carried.window.opens,
            "closes": found.carried.window.closes,
            "counted": hours(found.carried.counted),
            "required": hours(found.carried.required),
            "eligible": hours(found.carried.eligible),
            "most": hours(found.rule.carry.tenths),
        },
    )


def _minimums(found: Explanation) -> Iterator[Line]:
    for one in found.minimums:
        words = {"held": hours(one.held), "missing": hours(one.missing)}
        text = _("%(held)s held, %(missing)s missing") if one.missing else _("%(held)s held: reached")
        yield Line(_("of which at least"), minimum_words(one.minimum), text % words)


def _missing(found: Explanation) -> str:
    standing = found.standing
    if not standing.missing_tenths:
        return ""
    if standing.missing_tenths > max(0, standing.required_tenths - standing.counted_tenths):
        return _("what one minimum lacks; one hour may serve several of them")
    return f"{hours(standing.required_tenths)} − {hours(standing.counted_tenths)}"


def _pace(found: Explanation) -> str:
    return _("on track") if found.standing.state == State.ON_TRACK else _("behind")


def _pace_sum(found: Explanation) -> str:
    """The share of the requirement that the elapsed days ask for, in tenths rounded up: at least so much keeps the pace.

    Reached is the requirement less what is missing: what counts, unless a minimum lacks more.
    """
    standing = found.standing
    asked = -(-standing.required_tenths * found.elapsed_days // found.window_days)
    return _("by now %(required)s × %(elapsed)s ÷ %(days)s = %(asked)s are asked, %(counted)s are counted") % {
        "required": hours(standing.required_tenths),
        "elapsed": number(found.elapsed_days),
        "days": number(found.window_days),
        "asked": hours(asked),
        "counted": hours(standing.required_tenths - standing.missing_tenths),
    }
