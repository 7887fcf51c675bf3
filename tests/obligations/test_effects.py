"""A draft beside the policy in force: who gains and who loses, by unit and rank, down to one person's two explanations."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.factories import make_account, make_city, make_department, make_entry, make_person, make_policy, make_unit
from tests.obligations.texts import CITY
from zhixing.base.models import Job
from zhixing.obligations.actions import NewExemption, add_exemption, compare_policy, sign_policy
from zhixing.obligations.actions.policies import COMPARISONS_KEPT, weigh_policy
from zhixing.obligations.models import PolicyEffect
from zhixing.obligations.queries.comparison import impact_of
from zhixing.people.models import Account, RecordReading, Role

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
HELD = CITY.replace("2026-01-01", f"{TODAY.year}-01-01")
DRAFT = HELD.replace("hours = 90", "hours = 120").replace("hours = 50", "hours = 20").replace("试行办法", "草案")


class Impacted:
    """One person who only loses, one who loses under one rule and gains under another, and one who is touched by neither."""

    def __init__(self, run_jobs: Callable[[], int]) -> None:
        self.city = make_city()
        self.here, self.there = make_unit("财政局", parent=self.city), make_unit("教育局", parent=self.city)
        make_policy(HELD)
        self.loser = make_person(self.here, "吴乙", number="N1", rank="", grade="一级主任科员")
        self.both = make_person(self.there, "周甲", number="N2")
        self.ready = make_person(self.there, "郑丙", number="N3", rank="", grade="一级主任科员")
        day = dt.date(TODAY.year, 1, 1)
        make_entry(self.loser, day, 900)
        make_entry(self.ready, day, 1300)
        self.department = make_department(self.city)
        self.job = compare_policy(DRAFT, self.department, TODAY)
        run_jobs()
        self.job.refresh_from_db()


@pytest.fixture
def impacted(client: Client, run_jobs: Callable[[], int]) -> object:
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield Impacted(run_jobs)


def test_each_person_and_rule_that_changes_is_kept(impacted: Impacted) -> None:
    rows = PolicyEffect.objects.filter(job=impacted.job).values_list(
        "person", "rule", "direction", "missing_before", "missing_after"
    )
    assert set(rows) == {
        (impacted.loser.pk, "annual", "heavier", 0, 300),
        (impacted.both.pk, "annual", "heavier", 900, 1200),
        (impacted.both.pk, "online", "lighter", 500, 200),
    }


def test_people_are_counted_once_by_unit_and_by_rank(impacted: Impacted) -> None:
    impact = impact_of(impacted.job, impacted.department)
    assert (impact.heavier, impact.lighter) == (2, 1)
    assert [(one.label, one.heavier, one.lighter) for one in impact.units] == [("财政局", 1, 0), ("教育局", 1, 1)]
    assert {one.label: (one.heavier, one.lighter) for one in impact.ranks} == {
        "一级主任科员": (1, 0),
        "乡科级正职": (1, 1),
    }


def test_every_figure_opens_to_its_rows_and_they_are_exported(client: Client, impacted: Impacted) -> None:
    client.force_login(impacted.department)
    draft = client.get(reverse("obligations:draft", args=[impacted.job.pk])).content.decode()
    address = reverse("obligations:effects", args=[impacted.job.pk])
    assert f"{address}?direction=heavier&amp;unit={impacted.here.pk}" in draft
    for query, names in (
        ({"direction": "lighter"}, {"周甲"}),
        ({"direction": "heavier", "unit": str(impacted.here.pk)}, {"吴乙"}),
        ({"rank": "乡科级正职"}, {"周甲"}),
        ({"q": "N1"}, {"吴乙"}),
    ):
        content = client.get(address, query).content.decode()
        assert {name for name in ("吴乙", "周甲", "郑丙") if name in content} == names, query
    sheet, _explained = exported(client, impacted.job, direction="heavier")
    assert {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)} == {"吴乙", "周甲"}


def exported(client: Client, job: Job, **query: str) -> list[Worksheet]:
    address = reverse("obligations:effects", args=[job.pk])
    response = client.get(address, {**query, "export": "policy-effects"})
    body = response.getvalue() if response.streaming else response.content  # type: ignore[attr-defined]
    return load_workbook(io.BytesIO(body)).worksheets


def test_each_row_of_the_export_opens_to_the_persons_two_explanations(client: Client, impacted: Impacted) -> None:
    client.force_login(impacted.department)
    for sheet in exported(client, impacted.job):
        names = [cell for (cell, *_rest) in sheet.iter_rows(min_row=2)]
        links = {cell.value: cell.hyperlink.target for cell in names if cell.hyperlink}
        assert links == {
            person.name: f"http://testserver{reverse('obligations:effect', args=[impacted.job.pk, person.pk])}"
            for person in (impacted.loser, impacted.both)
        }
        for address in links.values():
            assert client.get(address.removeprefix("http://testserver")).status_code == 200


def test_the_export_writes_both_explanations_out_side_by_side(client: Client, impacted: Impacted) -> None:
    client.force_login(impacted.department)
    _list, sheet = exported(client, impacted.job, q="N1")
    steps = {row[4]: row[5:] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert steps["required"] == ("90: the whole of the rule's 90", "120: the whole of the rule's 120")
    assert steps["missing"] == ("0", "30: 120 − 90")
    assert steps["state"][0] == "Met"
    assert RecordReading.objects.filter(person=impacted.loser.pk, reader=impacted.department).count() == 1
    assert not RecordReading.objects.filter(person=impacted.both.pk).exists()


def test_of_too_many_people_the_export_writes_the_list_alone(
    client: Client, impacted: Impacted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zhixing.obligations.views.effects.EXPLAINED_MAX", 1)
    client.force_login(impacted.department)
    assert len(exported(client, impacted.job)) == 1
    assert not RecordReading.objects.exists()
    assert len(exported(client, impacted.job, q="N1")) == 2


def test_after_the_signature_and_later_entries_the_comparison_says_what_it_said(
    client: Client, impacted: Impacted
) -> None:
    client.force_login(impacted.department)
    address = reverse("obligations:effect", args=[impacted.job.pk, impacted.loser.pk])
    sheets = [list(sheet.values) for sheet in exported(client, impacted.job)]
    sign_policy(DRAFT, impacted.department)
    make_entry(impacted.loser, TODAY, 300, recorded_on=TODAY + dt.timedelta(days=1))
    new = NewExemption(
        person=impacted.both, rule="annual", from_on=dt.date(TODAY.year, 1, 1), to_on=TODAY, reason="病假"
    )
    add_exemption(new, impacted.department)
    content = client.get(address).content.decode()
    assert "the whole of the rule&#x27;s 90" in content
    assert "the whole of the rule&#x27;s 120" in content
    assert "said something else" not in content
    assert [list(sheet.values) for sheet in exported(client, impacted.job)] == sheets


def test_a_post_changed_since_the_comparison_leaves_its_explanations_alone(client: Client, impacted: Impacted) -> None:
    client.force_login(impacted.department)
    address = reverse("obligations:effect", args=[impacted.job.pk, impacted.both.pk])
    before = client.get(address).context["rows"]
    impacted.both.postings.update(rank="", grade="一级主任科员")
    assert client.get(address).context["rows"] == before != []


def test_a_row_opens_to_both_explanations(client: Client, impacted: Impacted) -> None:
    client.force_login(impacted.department)
    content = client.get(reverse("obligations:effect", args=[impacted.job.pk, impacted.loser.pk])).content.decode()
    assert "the whole of the rule&#x27;s 90" in content
    assert "the whole of the rule&#x27;s 120" in content
    assert RecordReading.objects.filter(person=impacted.loser.pk, reader=impacted.department).count() == 1


def test_only_those_who_sign_see_it(client: Client, impacted: Impacted) -> None:
    accounts: list[Account] = [
        make_account(Role.LIAISON, impacted.here),
        make_account(Role.AUDITOR, impacted.city),
        make_department(impacted.here),
        make_account(Role.TRAINEE, None, impacted.loser),
    ]
    for account in accounts:
        client.force_login(account)
        for name, keys in (("effects", [impacted.job.pk]), ("effect", [impacted.job.pk, impacted.loser.pk])):
            assert client.get(reverse(f"obligations:{name}", args=keys)).status_code == 403


def test_a_second_run_replaces_the_first_and_old_comparisons_are_put_away(impacted: Impacted) -> None:
    weigh_policy(impacted.job, DRAFT, TODAY)
    assert PolicyEffect.objects.filter(job=impacted.job).count() == 3
    for _n in range(COMPARISONS_KEPT):
        later = Job.objects.create(kind=impacted.job.kind, label="x", arguments=impacted.job.arguments)
        weigh_policy(later, DRAFT, TODAY)
    assert not PolicyEffect.objects.filter(job=impacted.job).exists()
    assert PolicyEffect.objects.count() == 3 * COMPARISONS_KEPT


def weigh_others(impacted: Impacted) -> None:
    text = DRAFT.replace("hours = 120", "hours = 110")
    for _n in range(COMPARISONS_KEPT):
        later = Job.objects.create(kind=impacted.job.kind, label="x", arguments={"text": text, "on": f"{TODAY}"})
        weigh_policy(later, text, TODAY)


def test_a_comparison_put_away_says_so_and_still_explains(client: Client, impacted: Impacted) -> None:
    client.force_login(impacted.department)
    weigh_others(impacted)
    for name, said in (("draft", "no longer kept"), ("effects", "The list is no longer kept")):
        assert said in client.get(reverse(f"obligations:{name}", args=[impacted.job.pk])).content.decode()
    content = client.get(reverse("obligations:effect", args=[impacted.job.pk, impacted.loser.pk])).content.decode()
    assert "The comparison is no longer kept" in content
    assert "the whole of the rule&#x27;s 90" in content


def test_what_the_signer_had_seen_is_kept(client: Client, impacted: Impacted) -> None:
    client.force_login(impacted.department)
    sign_policy(DRAFT, impacted.department)
    again = compare_policy(DRAFT, impacted.department, TODAY)
    weigh_policy(again, DRAFT, TODAY)
    weigh_others(impacted)
    assert PolicyEffect.objects.filter(job=impacted.job).count() == 3
    assert "no longer kept" not in client.get(reverse("obligations:draft", args=[impacted.job.pk])).content.decode()


def test_a_comparison_that_did_not_keep_its_ground_is_no_longer_shown(client: Client, impacted: Impacted) -> None:
    client.force_login(impacted.department)
    Job.objects.filter(pk=impacted.job.pk).update(result={"on": f"{TODAY}", "changes": []})
    for name, keys in (("effects", [impacted.job.pk]), ("effect", [impacted.job.pk, impacted.loser.pk])):
        response = client.get(reverse(f"obligations:{name}", args=keys))
        assert response.status_code == 409
        assert "no longer kept" in response.content.decode()
    assert client.get(reverse("obligations:effect", args=[impacted.job.pk, 0])).status_code == 404
