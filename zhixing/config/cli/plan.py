"""``zhixing plan``: the plan of a year proposed from a problem, judged apart, and tried under changes (docs/reference/plan.md)."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.language import LANGUAGES, lang_option, speaking
from zhixing.config.cli.options import FILE
from zhixing.config.cli.policy import DAY
from zhixing.config.cli.writing import written_whole
from zhixing.engine.plan import reading
from zhixing.engine.plan.changes import (
    Difference,
    Priority,
    UnknownPart,
    difference,
    with_money,
    with_priority,
    without_institution,
)
from zhixing.engine.plan.check import CheckReport, check
from zhixing.engine.plan.document import lines_of, plan_document
from zhixing.engine.plan.faults import PlanError
from zhixing.engine.plan.overlaps import ALIKE, merges, overlaps
from zhixing.engine.plan.problem import PlanProblem, as_document
from zhixing.engine.plan.result import Line
from zhixing.engine.plan.rules import Rules
from zhixing.engine.plan.rules_reading import parse_rules

out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write."
)
seconds_option = click.option("--seconds", type=click.FloatRange(min=1), default=45.0, show_default=True)
seed_option = click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True)


@click.group()
def command() -> None:
    """The plan of a year: propose, check, ask what if (docs/reference/plan.md)."""


@command.command("propose")
@click.argument("file", type=FILE, metavar="PROBLEM", required=False)
@out_option
@click.option(
    "--year", type=click.IntRange(2000, 2100), help="Of the database: the plan of this year, without PROBLEM."
)
@click.option("--money", type=int, metavar="CENTS", help="With --year: the money; else that of the year's latest plan.")
@click.option("--decided-on", type=DAY, help="With --year: the day of approval; else today.")
@click.option(
    "--rules", "rules_file", type=FILE, help="Rules for a problem that has none; default: policies/plan.toml."
)
@click.option("--start", type=FILE, help="An earlier plan, from whose lines the search begins.")
@seconds_option
@seed_option
@lang_option
def propose_command(
    file: Path | None,
    out: Path,
    year: int | None,
    money: int | None,
    decided_on: dt.datetime | None,
    rules_file: Path | None,
    start: Path | None,
    seconds: float,
    seed: int,
    lang: str,
) -> None:
    """Lines that cover the needs of PROBLEM within money, teachers, rooms, beds and rules, with a proven bound and the evidence of each.

    When no plan exists, the file tells a minimal set of rules that cannot hold together (exit code 0). Without PROBLEM the latest needs reckoned for
    --year, the programmes in use and the capacities of institutions are read from the database.
    """
    if (file is None) == (year is None):
        raise click.UsageError("give either PROBLEM or --year")
    with speaking(lang) if file else _database(lang):
        from zhixing.engine.plan.search import propose

        problem = _problem(file, rules_file) if file else _of_database(year or 0, money, decided_on, rules_file)
        earlier = _lines(start, _document(start)) if start else []
        result = propose(problem, seconds=seconds, seed=seed, start=earlier)
        document = _judged(plan_document(problem, result))
        _write(out, document)
        _tell(out, document)


@contextmanager
def _database(lang: str) -> Iterator[None]:
    """Django with the database of this installation."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhixing.config.settings")
    import django

    django.setup()
    from django.utils import translation

    with translation.override(LANGUAGES[lang]):
        yield


def _of_database(year: int, money: int | None, decided_on: dt.datetime | None, rules_file: Path | None) -> PlanProblem:
    from django.utils import timezone
    from django.utils.translation import gettext as _

    from zhixing.base import workdays
    from zhixing.plans.models import AnnualPlan
    from zhixing.plans.problem import latest_reckoning, problem_of

    reckoning = latest_reckoning(year)
    if reckoning is None:
        raise BadInput(_("no needs are reckoned for {year}: reckon them first, on the page of needs").format(year=year))
    if money is None:
        plans = AnnualPlan.objects.filter(year=year, unit=reckoning.unit, money__gt=0).order_by("-number")
        money = plans.values_list("money", flat=True).first()
    if money is None:
        raise BadInput(_("no plan of {year} says how much money there is: give --money, in cents").format(year=year))
    rules = _rules(rules_file)
    if unstated := workdays.unstated(year):
        click.echo(unstated, err=True)
    with _faults_of(_("database")):
        day = decided_on.date() if decided_on else timezone.localdate()
        return problem_of(reckoning, money=money, decided_on=day, rules=rules)


