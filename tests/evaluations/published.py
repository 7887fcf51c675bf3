"""Everything that is published of sheets and marks, as whoever reads the pages has it; and an attacker who differences all of it.

A figure is written as a weighted sum of what nobody knows: the marks on each sheet, question by question, or the two marks of a person. That the weights
are right is checked against what is printed. The attacker shares no code with the engine that protects."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from zhixing.engine.questionnaires import Mean, weights_of, worth
from zhixing.evaluations import rules
from zhixing.evaluations.models import CourseDecision, ExamGain, Group, InvitationDecision, Sheet, Survey
from zhixing.evaluations.papers.report import facts_of
from zhixing.evaluations.queries.report import main_survey, report_of
from zhixing.evaluations.queries.results import rare_fields
from zhixing.evaluations.queries.taught import Evidence
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

Key = tuple[str, str]
"""Whose (a sheet, a row of an upload), and which mark."""
LEAST = 5


@dataclass(frozen=True)
class Printed:
    """One mean: ``weights`` such that their sum with the marks is the mean times ``people``."""

    where: str
    about: str
    weights: Mapping[Key, float]
    people: int
    mean: float

    @property
    def crowd(self) -> frozenset[str]:
        return frozenset(who for who, _mark in self.weights)


@dataclass
class Reader:
    """Reads everything with every account that there is, at every moment that there was; ``truth``: every mark, of 100 points."""

    accounts: dict[str, Account]
    truth: dict[Key, float] = field(default_factory=dict)
    printed: dict[tuple[str, str], Printed] = field(default_factory=dict)
    persons: dict[str, str] = field(default_factory=dict)
    """Row of an upload → the person, who may stand in several."""
    seen: set[int] = field(default_factory=set)

    def put(
        self, where: str, about: str, weights: Mapping[Key, float], mean: Mean | float | None, people: int = 0
    ) -> None:
        if mean is None:
            return
        value, n = (mean.mean, mean.n) if isinstance(mean, Mean) else (mean, people)
        found = Printed(where, about, dict(weights), n, round(value, 1))
        assert n == len(found.crowd), (where, about, n)
        true = sum(weight * self.truth[key] for key, weight in weights.items()) / n
        assert abs(true - value) < 0.06, (where, about, true, value)
        self.printed[where, f"{about} {sorted(found.crowd)}"] = found

    # Sheets

    def totals(self, surveys: Iterable[Survey]) -> dict[Key, float]:
        """The scores of these surveys, sheet by sheet."""
        found: dict[Key, float] = {}
        for survey in surveys:
            sheets = list(Sheet.objects.filter(survey=survey))
            rare = rare_fields(survey.fields, sheets)
            fields = [one for one in survey.fields if one.name not in rare]
            for sheet in sheets:
                own = self.sheet(sheet, survey)
                if not sheet.answers:
                    found |= {(str(sheet.pk), "score"): 1.0} if sheet.score is not None else {}
                    continue
                whole, _blocks = weights_of(survey.version.questionnaire, fields, own.keys())
                found |= {(str(sheet.pk), name): float(part) for name, part in whole.items()}
        return found

    def sheet(self, sheet: Sheet, survey: Survey) -> dict[str, float]:
        """The marks of one sheet, of 100 points."""
        grades = rules.in_force().grades
        items = {one.name: one.item for one in survey.fields}
        marks = {name: float(100 * worth(items[name], mark, grades)) for name, mark in sheet.answers.items()}
        if not marks and sheet.score is not None:
            self.truth[str(sheet.pk), "score"] = sheet.score / 100
        self.truth |= {(str(sheet.pk), name): mark for name, mark in marks.items()}
        return marks

    def results(self, client: Client, survey: Survey) -> None:
        """The page of one survey and its Excel, which holds no other figure."""
        answer = client.get(reverse("evaluations:results", args=[survey.pk]))
        if answer.status_code != 200:
            return
        page, sound = answer.context["results"], answer.context["sound"]
        assert sound is None or sound.told != "exactly", "collect the mean without the sheets set aside, too"
        sheets = {str(one.pk): self.sheet(one, survey) for one in Sheet.objects.filter(survey=survey)}
        self.put("results", f"total {survey.pk}", self.totals([survey]), page.total)
        rare = rare_fields(survey.fields, list(Sheet.objects.filter(survey=survey)))
        fields = [one for one in survey.fields if one.name not in rare]
        form, said = survey.version.questionnaire, {round(page.total.mean, 1)} if page.total else set()
        for place, block in enumerate(page.blocks):
            parts = {who: weights_of(form, fields, own.keys())[1][place] for who, own in sheets.items()}
            weights = {(who, name): float(part) for who, own in parts.items() for name, part in own.items()}
            self.put("block", f"{survey.pk}/{place}", weights, block.mean)
            said |= {round(block.mean.mean, 1)} if block.mean else set()
            for tally in (tally for outcome in block.outcomes for tally in outcome.tallies):
                name = tally.field.name
                weights = {(who, name): 1.0 for who, own in sheets.items() if name in own}
                self.put("question", f"{survey.pk}/{name}", weights, tally.mean)
                assert not tally.hidden or (tally.mean is None and not tally.counts)
                said |= {round(tally.mean.mean, 1)} if tally.mean else set()
        self.book(client, survey, said, answer.context["results"].enough)

    def book(self, client: Client, survey: Survey, said: set[float], enough: bool) -> None:
        answer = client.get(reverse("evaluations:book", args=[survey.pk]))
        assert (answer.status_code == 200) == enough
        if enough:
            sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
            means = [row[5] for row in sheet.iter_rows(values_only=True)]
            assert {float(one) for one in means if isinstance(one, int | float)} <= said

    def class_run(self, client: Client, run: ClassRun) -> None:
        answer = client.get(reverse("evaluations:class_run", args=[run.pk]))
        if answer.status_code == 200:
            for form in answer.context["forms"]:
                for one in form.groups:
                    self.put("class run", str(one.survey.pk), self.totals([one.survey]), one.mean)

    def report(self, account: Account, run: ClassRun) -> None:
        """The one-page report, as PDF and Word take it: it holds no mean that is on no page."""
        if not main_survey(account, run):
            return
        facts = facts_of(report_of(account, run), run.ends_on)
        means = [row["said"] for row in facts["rows"]] + [row[3] for row in facts["groups"] if row[3] != "—"]
        assert means
        assert {float(one) for one in means} <= {one.mean for one in self.printed.values()}

    def beside(self, client: Client, year: int) -> None:
        answer = client.get(reverse("evaluations:class_runs_beside"), {"year": year})
        if answer.status_code != 200 or "runs" not in answer.context:
            return
        page = answer.context
        form = page["asked"].form
        of_form = Survey.objects.filter(group=Group.TRAINEES, session=None, months=0, version__form=form)
        seen = [one for one in of_form.visible_to(client.user) if one.sheets.exclude(score=None).count() >= LEAST]  # type: ignore[attr-defined]
        alone = [one for one, _name, _url in page["alone"]]
        for one in [*page["runs"].stood, *alone]:
            own = [each for each in seen if each.class_run_id == int(one.level)]
            self.put("beside", f"run {one.level}", self.totals(own), one.raw, one.n)
        for one, _name, _said in page["institutions"]:
            own = [each for each in seen if each.class_run.institution_id == int(one.level)]
            of_year = self.totals(each for each in own if each.class_run.year == year)
            self.put("beside", f"school {one.level}", of_year, one.raw, one.n)
        for change, name, _said in page["changes"]:
            for place, one in enumerate((year - 1, year)):
                own = [each for each in seen if each.class_run.year == one]
                if change.sheets[place] and not name:
                    self.put("years", str(one), self.totals(own), change.raw[place], change.sheets[place])

    # Courses and teachers

    def of_sessions(self, evidence: Evidence, about: str, where: str, surveys: Iterable[Survey]) -> None:
        """``surveys``: those that might be in it; those in it are told by the number of sheets."""
        if evidence.raw:
            self.put(where, about, self.totals(_in_it(surveys, evidence.raw.n, evidence.raw.mean)), evidence.raw)

    def occasions(self, occasions: Iterable[Any], where: str) -> None:
        for one in occasions:
            if one.mean:
                own = Survey.objects.filter(session=one.session, group=Group.TRAINEES)
                self.put(
                    where, f"session {one.session.pk}", self.totals(_in_it(own, one.mean.n, one.mean.mean)), one.mean
                )

    def courses(self, client: Client) -> None:
        answer = client.get(reverse("evaluations:courses"))
        if answer.status_code != 200:
            return
        for row in answer.context["listing"].rows:
            page = client.get(reverse("evaluations:course", args=[row["session"]])).context
            file = page["file"]
            about = Survey.objects.filter(session__in=[one.session.pk for one in file.occasions], group=Group.TRAINEES)
            self.of_sessions(file.evidence, f"course {file.title}", "course", about)
            self.occasions(file.occasions, "course")

    def invitations(self, client: Client, mine: bool) -> None:
        files = []
        if mine:
            files = [client.get(reverse("evaluations:my_invitations")).context["file"]]
        elif (page := client.get(reverse("evaluations:invitations"))).status_code == 200:
            keys = [one.pk for one in page.context["listing"].rows]
            files = [client.get(reverse("evaluations:invitation", args=[key])).context["file"] for key in keys]
        for file in files:
            about = Survey.objects.filter(session__in=[one.session.pk for one in file.occasions], group=Group.TRAINEES)
            self.of_sessions(file.evidence, f"teacher {file.teacher.pk}", "invitation", about)
            self.occasions(file.occasions, "invitation")

    def decisions(self) -> None:
        """What decisions keep; they are read long after."""
        about = Survey.objects.filter(session__isnull=False, group=Group.TRAINEES)
        for one in CourseDecision.objects.all():
            own = about.filter(session__title=one.title, closed_at__lte=one.at)
            self.of_sessions(Evidence.of_kept(one.evidence), f"decided {one.pk}", "decision", own)
        for other in InvitationDecision.objects.all():
            own = about.filter(session__teacher=other.teacher, closed_at__lte=other.at)
            self.of_sessions(Evidence.of_kept(other.evidence), f"invited {other.pk}", "decision", own)

    # Rows for planning, marks of tests

    def evidence(self, rows: Iterable[Mapping[str, str]], year: int) -> None:
        runs = {one.code: one for one in ClassRun.objects.filter(year=year)}
        for row in rows:
            kind, what = row["subject_kind"], row["what"]
            if not row["value"]:
                continue
            value = float(row["value"])
            if what == "score_raw":
                own = Survey.objects.filter(session__title=row["subject"], class_run__year=year, group=Group.TRAINEES)
                self.put(
                    "evidence", row["subject_id"], self.totals(_in_it(own, int(row["n"]), value)), value, int(row["n"])
                )
            elif what == "satisfaction":
                about = [runs[row["subject_id"]]] if kind == "class_run" else list(runs.values())
                self.satisfaction(about, row, value)

    def satisfaction(self, runs: Sequence[ClassRun], row: Mapping[str, str], value: float) -> None:
        """Of one rater group; of several it is a weighted sum of these, which are printed by themselves."""
        own = [one for one in Survey.objects.filter(class_run__in=runs, session=None) if _large(one)]
        if len({one.group for one in own}) == 1:
            self.put("evidence", f"{row['subject_kind']} {row['subject_id']}", self.totals(own), value, int(row["n"]))

    def gain(self, client: Client, run: ClassRun, rows: Sequence[tuple[str, int, int]]) -> None:
        """``rows``: persons with their marks in the sheet that was taken in last."""
        answer = client.get(reverse("evaluations:measured", args=[run.pk]))
        if answer.status_code != 200 or not answer.context["gain"]:
            return
        kept: ExamGain = answer.context["gain"]["row"]
        if kept.n != len(rows):
            return
        for name, place in (("pre", 1), ("post", 2)):
            weights = {}
            for row in rows:
                who = f"{row[0]} {name} {row[place]}"
                self.truth[who, name] = float(row[place])
                self.persons[who] = row[0]
                weights[who, name] = 1.0
            self.put("gain", f"{run.pk} {kept.pk} {name}", weights, kept.found[name], kept.n)

    def read(self, years: Sequence[int], evidence: Mapping[int, str]) -> None:
        """Everything there is at this moment. What a closed survey says never changes, so it is read once by whoever may see the most of it; and after the
        first time those read again whose figures are the most."""
        first = not self.seen
        for name, account in self.accounts.items():
            if not first and name not in ("department", "teacher 1"):
                continue
            client = Client()
            client.force_login(account)
            client.user = account  # type: ignore[attr-defined]
            if name == "department":
                for survey in Survey.objects.exclude(pk__in=self.seen):
                    self.results(client, survey)
                for run in ClassRun.objects.filter(surveys__in=Survey.objects.exclude(pk__in=self.seen)).distinct():
                    self.class_run(client, run)
                    self.report(account, run)
                self.seen = set(Survey.objects.values_list("pk", flat=True))
            elif name.startswith("teacher"):
                for survey in Survey.objects.visible_to(account):
                    self.results(client, survey)
            for year in years:
                self.beside(client, year)
            self.courses(client)
            self.invitations(client, mine=name.startswith("teacher"))
        self.decisions()
        for year, text in evidence.items():
            self.evidence(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))), year)


def _large(survey: Survey) -> bool:
    return survey.state == Survey.State.CLOSED and survey.sheets.exclude(score=None).count() >= LEAST


def _in_it(surveys: Iterable[Survey], sheets: int, mean: float) -> list[Survey]:
    """Which of these surveys are in a mean of so many sheets: the large ones, or else whichever make it up."""
    scores = {
        one: list(one.sheets.exclude(score=None).values_list("score", flat=True))
        for one in surveys
        if one.state == Survey.State.CLOSED
    }
    large = [one for one, own in scores.items() if len(own) >= LEAST]
    some = (list(those) for size in range(1, len(scores) + 1) for those in itertools.combinations(scores, size))
    for choice in itertools.chain([large], some):
        own = [score / 100 for one in choice for score in scores[one]]
        if len(own) == sheets and abs(sum(own) / sheets - mean) < 0.06:
            return choice
    raise AssertionError(f"no surveys make up {mean} of {sheets} sheets")


def differences(printed: Iterable[Printed], persons: Mapping[str, str]) -> list[tuple[Printed, Printed]]:
    """Pairs of which one less the other is about 1 to 4 people: as sums, and per cent."""
    found = []
    for one, other in itertools.combinations(printed, 2):
        keys = one.weights.keys() | other.weights.keys()
        left = {
            who for who, mark in keys if abs(one.weights.get((who, mark), 0) - other.weights.get((who, mark), 0)) > 1e-9
        }
        if 0 < len({persons.get(who, who) for who in left}) < LEAST:
            found.append((one, other))
    return found


def chains(printed: Sequence[Printed], persons: Mapping[str, str]) -> list[frozenset[str]]:
    """Groups of 1 to 4 people about whom alone any sums and differences of all figures tell something: without their columns the rank is less."""
    keys = sorted({key for one in printed for key in one.weights})
    matrix = np.array([[one.weights.get(key, 0.0) for key in keys] for one in printed])
    owner = [persons.get(who, who) for who, _mark in keys]
    alike: dict[tuple[Any, ...], list[str]] = {}
    for person in sorted(set(owner)):
        own = [place for place, one in enumerate(owner) if one == person]
        pattern = tuple((keys[place][1], tuple(matrix[:, place].tolist())) for place in own)
        alike.setdefault(pattern, []).append(person)
    small = {person for group in alike.values() if len(group) < LEAST for person in group}
    many = [place for place, one in enumerate(owner) if one not in small]
    left, values, _right = np.linalg.svd(matrix[:, many])
    about_few = left[:, int((values > 1e-9).sum()) :].T @ matrix  # all sums and differences that are about nobody else
    owners = [(place, one) for place, one in enumerate(owner) if one in small]
    touched = sorted({one for place, one in owners if np.abs(about_few[:, place]).max(initial=0) > 1e-9})
    atoms = [group for group in alike.values() if group[0] in touched]
    whole, found = np.linalg.matrix_rank(about_few), []
    for size in range(1, LEAST):
        for some in itertools.combinations(atoms, size):
            group = frozenset(itertools.chain(*some))
            if len(group) < LEAST:
                others = [place for place, one in owners if one not in group]
                if np.linalg.matrix_rank(about_few[:, others]) < whole:
                    found.append(group)
    return found


def upload(rows: Sequence[tuple[str, int, int]]) -> SimpleUploadedFile:
    text = "前测,后测\n" + "\n".join(f"{before},{after}" for _who, before, after in rows)
    return SimpleUploadedFile("scores.csv", text.encode())
