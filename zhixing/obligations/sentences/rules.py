"""A policy in words: what each rule asks of whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhixing.base.templatetags.pages import hours, number
from zhixing.engine.policies import Carry, Exempt, Minimum, Policy, Rule, WindowKind
from zhixing.obligations.sentences.words import UNITS, Line, channel_words, content_words, listed, window_words


def policy_sentences(policy: Policy) -> list[Line]:
    """Since when it holds, and on what it rests."""
    days = {"from": policy.in_force_from, "to": policy.in_force_to}
    example = _("an example of what a place does or did; copy from it, give the copy a code of its own")
    return [
        *([Line(_("place"), policy.place)] if policy.place else []),
        *([Line(_("note"), example)] if policy.is_example else []),
        Line(
            pgettext("days of a policy", "in force"),
            (_("%(from)s to %(to)s") if policy.in_force_to else _("from %(from)s on")) % days,
        ),
        Line(_("basis"), policy.basis or _("not said")),
    ]


def rule_sentences(rule: Rule, held: tuple[dt.date, dt.date] | None = None) -> list[Line]:
    """What a rule asks of whom, what counts, and whom it spares; ``held`` are the ends of the window asked about."""
    counted = [f"{channel_words(channel)}{_cap(rule.caps.get(channel))}" for channel in rule.channels]
    return [
        Line(_("who"), listed(rule.ranks)),
        Line(_("how much"), _how_much(rule)),
        Line(_("what counts"), listed(counted)),
        *_window(rule, held),
        *(Line(_("of which at least"), minimum_words(one)) for one in rule.minimums),
        *_carry(rule.carry),
        *(Line(_("exempt"), _exempt(one)) for one in rule.exempt),
        *(
            [Line(_("who joins inside the window"), _("owes the share of its days that is left"))]
            if rule.prorate_join
            else []
        ),
        *([Line(_("reminded"), _reminded(rule))] if rule.remind_days else []),
        *([Line(_("basis"), rule.basis)] if rule.basis else []),
    ]


def _reminded(rule: Rule) -> str:
    days = listed(number(days) for days in rule.remind_days)
    return _("whoever misses hours, once each: %(days)s days before the window closes") % {"days": days}


def _how_much(rule: Rule) -> str:
    owed = _("%(hours)s hours %(window)s") % {"hours": hours(rule.tenths), "window": window_words(rule)}
    if rule.quantity is None:
        return owed
    said = str(UNITS[rule.quantity.unit]) % {"count": f"{float(rule.quantity.count):g}"}
    return _("%(owed)s (%(said)s)") % {"owed": owed, "said": said}


def _window(rule: Rule, held: tuple[dt.date, dt.date] | None) -> Iterator[Line]:
    if held is not None:
        yield Line(_("window"), _("%(opens)s to %(closes)s") % {"opens": held[0], "closes": held[1]})
    if rule.block_start is not None:
        yield Line(_("blocks"), _("counted from %(year)d") % {"year": rule.block_start})
    if rule.window_days:
        days = {"days": number(rule.window_days), "before": number(rule.before_days)}
        whole = (
            _("%(days)s days; hours of the %(before)s days before count too")
            if rule.before_days
            else _("%(days)s days")
        )
        yield Line(_("within"), whole % days)
    if rule.since is not None:
        joins = rule.window == WindowKind.FIRST_YEAR
        text = (
            _("only of those who joined on %(day)s or later")
            if joins
            else _("only of those appointed on %(day)s or later")
        )
        yield Line(_("asked"), text % {"day": rule.since})


def minimum_words(minimum: Minimum) -> str:
    """How much of what."""
    words = {"what": _what(minimum), "share": minimum.share}
    if minimum.tenths is not None:
        return _("%(hours)s hours: %(what)s") % {**words, "hours": hours(minimum.tenths)}
    of_counted = _("%(share)d %% of what counts: %(what)s")
    of_required = _("%(share)d %% of what is required: %(what)s")
    return (of_counted if minimum.of_counted else of_required) % words


def _what(part: Minimum | Carry) -> str:
    """The contents, where some are named, and the channels."""
    channels = listed(map(channel_words, part.channels))
    if not part.contents:
        return channels
    return _("%(contents)s (%(channels)s)") % {
        "channels": channels,
        "contents": listed(map(content_words, part.contents)),
    }


def _carry(carry: Carry | None) -> Iterator[Line]:
    if carry is not None:
        text = _("what was earned over the requirement of the window before, at most %(hours)s hours of %(what)s, once")
        yield Line(_("carried over"), text % {"hours": hours(carry.tenths), "what": _what(carry)})


def _exempt(clause: Exempt) -> str:
    if clause.joined_last_days is not None:
        who = _("who joined less than %(days)s days before the window ends") % {"days": number(clause.joined_last_days)}
    elif clause.leaving:
        who = _("who leaves the service in the window")
    else:
        who = listed(clause.ranks)
    return _("%(who)s: %(why)s") % {"who": who, "why": clause.why}


def _cap(cap: int | None) -> str:
    return "" if cap is None else _(" (at most %(hours)s)") % {"hours": hours(cap)}