@command.command("check")
@click.argument("file", type=FILE, metavar="PLAN")
@click.option("--problem", "problem_file", type=FILE, help="Judge by this problem instead of the one within the plan.")
@lang_option
def check_command(file: Path, problem_file: Path | None, lang: str) -> None:
    """Count PLAN anew: every hard rule, the objective, every line. Ends with 1 when something is not so."""
    with speaking(lang):
        from django.utils.translation import gettext as _

        from zhixing.plans.proposal_words import CLAIMS, violation_lines

        document = _document(file)
        problem = _problem(problem_file, None) if problem_file else _within(file, document)
        if document.get("status") in ("infeasible", "unknown"):
            raise BadInput(
                _("{file}: the plan has no lines to judge ({status})").format(file=file, status=document["status"])
            )
        _lines(file, document)
        report = check(as_document(problem), document)
        for line in violation_lines(report.violations):
            click.echo(line)
        wrong = [name for name, holds in report.claims.items() if not holds]
        if document.get("digest") != problem.digest():
            wrong.append("digest")
        for name in wrong:
            click.echo(str(CLAIMS[name]))
        if report.violations or wrong:
            sys.exit(1)
        click.echo(
            _("{file}: {lines} lines keep every rule, objective {objective}").format(
                file=file, lines=len(document["lines"]), objective=_points(report.objective)
            )
        )


@command.command("try")
@click.argument("file", type=FILE, metavar="PLAN")
@out_option
@click.option("--money", type=click.IntRange(0, 1000), metavar="PERCENT", help="So many percent of the money.")
@click.option("--close", multiple=True, metavar="INSTITUTION", help="Without it; may be given several times.")
@click.option(
    "--priority", nargs=3, metavar="COMPETENCY GROUP SHARE", help="A priority more, with what it adds to the weight."
)
@seconds_option
@seed_option
@lang_option
def try_command(
    file: Path,
    out: Path,
    money: int | None,
    close: tuple[str, ...],
    priority: tuple[str, str, str] | None,
    seconds: float,
    seed: int,
    lang: str,
) -> None:
    """What if: the plan that the changed problem of PLAN would have, and what is different in lines and coverage."""
    with speaking(lang):
        from zhixing.engine.plan.search import propose

        document = _document(file)
        problem, earlier = _within(file, document), _lines(file, document)
        changed = _changed(problem, money, close, priority)
        result = propose(changed, seconds=seconds, seed=seed, start=earlier)
        after = _judged(plan_document(changed, result))
        if result.objective is not None:
            after["difference"] = _difference_said(difference(problem, earlier, changed, result.lines))
        _write(out, after)
        _tell(out, after)


@command.command("overlaps")
@click.argument("file", type=FILE, metavar="PLAN")
@click.option("--alike", type=click.IntRange(1, 100), default=ALIKE, show_default=True, help="Percent.")
@lang_option
def overlaps_command(file: Path, alike: int, lang: str) -> None:
    """Programmes that teach the same people the same, and lines of PLAN that could be one."""
    with speaking(lang):
        from django.utils.translation import gettext as _

        document = _document(file)
        problem, lines = _within(file, document), _lines(file, document)
        for pair in overlaps(problem, alike):
            click.echo(
                _(
                    "{first} and {second}: alike by {covered} % in what they cover, by {taught} % in what they teach"
                ).format(first=pair.first, second=pair.second, covered=pair.covered, taught=pair.taught)
            )
        for one in merges(problem, lines, alike):
            click.echo(
                _(
                    "{dropped} into {kept} ({place}): saves {runs} runs, {days} class-days, {teachers} teacher days, {yuan} yuan"
                ).format(
                    dropped=one.dropped.programme,
                    kept=one.kept.programme,
                    place="/".join(one.kept.key[1:]),
                    runs=one.saved_runs,
                    days=one.saved_class_days,
                    teachers=one.saved_teacher_days,
                    yuan=f"{one.saved_cents / 100:,.2f}",
                )
            )


