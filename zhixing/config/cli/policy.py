"""``zhixing policy``: check the texts of policies, and say in words what one asks of whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.language import lang_option, speaking
from zhixing.config.cli.options import FILE, files_argument
from zhixing.config.cli.texts import text_of
from zhixing.engine import policies
from zhixing.engine.obligations.windows import window
from zhixing.engine.policies import (
    Policy,
    PolicyError,
    PolicyProblem,
    Recognition,
    Rule,
    Version,
    compare_versions,
    line_of_time,
)
from zhixing.engine.policies.kinds import Kind, kind_of

DAY: Final = click.DateTime(["%Y-%m-%d"])


def read_policy(path: Path) -> Policy:
    """The policy in a file; raises ``BadInput`` with every fault."""
    text = text_of(path)
    if (kind := kind_of(text)) is not Kind.HOURS:
        with speaking("en"):  # as its faults are told; Django is loaded for nothing but this sentence
            from zhixing.config.cli.rule_files import not_of_hours

            raise BadInput(not_of_hours(kind, path.name))
    try:
        return policies.parse(text, path.name)
    except PolicyError as error:
        raise BadInput([str(problem) for problem in error.problems]) from error


@click.group()
def command() -> None:
    """Check and explain policies."""


@command.command()
@files_argument
@lang_option
def check(files: tuple[Path, ...], lang: str) -> None:
    """List everything that is wrong with FILES: policies of hours, which must follow each other without a gap, or rules of leave, evaluation,
    needs and plans, or holidays."""
    texts = {path: text_of(path) for path in files}
    kinds = {path: kind_of(text) for path, text in texts.items()}
    with speaking(lang):
        from zhixing.config.cli.rule_files import found_in

        found = [
            found_in(kinds[path], text, path.name) for path, text in texts.items() if kinds[path] is not Kind.HOURS
        ]
        said, faults = _check_hours({path: text for path, text in texts.items() if kinds[path] is Kind.HOURS})
    if problems := [*(fault for _sound, lines in found for fault in lines), *faults]:
        raise BadInput(problems)
    for line in [*(sound for sound, _lines in found), *said]:
        click.echo(line)


def _check_hours(texts: Mapping[Path, str]) -> tuple[list[str], list[str]]:
    """What to say of sound policies of hours, and the faults of the others and between them."""
    from zhixing.obligations.sentences import fault_lines, sound, without_successor

    versions: list[Version] = []
    faults: list[PolicyProblem] = []
    for path, text in texts.items():
        try:
            policy = policies.parse(text, path.name, strict=True, needs_rules=False)
            versions.append(Version(path.name, text, policy))
        except PolicyError as error:
            faults += error.problems
    faults += compare_versions(versions)
    said = [sound(version) for version in versions]
    spans = line_of_time(version for version in versions if version.policy.rules and not version.policy.is_example)
    if spans and spans[-1].version is None:
        said.append(without_successor(spans[-1].from_on))
    return said, fault_lines(PolicyError(faults))


@command.command()
@click.argument("file", type=FILE)
@click.option("--on", type=DAY, help="Also name the window that holds this day.")
@lang_option
def explain(file: Path, on: dt.datetime | None, lang: str) -> None:
    """Say in words what FILE asks of whom."""
    with speaking(lang):
        for line in _in_words(_policy_of_hours(file), on.date() if on else None):
            click.echo(line)


def _policy_of_hours(path: Path) -> Policy:
    from zhixing.config.cli.rule_files import not_of_hours
    from zhixing.obligations.sentences import fault_lines

    text = text_of(path)
    if (kind := kind_of(text)) is not Kind.HOURS:
        raise BadInput(not_of_hours(kind, path.name))
    try:
        return policies.parse(text, path.name, needs_rules=False)
    except PolicyError as error:
        raise BadInput(fault_lines(error)) from error


def _in_words(policy: Policy, on: dt.date | None) -> Iterator[str]:
    """The sentences are those of the policy's page."""
    from zhixing.obligations.sentences import policy_sentences, recognition_sentences, rule_sentences

    yield _heading(policy)
    yield from (f"{line.label}: {line.value}" for line in policy_sentences(policy))
    for number, rule in enumerate(policy.rules, start=1):
        yield f"\n{number}. {_heading(rule)}"
        yield from (f"   {line.label}: {line.value}" for line in rule_sentences(rule, _held_on(rule, on)))
    for one in policy.recognitions:
        yield f"\n{_heading(one)}"
        yield from (f"   {line.label}: {line.value}" for line in recognition_sentences(one))


def _held_on(rule: Rule, on: dt.date | None) -> tuple[dt.date, dt.date] | None:
    held = window(rule, on, None) if on else None
    return (held.opens, held.closes) if held else None


def _heading(named: Policy | Rule | Recognition) -> str:
    return f"{named.title} ({named.code})" if named.title else named.code
