"""Appeals about the ledger: made by the person with evidence, decided by the department, both versions kept."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from tests.attendance.test_races import at_once
from tests.factories import make_account, make_city, make_department, make_entry, make_person, make_unit
from zhixing.base import audit
from zhixing.base.models import Job, Notice
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.obligations.actions import appeal_entry, decide_entry_appeal, reverse_entry
from zhixing.obligations.models import Entry, EntryAppeal
from zhixing.obligations.queries.explaining import explain_person
from zhixing.people.models import Account, Person, Role

pytestmark = pytest.mark.django_db
State = EntryAppeal.State
DAY = dt.date(2026, 3, 6)
SCAN = b"%PDF-1.7 certificate"


@pytest.fixture
def department() -> Account:
    return make_department(make_city())


@pytest.fixture
def person(department: Account) -> Person:
    return make_person(make_unit(parent=department.scope_unit))


@pytest.fixture
def trainee(person: Person) -> Account:
    return make_account(Role.TRAINEE, None, person)


@pytest.fixture
def entry(person: Person) -> Entry:
    given = {"title": "春季进修班", "organiser": "市委组织部", "content": "theory", "source_key": "register:5:8"}
    return make_entry(person, DAY, 300, **given)


def net(person: Person) -> int:
    return sum(one.signed_tenths for one in person.entries.all())


def test_an_upheld_appeal_cancels_the_entry_and_books_what_is_claimed(
    entry: Entry, person: Person, trainee: Account, department: Account
) -> None:
    made = appeal_entry(entry, 375, text="少记了一天", by=trainee, evidence=SimpleUploadedFile("证书.pdf", SCAN))
    assert (made.state, net(person)) == (State.OPEN, 300)
    assert Notice.objects.get(kind="obligations.appeal").recipient_id == department.pk
    decided = decide_entry_appeal(made, uphold=True, reason="证书属实", by=department)
    assert (decided.state, decided.decided_by_id, net(person)) == (State.UPHELD, department.pk, 375)
    assert list(person.entries.order_by("pk").values_list("tenths", "reverses", "reason")) == [
        (300, None, ""),
        (300, entry.pk, "证书属实"),
        (375, None, ""),
    ]
    booked = decided.correction
    assert booked is not None
    assert (booked.title, booked.organiser, booked.content, booked.earned_on) == (
        "春季进修班",
        "市委组织部",
        "theory",
        DAY,
    )
    assert (booked.source, booked.source_key) == (Entry.Source.APPEAL, f"appeal:{made.pk}@register:5:8")
    assert Notice.objects.get(kind="obligations.appeal_decided").recipient_id == trainee.pk
    assert list(audit.trail(made).values_list("action", "actor_id").order_by("pk")) == [
        ("obligations.appeal_made", trainee.pk),
        ("obligations.appeal_decided", department.pk),
    ]
    assert Job.objects.filter(kind="obligations.refresh", arguments__person_ids=[person.pk]).exists()
    assert explain_person(person, DAY).duties == []


def test_an_entry_that_should_not_be_there_is_only_cancelled(
    entry: Entry, person: Person, trainee: Account, department: Account
) -> None:
    decided = decide_entry_appeal(
        appeal_entry(entry, 0, text="我没有参加", by=trainee), uphold=True, reason="登记错人", by=department
    )
    assert (net(person), person.entries.count(), decided.correction) == (0, 2, None)


def test_a_dismissed_appeal_leaves_the_ledger_alone_and_another_may_follow(
    entry: Entry, person: Person, trainee: Account, department: Account
) -> None:
    decide_entry_appeal(
        appeal_entry(entry, 400, text="少记", by=trainee), uphold=False, reason="签到不足", by=department
    )
    assert (net(person), person.entries.count()) == (300, 1)
    assert appeal_entry(entry, 400, text="另有证明", by=trainee).state == State.OPEN


def test_only_the_person_appeals_about_a_line_that_stands(
    entry: Entry, person: Person, trainee: Account, department: Account
) -> None:
    colleague = make_account(Role.TRAINEE, None, make_person(person.unit))  # type: ignore[arg-type]
    for account in (colleague, department, make_account(Role.LIAISON, person.unit)):
        with pytest.raises(Refused):
            appeal_entry(entry, 0, text="不对", by=account)
    reversal = reverse_entry(entry, "重复", department)
    for gone in (entry, reversal):
        with pytest.raises(Refused):
            appeal_entry(gone, 0, text="不对", by=trainee)


def test_an_appeal_needs_words_another_number_and_real_evidence(entry: Entry, trainee: Account) -> None:
    for claims, text in ((0, "  "), (300, "不对"), (-1, "不对"), (20_001, "不对")):
        with pytest.raises(Invalid):
            appeal_entry(entry, claims, text=text, by=trainee)
    with pytest.raises(Invalid, match="PDF"):
        appeal_entry(entry, 0, text="不对", by=trainee, evidence=SimpleUploadedFile("证书.pdf", b"MZ\x90"))
    assert not EntryAppeal.objects.exists()


def test_one_appeal_about_an_entry_waits_at_a_time(entry: Entry, trainee: Account) -> None:
    appeal_entry(entry, 0, text="不对", by=trainee)
    with pytest.raises(Refused):
        appeal_entry(entry, 10, text="不对", by=trainee)
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryAppeal.objects.create(person=entry.person, entry=entry, claims_tenths=1, text="x", by_id=trainee.pk)


def test_only_the_department_of_the_person_decides_once_and_with_a_reason(
    entry: Entry, person: Person, trainee: Account, department: Account
) -> None:
    made = appeal_entry(entry, 0, text="不对", by=trainee)
    county = make_unit("县", parent=department.scope_unit)
    Account.objects.filter(pk=trainee.pk).update(role=Role.DEPARTMENT, scope_unit=department.scope_unit)
    itself = Account.objects.get(pk=trainee.pk)
    auditor, liaison = make_account(Role.AUDITOR, department.scope_unit), make_account(Role.LIAISON, person.unit)
    for account in (trainee, liaison, auditor, make_department(county), itself):
        with pytest.raises(Refused):
            decide_entry_appeal(made, uphold=True, reason="属实", by=account)
    with pytest.raises(Invalid):
        decide_entry_appeal(made, uphold=True, reason=" ", by=department)
    stale = EntryAppeal.objects.get(pk=made.pk)
    decide_entry_appeal(made, uphold=True, reason="属实", by=department)
    with pytest.raises(Conflict):
        decide_entry_appeal(stale, uphold=False, reason="不属实", by=department)
    assert Entry.objects.filter(reverses=entry).count() == 1


def test_upholding_what_was_cancelled_meanwhile_changes_nothing(
    entry: Entry, person: Person, trainee: Account, department: Account
) -> None:
    made = appeal_entry(entry, 100, text="不对", by=trainee)
    reverse_entry(entry, "重复", department)
    with pytest.raises(Conflict):
        decide_entry_appeal(made, uphold=True, reason="属实", by=department)
    made.refresh_from_db()
    assert (made.state, net(person)) == (State.OPEN, 0)
    assert decide_entry_appeal(made, uphold=False, reason="已冲正", by=department).state == State.DISMISSED


def test_the_pages_lead_from_the_ledger_to_the_decision(
    client: Client, entry: Entry, person: Person, trainee: Account, department: Account
) -> None:
    ledger, make = reverse("obligations:ledger", args=[person.pk]), reverse("obligations:appeal_entry", args=[entry.pk])
    client.force_login(trainee)
    assert make in client.get(ledger).content.decode()
    assert client.get(make).status_code == 200
    assert client.post(make, {"hours": "x"}).status_code == 422
    sent = {"hours": "37.5", "text": "少记了一天", "evidence": SimpleUploadedFile("a.pdf", SCAN)}
    page = client.post(make, sent)["Location"]
    made = EntryAppeal.objects.get()
    assert (made.claims_tenths, page) == (375, reverse("obligations:entry_appeal", args=[made.pk]))
    assert make not in client.get(ledger).content.decode()
    evidence = reverse("obligations:appeal_evidence", args=[made.pk])
    assert b"".join(client.get(evidence)) == SCAN
    assert client.post(page, {"reason": "属实", "decision": "uphold"}).status_code == 403
    client.force_login(department)
    assert "春季进修班" in client.get(reverse("obligations:entry_appeals")).content.decode()
    assert client.post(page, {"reason": "属实"}).status_code == 404
    assert client.post(page, {"reason": "", "decision": "uphold"}).status_code == 422
    assert client.post(page, {"reason": "属实", "decision": "uphold"}).status_code == 302
    assert "37.5" in client.get(page).content.decode()


def test_an_appeal_does_not_exist_outside_the_scope(
    client: Client, entry: Entry, trainee: Account, department: Account
) -> None:
    made = appeal_entry(entry, 0, text="不对", by=trainee, evidence=SimpleUploadedFile("a.pdf", SCAN))
    elsewhere = make_unit(parent=department.scope_unit)
    for account in (
        make_account(Role.LIAISON, elsewhere),
        make_department(elsewhere),
        make_account(Role.TRAINEE, None, make_person(elsewhere)),
    ):
        client.force_login(account)
        for name in ("entry_appeal", "appeal_evidence"):
            assert client.get(reverse(f"obligations:{name}", args=[made.pk])).status_code == 404
        assert client.get(reverse("obligations:appeal_entry", args=[entry.pk])).status_code == 404
        assert "春季进修班" not in client.get(reverse("obligations:entry_appeals")).content.decode()
    for role in (Role.SCHOOL, Role.TEACHER):
        client.force_login(make_account(role, department.scope_unit))
        assert client.get(reverse("obligations:entry_appeal", args=[made.pk])).status_code in {403, 404}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_ten_officers_deciding_at_once_decide_once(on_postgres: bool) -> None:
    if not on_postgres:
        pytest.skip("SQLite lets one writer in at a time")
    department = make_department(make_city())
    person = make_person(make_unit(parent=department.scope_unit))
    made = appeal_entry(make_entry(person, DAY, 300), 100, text="不对", by=make_account(Role.TRAINEE, None, person))

    def decide(uphold: bool) -> EntryAppeal:
        mine = EntryAppeal.objects.get(pk=made.pk)
        return decide_entry_appeal(mine, uphold=uphold, reason="属实", by=department)

    done = at_once([lambda uphold=bool(n % 2): decide(uphold) for n in range(10)])
    assert (done["done"], done.total()) == (1, 10)
    made.refresh_from_db()
    assert net(person) == (100 if made.state == State.UPHELD else 300)
    assert Entry.objects.filter(reverses=made.entry_id).count() == (1 if made.state == State.UPHELD else 0)
