"""A promotion check for the file: PDF with the entries behind each figure, and the same as Excel."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from zhixing.archive.papers.records import FOLDER
from zhixing.archive.queries.checks import Answer, CheckedPerson
from zhixing.base.documents import render_pdf
from zhixing.base.tables.write import Column, Content, Table, write_book
from zhixing.base.templatetags.pages import hours
from zhixing.obligations.queries.explaining import Duty


def file_name(answer: Answer, suffix: str) -> str:
    return f"{_('Promotion check')} {answer.check.on.isoformat()} {answer.check.pk}.{suffix}"


def note() -> str:
    return _(
        "One reference for those who decide: it proposes nobody and ranks nobody. A person decides; everyone concerned can read the own "
        "figures, have an entry corrected and appeal."
    )


def younger(answer: Answer) -> str:
    """Said when the rules were signed only after the day whose knowledge is used, else blank."""
    return _("The rules used here were signed only after that day.") if answer.rules_are_younger else ""


def due_sentence(one: CheckedPerson) -> str:
    """By when what is missing must be caught up, or blank."""
    if one.due_on is None:
        return ""
    text = (
        _("If appointed on %(on)s, what is missing is to be caught up by %(due)s. %(basis)s")
        if one.if_appointed
        else _("To be caught up by %(due)s. %(basis)s")
    )
    return text % {"on": one.explained.on, "due": one.due_on, "basis": one.basis}


def check_pdf(answer: Answer) -> bytes:
    check = answer.check
    data = {
        "title": _("Promotion check: training"),
        "subtitle": check.title,
        "question": _("As of %(on)s, as known at the end of %(known)s") % {"on": check.on, "known": check.known_on},
        "note": note(),
        "younger": younger(answer),
        "counts": [f"{outcome.label} {count}" for outcome, count in answer.counts],
        "labels": _labels(),
        "people": [_person(place, one) for place, one in enumerate(answer.people, start=1)],
        "problems": [[str(one["row"]), one["value"], str(one["reason"])] for one in check.problems],
    }
    return render_pdf(FOLDER / "check.typ", data)


def _labels() -> dict[str, Any]:
    return {
        "summary": _("Summary"),
        "summary_heads": [
            _("no."),
            _("full name"),
            _("unit"),
            _("rank on the day"),
            _("outcome"),
            _("catch-up due"),
            _("contested"),
        ],
        "duty_heads": [_("rule"), _("window"), _("required"), _("counted"), _("missing"), _("state")],
        "basis": _("basis"),
        "entries": _("Entries counted"),
        "entry_heads": [_("earned on"), _("training"), _("form"), _("hours")],
        "contested": _("Contested or open"),
        "nothing_contested": _("Nothing is contested."),
        "problems": _("Not found or doubtful"),
        "problem_heads": [_("line"), _("as written"), _("what is wrong")],
        "checked_by": _("Checked by:"),
        "reviewed_by": _("Reviewed by:"),
    }


def _person(place: int, one: CheckedPerson) -> dict[str, Any]:
    person = one.person
    return {
        "place": place,
        "name": person.name,
        "number": person.number,
        "unit": person.unit.name if person.unit else "",
        "rank": one.explained.rank,
        "outcome": str(one.outcome.label),
        "due": one.due_on.isoformat() if one.due_on else "",
        "due_sentence": due_sentence(one),
        "duties": [_duty(duty) for duty in one.explained.duties],
        "contests": [contest.text for contest in one.contests],
    }


def _duty(duty: Duty) -> dict[str, Any]:
    standing = duty.explanation.standing
    return {
        "cells": [
            duty.title,
            f"{standing.window_opens}—{standing.window_closes}",
            hours(standing.required_tenths),
            hours(standing.counted_tenths),
            hours(standing.missing_tenths),
            str(duty.state_label),
        ],
        "basis": duty.explanation.rule.basis,
        "entries": [
            [entry.earned_on.isoformat(), entry.title, str(entry.get_channel_display()), hours(entry.tenths)]
            for entry in duty.counted
        ],
    }


def check_book(answer: Answer) -> bytes:
    content = io.BytesIO()
    write_book(content, [_duties(answer), _entries(answer), _contests(answer), _problems(answer), _about(answer)])
    return content.getvalue()


def _who(one: CheckedPerson) -> list[Any]:
    person = one.person
    return [person.number, person.name, person.unit.name if person.unit else "", one.explained.rank]


def _who_columns() -> list[Column]:
    return [Column(_("staff number")), Column(_("full name")), Column(_("unit")), Column(_("rank on the day"))]


def _duties(answer: Answer) -> Table:
    columns = [
        *_who_columns(), Column(_("outcome")), Column(_("catch-up due"), Content.DATE), Column(_("rule")),
        Column(_("window opens"), Content.DATE), Column(_("window closes"), Content.DATE),
        Column(_("required"), Content.TENTHS), Column(_("counted"), Content.TENTHS), Column(_("missing"), Content.TENTHS),
        Column(_("state")), Column(_("basis")),
    ]  # fmt: skip

    def rows() -> Iterator[list[Any]]:
        for one in answer.people:
            head = [*_who(one), str(one.outcome.label), one.due_on]
            for duty in one.explained.duties:
                of = duty.explanation.standing
                yield [
                    *head, duty.title, of.window_opens, of.window_closes, of.required_tenths, of.counted_tenths,
                    of.missing_tenths, str(duty.state_label), duty.explanation.rule.basis,
                ]  # fmt: skip
            if not one.explained.duties:
                yield [*head, *[None] * 8]

    return Table(_("Results"), columns, rows())


def _entries(answer: Answer) -> Table:
    columns = [
        *_who_columns(), Column(_("rule")), Column(_("earned on"), Content.DATE), Column(_("training")), Column(_("form")),
        Column(_("hours"), Content.TENTHS), Column(_("recorded on"), Content.DATE),
    ]  # fmt: skip
    rows = (
        [*_who(one), duty.title, entry.earned_on, entry.title, str(entry.get_channel_display()), entry.tenths, entry.recorded_at.date()]
        for one in answer.people
        for duty in one.explained.duties
        for entry in duty.counted
    )  # fmt: skip
    return Table(_("Entries counted"), columns, rows)


def _contests(answer: Answer) -> Table:
    rows = ([*_who(one), contest.text] for one in answer.people for contest in one.contests)
    return Table(_("Contested or open"), [*_who_columns(), Column(_("what is open"))], rows)


def _problems(answer: Answer) -> Table:
    columns = [
        Column(_("line"), Content.NUMBER),
        Column(_("as written")),
        Column(_("what is wrong")),
        Column(_("what to do")),
    ]
    rows = ([one["row"], one["value"], one["reason"], one["mend"]] for one in answer.check.problems)
    return Table(_("Not found or doubtful"), columns, rows)


def _about(answer: Answer) -> Table:
    check = answer.check
    rows = [
        [_("what for"), check.title],
        [_("as of"), check.on.isoformat()],
        [_("as known at the end of"), check.known_on.isoformat()],
        [_("what this is"), f"{note()} {younger(answer)}".strip()],
    ]
    return Table(_("about this check"), [Column(_("item")), Column(_("value"))], rows)
