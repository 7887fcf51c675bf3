"""Documents of plans and problems, read with every fault in words and written down. Its functions are called while ``speaking``."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.texts import text_of
from zhixing.config.cli.writing import written_whole
from zhixing.engine.plan import reading
from zhixing.engine.plan.check import CheckReport, check
from zhixing.engine.plan.document import lines_of
from zhixing.engine.plan.faults import Fault, PlanError, PlanFault
from zhixing.engine.plan.options import options_of
from zhixing.engine.plan.problem import PlanProblem
from zhixing.engine.plan.result import Line
from zhixing.engine.plan.rules import Rules
from zhixing.engine.plan.rules_reading import parse_rules


@contextmanager
def faults_of(file: Path | str) -> Iterator[None]:
    from zhixing.plans.proposal_words import fault_lines

    try:
        yield
    except PlanError as error:
        raise BadInput(fault_lines(str(file), error.faults)) from error


def document_of(file: Path) -> dict[str, Any]:
    from django.utils.translation import gettext as _

    with faults_of(file):
        document = reading.loads(text_of(file))
    if not isinstance(document, dict):
        raise BadInput(_("{file}: this is neither a problem nor a plan").format(file=file))
    return document


def problem_of_file(file: Path, rules_file: Path | None) -> PlanProblem:
    rules = _rules(rules_file)
    with faults_of(file):
        return reading.read(document_of(file), rules)


def problem_within(file: Path, document: dict[str, Any]) -> PlanProblem:
    """The problem that a plan was made for, which goes with it."""
    from django.utils.translation import gettext as _

    if "problem" not in document:
        raise BadInput(
            _("{file}: this is no plan as “plan propose” writes it: its “problem” is missing").format(file=file)
        )
    with faults_of(file):
        return reading.read(document.get("problem"))


def _rules(file: Path | None) -> Rules:
    from zhixing.base.policy_files import policy_file

    path = file or policy_file("plan.toml")
    with faults_of(path):
        return parse_rules(text_of(path))


def lines_within(file: Path, document: dict[str, Any], problem: PlanProblem | None = None) -> list[Line]:
    """The lines of a plan, each with its keys, and with a ``problem`` each allowed by it."""
    with faults_of(file):
        lines = lines_of(document)
        allowed = ["/".join(option.key) for option in options_of(problem)] if problem else []
        strange = [
            PlanFault(f"lines[{number}]", Fault.UNKNOWN_REFERENCE, key, ", ".join(allowed[:3]))
            for number, key in enumerate(("/".join(line.key) for line in lines), 1)
            if problem and key not in allowed
        ]
        if strange:
            raise PlanError(strange)
    return lines


def problem_of_database(
    year: int, money: int | None, decided_on: dt.datetime | None, rules_file: Path | None
) -> PlanProblem:
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
    with faults_of(_("database")):
        day = decided_on.date() if decided_on else timezone.localdate()
        return problem_of(reckoning, money=money, decided_on=day, rules=rules)


def judged(document: dict[str, Any]) -> dict[str, Any]:
    """With what the checker says of it, before the problem."""
    problem = document.pop("problem")
    if document["objective"] is not None:
        report: CheckReport = check(problem, document)
        document["violations"] = [
            {"code": one.code, "about": one.about, "over": one.over} for one in report.violations
        ] + [{"code": name, "about": "", "over": 0} for name, holds in report.claims.items() if not holds]
    return {**document, "problem": problem}


def write(out: Path, document: dict[str, Any]) -> None:
    with written_whole(out) as temporary:
        temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
