"""A table of recognition in words: what each kind of training is worth."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import zip_longest

from django.utils.translation import gettext as _

from zhixing.base.problems import Text
from zhixing.engine.policies import Measure, Recognition
from zhixing.obligations.sentences.words import MEASURES, Line, channel_words, content_words


def recognition_sentences(one: Recognition) -> list[Line]:
    """What one kind of training is worth, and within which limits."""
    counts_as = channel_words(one.channel)
    if one.content:
        counts_as = _("%(contents)s (%(channels)s)") % {"channels": counts_as, "contents": content_words(one.content)}
    return [
        Line(_("counts as"), counts_as),
        *(Line(str(label), _("%(hours)s hours") % {"hours": worth(hours)}) for label, hours in _values(one)),
        *_conditions(one),
        *([Line(_("basis"), one.basis)] if one.basis else []),
    ]


def worth(hours: Fraction) -> str:
    """Up to two decimals."""
    return f"{float(hours):.2f}".rstrip("0").rstrip(".")


def _values(one: Recognition) -> Iterator[tuple[Text, Fraction]]:
    if one.measure == Measure.MINUTES:
        for minutes, hours in one.steps:
            yield _("from %(minutes)d minutes") % {"minutes": minutes}, hours
    elif one.measure == Measure.PIECES:
        yield from one.levels.items()
    else:
        yield MEASURES[one.measure], one.value
    if one.half_day is not None:
        yield _("a half day"), one.half_day
    if one.test:
        yield _("more for a passed test"), one.test


def _conditions(one: Recognition) -> Iterator[Line]:
    if one.repeats:
        yield Line(_("longer"), _("each further full step counts again"))
    if one.needs_whole:
        yield Line(_("only"), _("when the whole course is done"))
    if one.needs_test:
        yield Line(_("only"), _("when the test is passed"))
    if one.least_days:
        yield Line(_("only"), _("from %(days)d days on") % {"days": one.least_days})
    yield from _most_by_days(one)
    if one.most is not None:
        yield Line(_("at most for one training"), _("%(hours)s hours") % {"hours": worth(one.most)})
    if one.most_a_year is not None:
        yield Line(_("at most in a year"), _("%(hours)s hours") % {"hours": worth(one.most_a_year)})
    if one.split_years:
        yield Line(_("over the end of a year"), _("split by day"))


def _most_by_days(one: Recognition) -> Iterator[Line]:
    """At most so many hours by how long the training was: each step up to the day before the next."""
    for (least, hours), following in zip_longest(one.most_steps, one.most_steps[1:]):
        days = {"least": least, "last": following[0] - 1 if following else 0}
        label = _("at most, %(least)d to %(last)d days") if following else _("at most, from %(least)d days on")
        yield Line(label % days, _("%(hours)s hours") % {"hours": worth(hours)})
