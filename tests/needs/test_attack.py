"""The attack on everything told of needs: all accounts read all pages and sheets at several moments, and linear algebra looks for groups of a few.

It knows who has answered what and shares no code with the engine: of each figure that is shown, the number of sheets beside it must be that of whole blocks
(what one survey has of a place), and no combination of the sets of sheets may be of fewer than five."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from tests import factories
from tests.needs.asked import City
from zhixing.needs import tokens
from zhixing.needs.actions.answering import hand_in
from zhixing.needs.actions.reckonings import complete_reckoning, start_reckoning
from zhixing.needs.actions.surveys import close_survey
from zhixing.needs.models import NeedsReckoning, NeedsSheet, NeedsSurvey
from zhixing.people.models import Account, Role

pytestmark = pytest.mark.django_db
LEAST = 5
Atom = tuple[int, str, str]
"""Survey, unit, rank group: who cannot be told apart by anything that is shown."""
SIZES = {"水务局": (6, 7), "住建局": (9, 2), "财政局": (10, 9), "档案馆": (1, 3), "统计局": (5, 6), "信访局": (0, 12)}
LABELS = {"乡科级": "township", "科员及以下": "staff"}


class Town(City):
    """Six units of chiefs and others, some of them small."""

    def __init__(self) -> None:
        super().__init__(people=0)
        for name, (chiefs, others) in SIZES.items():
            unit = next((one for one in self.units if one.name == name), None) or factories.make_unit(name, self.root)
            if unit not in self.units:
                self.units.append(unit)
            for n in range(chiefs + others):
                rank, title = ("乡科级正职", "科长") if n < chiefs else ("科员", "")
                self.people.append(factories.make_person(unit, rank=rank, title=title))

    def hold(self, who: str, share: float = 1.0) -> NeedsSurvey:
        """A survey that the first of each stratum answer; every second of them wants to learn by cases, two in all on the spot."""
        survey = self.launch(who=who)
        seen: Counter[int] = Counter()
        for place, ticket in enumerate(survey.tickets.order_by("stratum__unit", "stratum__rank_group", "pk")):
            seen[ticket.stratum_id] += 1
            if seen[ticket.stratum_id] > share * ticket.stratum.asked:
                continue
            marks = {f"p-{key}": [str(1 + (place * 7 + n) % 3)] for n, key in enumerate(ticket.levels)}
            marks |= {f"i-{key}": ["4"] for key in ticket.levels}
            methods = (["case"] if place % 2 else []) + (["site"] if place < 2 else []) + ["lecture"]
            hand_in(tokens.make(ticket), {**marks, "method": methods})
        close_survey(survey, by=self.department)
        return survey

    def reckon(self) -> NeedsReckoning:
        made, _job = start_reckoning(2027, self.framework, by=self.department)
        return complete_reckoning(made.pk)


@dataclass
class Attacker:
    """Everything that is read, as sets of atoms by competency."""

    sheets: dict[str, Counter[Atom]] = field(default_factory=dict)
    known: dict[str, list[frozenset[Atom]]] = field(default_factory=dict)

    def learn(self, town: Town) -> None:
        """Who answered what, which no page tells"""
        codes = {str(one.pk): one.code for one in town.framework.competencies.all()}
        self.sheets = {code: Counter() for code in codes.values()}
        for sheet in NeedsSheet.objects.select_related("stratum__unit"):
            for key in sheet.answers:
                self.sheets[codes[key]][sheet.survey_id, sheet.stratum.unit.name, sheet.stratum.rank_group] += 1

    def read(self, account: Account, reckoning: NeedsReckoning, names: dict[str, str]) -> int:
        """The list of needs as it is taken along"""
        client = Client()
        client.force_login(account)
        answer = client.get(reverse("needs:needs", args=[reckoning.pk]), {"export": "needs"})
        assert answer.status_code == 200
        content = b"".join(answer) if answer.streaming else answer.content
        rows = [list(row) for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]
        head = [str(cell) for cell in rows[0]]
        place = {name: head.index(name) for name in ("能力", "单位", "层次", "差距", "答卷")}
        found = 0
        for row in rows[1:]:
            if row[place["差距"]] in (None, ""):
                continue
            unit, group = str(row[place["单位"]]), LABELS.get(str(row[place["层次"]]), "")
            self.figure(
                names[str(row[place["能力"]])], "" if unit == "全部" else unit, group, int(str(row[place["答卷"]]))
            )
            found += 1
        return found

    def figure(self, code: str, unit: str, group: str, n: int) -> None:
        """Of the blocks of a place those that have ``n`` sheets together: the sizes of the town are such that only one choice fits."""
        of_place = {a: k for a, k in self.sheets[code].items() if unit in ("", a[1]) and group in ("", a[2])}
        blocks: dict[int, set[Atom]] = {}
        for atom in of_place:
            blocks.setdefault(atom[0], set()).add(atom)
        fits = [
            frozenset(atom for block in some for atom in blocks[block])
            for size in range(len(blocks) + 1)
            for some in itertools.combinations(blocks, size)
            if sum(of_place[atom] for block in some for atom in blocks[block]) == n
        ]
        assert len(fits) == 1, (code, unit, group, n, of_place)
        assert n >= LEAST, (code, unit, group, n)
        self.known.setdefault(code, []).extend(fits)

    def exposed(self) -> Iterator[tuple[str, tuple[Atom, ...]]]:
        for code, sets in self.known.items():
            atoms = sorted(self.sheets[code])
            rows = np.array([[float(atom in one) for atom in atoms] for one in set(sets)])
            basis = np.linalg.svd(rows, full_matrices=False)[2][: np.linalg.matrix_rank(rows)]
            small = [n for n, atom in enumerate(atoms) if self.sheets[code][atom] < LEAST]
            for size in range(1, LEAST):
                for some in itertools.combinations(small, size):
                    if sum(self.sheets[code][atoms[n]] for n in some) < LEAST:
                        sought = np.zeros(len(atoms))
                        sought[list(some)] = 1.0
                        if np.linalg.norm(sought - basis.T @ (basis @ sought)) < 1e-9:
                            yield code, tuple(atoms[n] for n in some)


@pytest.fixture
def town() -> Town:
    return Town()


def test_no_combination_of_all_that_is_told_is_about_a_few(town: Town) -> None:
    auditor = factories.make_account(Role.AUDITOR, town.root)
    liaisons = [factories.make_account(Role.LIAISON, unit) for unit in town.units]
    names = {one.name: one.code for one in town.framework.competencies.all()}
    attacker, read = Attacker(), 0
    for who, share in (("self", 1.0), ("superior", 1.0), ("self", 0.8)):
        town.hold(who, share)
        attacker.learn(town)
        reckoning = town.reckon()
        for account in (town.department, auditor, *liaisons):
            read += attacker.read(account, reckoning, names)
    assert read > 60
    assert {(unit, bool(group)) for sets in attacker.known.values() for one in sets for _s, unit, group in one}
    assert list(attacker.exposed()) == []


def test_the_attacker_finds_what_a_careless_hand_would_show(town: Town) -> None:
    """The unit of 9 + 2: beside its sum its chiefs by themselves."""
    town.hold("self")
    attacker = Attacker()
    attacker.learn(town)
    attacker.figure("A1", "住建局", "", 11)
    attacker.figure("A1", "住建局", "township", 9)
    assert [atoms[0][1:] for _code, atoms in attacker.exposed()] == [("住建局", "staff")]


def test_what_is_told_of_a_unit_does_not_move_with_sheets_that_do_not_count_for_it(town: Town) -> None:
    """The archive has four people: whatever they say, the analysts' row is what the others let expect."""
    from zhixing.needs.facts import Facts, Question
    from zhixing.needs.reckoning import lines_of

    town.hold("self")
    archive = next(unit for unit in town.units if unit.name == "档案馆")
    lines = list(lines_of(Facts(Question(2027, town.framework, town.root)), every_unit=True))
    of_archive = [line for line in lines if line.unit == archive.pk]
    assert {(line.group, line.n) for line in of_archive} == {("", 0)}
    assert {line.unit for line in lines} == {None, *(unit.pk for unit in town.units)}
    assert not any(line.unit == archive.pk for line in lines_of(Facts(Question(2027, town.framework, town.root))))
    own = [
        line
        for line in lines_of(Facts(Question(2027, town.framework, town.root), 1), every_unit=True)
        if line.unit == archive.pk
    ]
    assert ("", 4) in {(line.group, line.n) for line in own}


def test_shares_of_the_few_who_tick_or_do_not_are_not_told(town: Town) -> None:
    town.hold("self")
    reckoning = town.reckon()
    told = {(one.method, one.rank_group) for one in reckoning.wants.filter(who="self").exclude(method="")}
    assert ("case", "") in told
    assert ("lecture", "") in told  # everybody's wish tells of nobody
    assert not any(method == "site" for method, _group in told)
    share = reckoning.wants.get(who="self", method="case", rank_group="")
    assert share.lower < share.percent < share.upper
    assert abs(share.percent - 50) < 15
    page = Client()
    page.force_login(town.department)
    shown = page.get(reverse("needs:wants", args=[reckoning.pk])).content.decode()
    assert "案例" in shown
    book = page.get(reverse("needs:wants", args=[reckoning.pk]), {"export": "needs-wants"})
    assert "sheet" in book.headers["Content-Type"]
