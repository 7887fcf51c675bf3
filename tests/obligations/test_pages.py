"""The pages: every number opens to its rows, everyone sees the own scope only, and deeds go through."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from tests.factories import make_account, make_city, make_department, make_entry, make_person, make_policy, make_unit
from tests.obligations.test_history import line, sheet
from tests.obligations.texts import CITY, FAULTY, STRICTER
from zhixing.base.models import Job
from zhixing.obligations.actions import refresh_standings
from zhixing.obligations.models import Channel, Entry, Exemption, ExternalTraining, HistoryImport, Policy
from zhixing.obligations.queries.board import STATES, board_for, units_below
from zhixing.obligations.queries.lists import at_worst, foreseen_in_scope, of_rank, people_in, standings_in_scope
from zhixing.obligations.shipped import shipped_policy
from zhixing.people.models import Account, Person, RecordReading, Role

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


class City:
    """Two units; in the first somebody behind and somebody ready, in the second somebody behind; all as of today."""

    def __init__(self) -> None:
        self.city = make_city()
        self.here, self.there = make_unit("财政局", parent=self.city), make_unit("教育局", parent=self.city)
        self.policy = make_policy(CITY.replace("2026-01-01", f"{TODAY.year - 5}-01-01"))
        self.behind = make_person(self.here, "周甲", number="N001")
        self.ready = make_person(self.here, "吴乙", number="N002", rank="", grade="一级主任科员")
        self.other = make_person(self.there, "郑丙", number="N003")
        self.day = dt.date(TODAY.year, 1, 1)
        self.entry = make_entry(self.ready, self.day, 900, title="春季进修班")
        make_entry(self.behind, self.day, 350, Channel.ONLINE, title="网络课程")
        refresh_standings(on=TODAY)
        self.department = make_department(self.city)
        self.liaison = make_account(Role.LIAISON, self.here)
        self.auditor = make_account(Role.AUDITOR, self.city)
        self.trainee = make_account(Role.TRAINEE, None, self.behind)
        self.school = make_account(Role.SCHOOL, self.city)
        self.teacher = make_account(Role.TEACHER)


@pytest.fixture
def city() -> City:
    return City()


@pytest.fixture(autouse=True)
def _in_english(client: Client) -> object:
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


def page(client: Client, account: Account, name: str, *keys: object, **query: str) -> tuple[int, str]:
    client.force_login(account)
    response = client.get(reverse(f"obligations:{name}", args=keys), query)
    content = response.getvalue() if response.streaming else response.content  # type: ignore[attr-defined]
    return response.status_code, content.decode(errors="replace")


def send(client: Client, account: Account, name: str, *keys: object, **data: object) -> int:
    client.force_login(account)
    return client.post(reverse(f"obligations:{name}", args=keys), data).status_code


def test_the_boards_first_line_is_how_many_will_be_overdue(client: Client, city: City) -> None:
    status, content = page(client, city.department, "standings")
    assert status == 200
    assert f"<strong>2</strong> people will be overdue on {TODAY.year}-12-31" in content


def test_every_number_of_the_board_opens_to_exactly_its_rows(city: City) -> None:
    for account in (city.department, city.liaison, city.auditor):
        board = board_for(account, {"annual": "a", "online": "b"})
        units = units_below(account)
        rows = standings_in_scope(account)
        assert {state: people_in(at_worst(rows, state)) for state in STATES} == {
            state: board.states.get(state, 0) for state in STATES
        }
        for rule in board.rules:
            assert tuple(rows.filter(rule=rule.code, state=state).count() for state in STATES) == rule.counts
        due = foreseen_in_scope(account)
        assert people_in(due) == board.due
        assert {line.key: people_in(of_rank(due, line.key)) for line in board.ranks} == {
            line.key: line.due for line in board.ranks
        }
        assert {line.key: people_in(due.filter(person__unit=line.key)) for line in units} == {
            line.key: line.due for line in units
        }


def test_a_liaison_counts_the_own_unit_only(city: City) -> None:
    assert (board_for(city.department, {}).people, board_for(city.liaison, {}).people) == (3, 2)


def test_the_list_narrows_sorts_and_counts_people(client: Client, city: City) -> None:
    _status, content = page(client, city.department, "foreseen_list")
    assert "<strong>4</strong> duties of 2 people" in content
    assert "吴乙" not in content
    _status, content = page(client, city.department, "foreseen_list", unit=str(city.here.pk), rule="online")
    assert "<strong>1</strong> duty of 1 people" in content
    for query in (
        {"worst": "met"},
        {"rank": "一级主任科员"},
        {"q": "N002"},
        {"unit": str(city.here.pk), "state": "met"},
    ):
        _status, content = page(client, city.department, "standing_list", **query)
        assert ("吴乙" in content, "郑丙" in content) == (True, False), query


def test_the_list_is_exported_as_it_is_filtered(client: Client, city: City) -> None:
    client.force_login(city.department)
    response = client.get(reverse("obligations:standing_list"), {"rule": "online", "export": "standings"})
    rows = list(load_workbook(io.BytesIO(b"".join(response))).active.values)  # type: ignore[union-attr]
    assert [(row[0], row[5], row[6], row[7]) for row in rows[1:]] == [("周甲", 50, 35, 15), ("郑丙", 50, 0, 50)]


def test_an_address_with_filters_leads_to_the_list(client: Client, city: City) -> None:
    client.force_login(city.department)
    response = client.get(reverse("obligations:standings"), {"state": "overdue"})
    assert response["Location"] == f"{reverse('obligations:standing_list')}?state=overdue"


def test_an_old_address_of_the_people_due_leads_to_their_list(client: Client, city: City) -> None:
    client.force_login(city.department)
    response = client.get(reverse("obligations:standing_list"), {"due": "1", "unit": "7", "state": "met"})
    assert response["Location"] == f"{reverse('obligations:foreseen_list')}?unit=7"


def test_the_list_of_the_years_end_is_for_who_sees_the_board(client: Client, city: City) -> None:
    assert "郑丙" not in page(client, city.liaison, "foreseen_list")[1]
    for account in (city.school, city.teacher, city.trainee):
        assert page(client, account, "foreseen_list")[0] == 403


def test_a_board_of_an_earlier_day_says_so(client: Client, city: City) -> None:
    refresh_standings(on=TODAY - dt.timedelta(days=1))
    assert "of an earlier day" in page(client, city.department, "standings")[1]


def test_an_empty_board_says_what_to_do_next(client: Client) -> None:
    department = make_department(make_city())
    assert "No policy is in force" in page(client, department, "standings")[1]
    make_policy(CITY)
    assert "Nobody is held to a rule yet" in page(client, department, "standings")[1]


def test_the_desk_asks_for_a_new_snapshot_and_sees_it_under_way(client: Client, city: City) -> None:
    assert send(client, city.department, "refresh") == 302
    assert "Recompute the standings" in page(client, city.department, "standings")[1]
    assert send(client, city.liaison, "refresh") == 403


def test_one_persons_page_writes_the_sum_out_and_lists_the_entries(client: Client, city: City) -> None:
    status, content = page(client, city.department, "standing", city.behind.pk)
    assert status == 200
    assert "周甲 still needs <strong>70</strong> hours" in content
    assert "Online 20 (of 35, 15 are over the cap)" in content
    assert "网络课程" in content
    assert "第七条" in content


def test_a_page_about_any_day_as_known_on_any_day(client: Client, city: City) -> None:
    late = make_entry(city.behind, city.day, 900, recorded_on=TODAY, title="后来补记的班")
    before = (TODAY - dt.timedelta(days=1)).isoformat()
    now = page(client, city.department, "standing", city.behind.pk)[1]
    then = page(client, city.department, "standing", city.behind.pk, known_on=before)[1]
    assert late.title in now.split("does not count")[0]
    assert "still needs <strong>70</strong> hours" in then
    assert "not recorded yet at that moment" in then
    assert "signed only after that day" in then
    assert "no rule asks hours" in page(client, city.department, "standing", city.behind.pk, on="1990-01-01")[1]
    for nonsense in ("yesterday", "9999-12-31", "0001-01-01"):
        assert page(client, city.department, "standing", city.behind.pk, on=nonsense)[0] == 422


def test_a_cancelled_entry_is_explained(client: Client, city: City) -> None:
    assert send(client, city.department, "reverse", city.entry.pk, reason="登记错人") == 302
    content = page(client, city.department, "standing", city.ready.pk)[1]
    assert "cancelled by another entry" in content
    assert "cancels another entry" in content
    ledger = page(client, city.department, "ledger", city.ready.pk)[1]
    assert "<del>春季进修班</del>" in ledger
    assert "登记错人" in ledger


def test_reading_somebody_elses_record_is_on_record(client: Client, city: City) -> None:
    page(client, city.auditor, "standing", city.behind.pk)
    page(client, city.auditor, "ledger", city.behind.pk)
    page(client, city.trainee, "standing", city.behind.pk)
    assert set(RecordReading.objects.values_list("reader", "page")) == {
        (city.auditor.pk, "standing"),
        (city.auditor.pk, "ledger"),
    }


def test_a_trainee_sees_the_own_standing_and_nobody_elses(client: Client, city: City) -> None:
    assert page(client, city.trainee, "mine")[0] == 200
    assert page(client, city.trainee, "standing", city.behind.pk)[0] == 200
    assert page(client, city.trainee, "ledger", city.behind.pk)[0] == 200
    for name in ("standing", "ledger"):
        assert page(client, city.trainee, name, city.ready.pk)[0] == 404
    client.force_login(city.trainee)
    assert client.get(reverse("obligations:standings"))["Location"] == reverse("obligations:mine")
    for name in ("standing_list", "exemptions", "history"):
        assert page(client, city.trainee, name)[0] == 403
    for name in ("policies", "external", "record_external"):
        assert page(client, city.trainee, name)[0] == 200


def test_a_liaison_sees_the_own_subtree_only(client: Client, city: City) -> None:
    assert page(client, city.liaison, "standing", city.behind.pk)[0] == 200
    assert page(client, city.liaison, "standing", city.other.pk)[0] == 404
    assert "郑丙" not in page(client, city.liaison, "standing_list")[1]
    assert page(client, city.liaison, "reverse", city.entry.pk)[0] == 403


@pytest.mark.parametrize("role", ["school", "teacher"])
def test_school_and_teachers_see_nothing(client: Client, city: City, role: str) -> None:
    account = getattr(city, role)
    for name in ("standings", "standing_list", "policies", "exemptions", "external", "history", "sign"):
        assert page(client, account, name)[0] == 403, name
    assert page(client, account, "policy", city.policy.pk)[0] == 403
    for name in ("standing", "ledger"):
        assert page(client, account, name, city.behind.pk)[0] == 404
    assert page(client, account, "mine")[0] == 404


def test_an_auditor_reads_and_changes_nothing(client: Client, city: City) -> None:
    exemption = exempt(city.behind)
    for name in ("standings", "standing_list", "policies", "exemptions", "external"):
        assert page(client, city.auditor, name)[0] == 200
    for name, keys in (
        ("refresh", ()),
        ("reverse", (city.entry.pk,)),
        ("sign", ()),
        ("add_exemption", ()),
        ("withdraw", (exemption.pk,)),
        ("record_external", ()),
        ("history", ()),
    ):
        assert send(client, city.auditor, name, *keys, reason="x") == 403, name


def test_an_empty_list_offers_no_deed_that_would_be_refused(client: Client) -> None:
    city = make_city()
    for account, offered in ((make_department(city), True), (make_account(Role.AUDITOR, city), False)):
        for name, deed in (("external", "record_external"), ("exemptions", "add_exemption"), ("policies", "sign")):
            content = page(client, account, name)[1]
            assert (f'href="{reverse(f"obligations:{deed}")}"' in content) is offered, (name, account.role)


def exempt(person: Person) -> Exemption:
    return Exemption.objects.create(
        person=person, rule="annual", from_on=TODAY, to_on=TODAY, reason="援藏", recorded_at=timezone.now()
    )


def test_exemptions_are_added_listed_and_withdrawn(client: Client, city: City) -> None:
    given = {"number": "N001", "rule": "annual", "from_on": str(TODAY), "to_on": str(TODAY), "reason": "援藏"}
    assert send(client, city.department, "add_exemption", **given) == 302
    assert send(client, city.department, "add_exemption", **{**given, "number": "N404"}) == 422
    assert send(client, city.department, "add_exemption", **{**given, "to_on": "2000-01-01"}) == 422
    content = page(client, city.department, "exemptions")[1]
    assert "<strong>1</strong> exemption is in force" in content
    assert "年度集中培训" in content
    assert send(client, city.department, "withdraw", Exemption.objects.get().pk) == 302
    assert "周甲" in page(client, city.department, "exemptions", state="withdrawn")[1]
    assert "周甲" not in page(client, city.liaison, "exemptions", state="valid")[1]


def test_a_new_policy_is_weighed_then_signed(client: Client, city: City, run_jobs: Callable[[], int]) -> None:
    text = STRICTER.replace("2026-01-01", f"{TODAY.year}-01-01").replace("hours = 120", "hours = 10")
    client.force_login(city.department)
    response = client.post(reverse("obligations:sign"), {"text": text.replace("\n", "\r\n")})  # as browsers send it
    job = Job.objects.get(kind="obligations.compare_policy")
    assert response["Location"] == reverse("obligations:draft", args=(job.pk,))
    assert "is being computed" in page(client, city.department, "draft", job.pk)[1]
    assert send(client, city.department, "sign_draft", job.pk) == 403  # nobody signs unseen
    run_jobs()
    content = page(client, city.department, "draft", job.pk)[1]
    assert "would move <strong>1</strong> standing" in content
    assert "年度集中培训" in content
    main = content[content.index("<main") : content.index("<pre")]  # below it stands the document itself
    visible = re.sub(r"<[^>]+>", " ", main)
    assert not [code for code in re.findall(r'code = "([^"]+)"', text) if code in visible]
    assert send(client, city.department, "sign_draft", job.pk) == 302
    assert Policy.objects.get(version=2).text == text
    assert "is signed already" in page(client, city.department, "draft", job.pk)[1]
    assert send(client, city.department, "sign_draft", job.pk) == 409
    status, content = page(client, city.department, "policy", Policy.objects.get(version=2).pk)
    assert (status, "Online (at most 20)" in content) == (200, True)


def test_an_end_without_a_successor_is_confirmed_and_then_told_on_every_board(
    client: Client, city: City, run_jobs: Callable[[], int]
) -> None:
    begins, ends = TODAY.replace(month=1, day=1), TODAY.replace(month=12, day=31)
    text = STRICTER.replace("2026-01-01", str(begins)).replace('basis = "试行办法"', f"in_force_to = {ends}")
    for name in ("policies", "standings"):
        assert "no policy is in force" not in page(client, city.department, name)[1]
    send(client, city.department, "sign", text=text)
    job = Job.objects.get(kind="obligations.compare_policy")
    run_jobs()
    content = page(client, city.department, "draft", job.pk)[1]
    assert "On some days no policy would be in force" in content
    assert content.count('action="' + reverse("obligations:sign_draft", args=(job.pk,))) == 1, (
        "one way to sign: confirmed"
    )
    assert send(client, city.department, "sign_draft", job.pk) == 422
    assert send(client, city.department, "sign_draft", job.pk, accepts_gap="yes") == 302
    for name in ("policies", "standings"):
        assert f"From {TODAY.year + 1}-01-01 on no policy is in force" in page(client, city.department, name)[1]


def test_a_faulty_policy_comes_back_with_every_fault(client: Client, city: City) -> None:
    client.force_login(city.department)
    upload = SimpleUploadedFile("city.toml", FAULTY.encode())
    response = client.post(reverse("obligations:sign"), {"file": upload})
    assert response.status_code == 422
    assert "2 faults keep this policy from being signed" in response.content.decode()
    assert not Job.objects.filter(kind="obligations.compare_policy").exists()


def test_a_draft_is_another_persons_matter(client: Client, city: City) -> None:
    send(client, city.department, "sign", text=STRICTER)
    job = Job.objects.get(kind="obligations.compare_policy")
    assert page(client, city.liaison, "draft", job.pk)[0] == 403
    refresh = Job.objects.create(kind="obligations.refresh", label="x", owner_id=city.department.pk)
    assert page(client, city.department, "draft", refresh.pk)[0] == 404


def external(client: Client, account: Account, **fields: object) -> int:
    given = {
        "number": "N001",
        "title": "省级进修班",
        "organiser": "省委组织部",
        "began_on": str(city_day := TODAY - dt.timedelta(days=10)),
        "ended_on": str(city_day),
        "hours": "40.5",
        "channel": "offjob",
    }
    return send(client, account, "record_external", **{**given, **fields})


def test_a_liaison_enters_and_the_department_approves(client: Client, city: City) -> None:
    proof = SimpleUploadedFile("证书.pdf", b"%PDF-1.4 invented")
    assert external(client, city.liaison, evidence=proof) == 302
    training = ExternalTraining.objects.get()
    assert "<strong>1</strong> outside training waits" in page(client, city.department, "external")[1]
    assert page(client, city.department, "evidence", training.pk)[1].startswith("%PDF")
    assert send(client, city.liaison, "decide_external", training.pk, "approve") == 403
    assert send(client, city.department, "decide_external", training.pk, "bless") == 404
    assert send(client, city.department, "decide_external", training.pk, "approve") == 302
    assert Entry.objects.get(source="external").tenths == 405
    assert "Approved" in page(client, city.liaison, "external_training", training.pk)[1]


def test_a_refusal_is_told_with_its_reason(client: Client, city: City) -> None:
    external(client, city.liaison)
    training = ExternalTraining.objects.get()
    assert page(client, city.department, "evidence", training.pk)[0] == 404
    assert send(client, city.department, "decide_external", training.pk, "refuse", reason="") == 422
    assert send(client, city.department, "decide_external", training.pk, "refuse", reason="证明不全") == 302
    assert "证明不全" in page(client, city.liaison, "external_training", training.pk)[1]


def test_outside_training_of_other_units_does_not_exist(client: Client, city: City) -> None:
    external(client, city.department, number="N003")
    training = ExternalTraining.objects.get()
    for name in ("external_training", "evidence"):
        assert page(client, city.liaison, name, training.pk)[0] == 404
    assert external(client, city.liaison, number="N003") == 422
    assert external(client, city.liaison, hours="40.55") == 422
    assert external(client, city.liaison, ended_on="2999-01-01") == 422
    assert external(client, city.liaison, ended_on="2000-01-01") == 422


def test_history_is_uploaded_looked_at_and_booked(client: Client, city: City, run_jobs: Callable[[], int]) -> None:
    client.force_login(city.department)
    content = sheet([line("N001"), line("N404")])
    client.post(reverse("obligations:history"), {"file": SimpleUploadedFile("history.xlsx", content)})
    history = HistoryImport.objects.get()
    assert "is being read" in page(client, city.department, "history_import", history.pk)[1]
    run_jobs()
    shown = page(client, city.department, "history_import", history.pk)[1]
    assert "would book 1 trainings" in shown
    assert "N404" in shown
    assert 'data-label="Sheet">培训记录</td>' in shown
    assert "拒收" in shown
    client.force_login(city.department)
    response = client.get(reverse("obligations:history_problems", args=(history.pk,)))
    rows = list(load_workbook(io.BytesIO(b"".join(response))).active.values)  # type: ignore[union-attr]
    assert rows[0] == ("文件", "工作表", "行号", "列", "值", "处理", "原因", "处理建议")
    assert rows[1][:6] == ("history.xlsx", "培训记录", 3, "身份证号/工号", "N404", "拒收")
    assert send(client, city.department, "history_deed", history.pk, "book") == 302
    run_jobs()
    assert "booked 1 trainings" in page(client, city.department, "history_import", history.pk)[1]
    assert Entry.objects.filter(source="history", person=city.behind).exists()
    assert send(client, city.department, "history_deed", history.pk, "burn") == 404
    assert "history.xlsx" in page(client, city.department, "history")[1]


def test_what_is_no_sheet_comes_back_with_the_reason(client: Client, city: City) -> None:
    client.force_login(city.department)
    response = client.post(reverse("obligations:history"), {"file": SimpleUploadedFile("history.xlsx", b"MZ\x90")})
    assert response.status_code == 422


def test_imports_of_other_subtrees_do_not_exist(client: Client, city: City) -> None:
    client.force_login(city.department)
    client.post(reverse("obligations:history"), {"file": SimpleUploadedFile("history.xlsx", sheet([line("N001")]))})
    county = make_account(Role.DEPARTMENT, city.there)
    assert page(client, county, "history_import", HistoryImport.objects.get().pk)[0] == 404


def test_pages_cost_few_queries(
    client: Client, city: City, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for _ in range(30):
        make_person(city.here)
    refresh_standings(on=TODAY)
    client.force_login(city.department)
    for name, keys, most in (("standings", (), 14), ("standing_list", (), 14), ("standing", (city.behind.pk,), 24)):
        with django_assert_max_num_queries(most):  # type: ignore[attr-defined]
            client.get(reverse(f"obligations:{name}", args=keys))


def test_standings_are_read_in_chinese_by_default(client: Client, city: City) -> None:
    del client.cookies["django_language"]
    assert "人到" in page(client, city.department, "standings")[1]


def test_a_city_without_a_policy_adopts_the_national_one(client: Client, run_jobs: Callable[[], int]) -> None:
    department = make_department(make_city())
    address = f"{reverse('obligations:sign')}?from=national"
    assert f'href="{address}"' in page(client, department, "sign")[1]
    client.force_login(department)
    begun = client.get(address)
    text = begun.context["form"].initial["text"]
    assert text == shipped_policy()
    assert f'href="{address}"' not in begun.content.decode()
    assert send(client, department, "sign", text=text.replace("\n", "\r\n")) == 302
    run_jobs()
    job = Job.objects.get(kind="obligations.compare_policy")
    assert send(client, department, "sign_draft", job.pk) == 302
    assert Policy.objects.get().text == text
    assert f'href="{address}"' not in page(client, department, "sign")[1]