@command.command("sample")
@out_option
@click.option("--people", type=click.IntRange(100, 1_000_000), default=30_000, show_default=True)
@seed_option
def sample_command(out: Path, people: int, seed: int) -> None:
    """An invented city's problem to look at and to try: of 30,000 people 60 competencies, 120 programmes, 12 institutions, 4 terms."""
    from zhixing.config.cli.bench.plan_city import city

    _write(out, as_document(city(seed, people, max(16, min(120, people // 250)), max(9, min(60, people // 500)))))
    click.echo(f"{out}")


@contextmanager
def _faults_of(file: Path | str) -> Iterator[None]:
    from zhixing.plans.proposal_words import fault_lines

    try:
        yield
    except PlanError as error:
        raise BadInput(fault_lines(str(file), error.faults)) from error


def _document(file: Path) -> dict[str, Any]:
    from django.utils.translation import gettext as _

    with _faults_of(file):
        document = reading.loads(file.read_bytes().decode("utf-8-sig", errors="replace"))
    if not isinstance(document, dict):
        raise BadInput(_("{file}: this is neither a problem nor a plan").format(file=file))
    return document


def _problem(file: Path, rules_file: Path | None) -> PlanProblem:
    rules = _rules(rules_file)
    with _faults_of(file):
        return reading.read(_document(file), rules)


def _within(file: Path, document: dict[str, Any]) -> PlanProblem:
    with _faults_of(file):
        return reading.read(document.get("problem"))


def _rules(file: Path | None) -> Rules:
    from zhixing.base.policy_files import policy_file

    path = file or policy_file("plan.toml")
    with _faults_of(path):
        return parse_rules(path.read_bytes().decode("utf-8-sig", errors="replace"))


def _lines(file: Path, document: dict[str, Any]) -> list[Line]:
    """The lines of a plan, each with its keys."""
    from django.utils.translation import gettext as _

    try:
        return lines_of(document)
    except (KeyError, TypeError) as error:
        raise BadInput(_("{file}: a line of the plan lacks {error}").format(file=file, error=error)) from error


def _changed(
    problem: PlanProblem, money: int | None, close: tuple[str, ...], priority: tuple[str, str, str] | None
) -> PlanProblem:
    from django.utils.translation import gettext as _

    try:
        for key in close:
            problem = without_institution(problem, key)
        if priority:
            competency, group, share = priority
            if not share.isdigit():
                raise BadInput(_("--priority {share}: the share is a whole number").format(share=share))
            problem = with_priority(problem, Priority("priority", "priority", competency, group, int(share), 10**9))
    except UnknownPart as error:
        raise BadInput(_("“{key}” is not in the problem").format(key=error.key)) from error
    if not problem.institutions:
        raise BadInput(_("without any institution nothing can be held: leave one open"))
    return problem if money is None else with_money(problem, money)


def _judged(document: dict[str, Any]) -> dict[str, Any]:
    """With what the checker says of it, before the problem."""
    problem = document.pop("problem")
    if document["objective"] is not None:
        report: CheckReport = check(problem, document)
        document["violations"] = [
            {"code": one.code, "about": one.about, "over": one.over} for one in report.violations
        ] + [{"code": name, "about": "", "over": 0} for name, holds in report.claims.items() if not holds]
    return {**document, "problem": problem}


def _difference_said(found: Difference) -> dict[str, Any]:
    return {
        "lines": [
            {
                **dict(zip(("programme", "group", "institution", "term"), one.key, strict=True)),
                "runs": [one.before[0], one.after[0]],
                "seats": [one.before[1], one.after[1]],
            }
            for one in found.lines
        ],
        "covered": found.covered,
        "budget_cents": found.cents,
        "objective": found.objective,
    }


def _write(out: Path, document: dict[str, Any]) -> None:
    if not out.parent.is_dir():
        raise BadInput(f"{out.parent}: no such folder")
    with written_whole(out) as temporary:
        temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _points(millionths: int) -> str:
    return f"{millionths / 1_000_000:,.1f}"


def _tell(out: Path, document: dict[str, Any]) -> None:
    from django.utils.translation import gettext as _

    from zhixing.plans.proposal_words import conflict_lines, uncovered_lines

    if document["objective"] is None:
        for line in conflict_lines(document["conflict"]) if document.get("conflict") else ():
            click.echo(line)
        click.echo(f"{out}: {document['status']}")
        return
    totals, found = document["totals"], document.get("difference")
    click.echo(
        _(
            "{out}: {lines} lines, {runs} runs, {seats} seats, {yuan} yuan; objective {objective}, proven gap {gap} %, {seconds} s"
        ).format(
            out=out,
            lines=totals["lines"],
            runs=totals["runs"],
            seats=totals["seats"],
            yuan=f"{totals['budget_cents'] / 100:,.2f}",
            objective=_points(document["objective"]),
            gap=f"{100 * document['gap']:.2f}",
            seconds=document["seconds"],
        )
    )
    for line in uncovered_lines(document["uncovered"]):
        click.echo(line)
    if found:
        less = sum(more < 0 for more in found["covered"].values())
        click.echo(
            _("{lines} lines are different; {less} needs are covered less, {more} more; {yuan} yuan").format(
                lines=len(found["lines"]),
                less=less,
                more=len(found["covered"]) - less,
                yuan=f"{found['budget_cents'] / 100:+,.2f}",
            )
        )
