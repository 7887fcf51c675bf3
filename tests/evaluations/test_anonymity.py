"""An attack with the whole database in hand: no column, no order of rows and no key of the answers tells who wrote them."""

from __future__ import annotations

import datetime as dt
import io
import logging

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from tests.evaluations.polled import NOW, Poll, make_poll
from zhixing.evaluations.models import PaperNumber, Remark, Sheet, Survey, Ticket

pytestmark = pytest.mark.django_db
ANSWERS = (Sheet, Remark)
COUNT = 24
"""So many sheets fall into one order by chance once in 24!."""


def handed_in_one_by_one() -> Poll:
    """The k-th person says k: with the marks as a base-4 number, so that each sheet could be told by whoever knew the order."""
    poll = make_poll(people=COUNT + 1)
    for who in range(COUNT):
        digits = {"needs": who // 16 + 1, "courses": who // 4 % 4 + 1, "activities": who % 4 + 1}
        poll.hand_in(
            who, now=NOW + dt.timedelta(minutes=who), remarks=f"第{who}份", **{k: str(v) for k, v in digits.items()}
        )
    return poll


def number_of(sheet: Sheet) -> int:
    return (sheet.answers["needs"] - 1) * 16 + (sheet.answers["courses"] - 1) * 4 + sheet.answers["activities"] - 1


def stored_order(table: type[models.Model]) -> list[models.Model]:
    """The rows as they lie: by ``rowid`` on SQLite, by ``ctid`` on PostgreSQL."""
    place = "ctid" if connection.vendor == "postgresql" else "rowid"
    return list(table._default_manager.raw(f"SELECT * FROM {table._meta.db_table} ORDER BY {place}"))


def test_answers_have_no_column_that_leads_to_a_person_a_ticket_or_a_moment() -> None:
    for table in ANSWERS:
        for column in table._meta.get_fields():
            assert not isinstance(column, models.DateField | models.TimeField | models.AutoField)
            if isinstance(column, models.ForeignKey):
                assert column.related_model is Survey
    assert isinstance(Sheet._meta.pk, models.UUIDField)


def test_nothing_points_at_answers_and_tickets_hold_no_moment() -> None:
    pointed_at = [
        f"{table._meta.label}.{field.name}"
        for table in apps.get_models()
        for field in table._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model in ANSWERS
    ]
    assert pointed_at == []
    for table in (Ticket, PaperNumber):
        assert not any(isinstance(field, models.DateField | models.TimeField) for field in table._meta.get_fields())


def test_neither_rows_nor_keys_lie_in_the_order_in_which_people_answered() -> None:
    handed_in_one_by_one()
    spoken = list(range(COUNT))
    lying = [number_of(one) for one in stored_order(Sheet)]  # type: ignore[arg-type]
    by_key = [number_of(one) for one in Sheet.objects.order_by("pk")]
    written = [one.text for one in stored_order(Remark)]  # type: ignore[attr-defined]
    assert sorted(lying) == sorted(by_key) == spoken
    for found in (lying, by_key):
        assert found not in (spoken, spoken[::-1])
    assert written != [f"第{who}份" for who in spoken]


def test_a_remark_does_not_lie_where_its_sheet_lies() -> None:
    handed_in_one_by_one()
    lying = [f"第{number_of(one)}份" for one in stored_order(Sheet)]  # type: ignore[arg-type]
    assert [one.text for one in stored_order(Remark)] != lying  # type: ignore[attr-defined]


def test_every_sheet_gets_a_new_key_when_another_falls_in() -> None:
    poll = make_poll()
    poll.hand_in(0)
    before = set(Sheet.objects.values_list("pk", flat=True))
    poll.hand_in(1)
    assert not before & set(Sheet.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_on_postgresql_all_sheets_bear_the_mark_of_one_transaction(on_postgres: bool) -> None:
    """``xmin`` of a ticket tells when it was burnt; the sheets all tell when the last one fell in."""
    if not on_postgres:
        pytest.skip("SQLite keeps no transaction of a row")
    poll = make_poll()
    for who in range(4):
        poll.hand_in(who)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text), count(*) FROM evaluations_sheet")
        assert cursor.fetchone() == (1, 4)


def test_who_has_answered_goes_when_the_survey_closes() -> None:
    poll = make_poll()
    poll.hand_in(0)
    poll.close()
    assert (poll.survey.invited, poll.survey.answered) == (5, 1)
    assert not Ticket.objects.exists()
    assert Sheet.objects.count() == 1


def test_no_link_gets_into_the_log() -> None:
    """Django logs the address of each refusal with its time; what the settings put before the console blanks it."""
    poll = make_poll()
    written = io.StringIO()
    console = logging.StreamHandler(written)
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["links"]
    console.addFilter(import_string(settings.LOGGING["filters"]["links"]["()"])())
    logging.getLogger("django.request").addHandler(console)
    try:
        Client().get(reverse("evaluations:answer", args=[poll.token()]))  # not open yet: a line about a refusal
    finally:
        logging.getLogger("django.request").removeHandler(console)
    assert "/evaluations/answer/…" in written.getvalue()
    assert poll.token() not in written.getvalue()
