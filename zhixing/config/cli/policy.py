"""``zhixing policy``: check the texts of policies, and say in words what one asks of whom."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click

from zhixing.attendance import rules as leave
from zhixing.config.cli.failures import BadInput
from zhixing.engine import policies
from zhixing.engine.obligations.windows import window
from zhixing.engine.policies import Policy, Recognition, Rule, Version, compare_versions, line_of_time

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY: Final = click.DateTime(["%Y-%m-%d"])
LANGUAGES: Final = {"zh": "zh-hans", "en": "en"}


def read_policy(path: Path) -> Policy:
    """The policy in a file; raises ``BadInput`` with every fault."""
    return _policy(_read(path))


def _policy(read: tuple[Version | None, list[str]]) -> Policy:
    version, problems = read
    if version is None:
        raise BadInput(problems)
    return version.policy


def _text(path: Path) -> str:
    """A file of UTF-8 (with or without BOM) or GB18030."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def _read(path: Path, *, strict: bool = False, needs_rules: bool = True) -> tuple[Version | None, list[str]]:
    """A policy of hours, or the faults in it."""
    text = _text(path)
    if leave.are_rules(text):
        return None, [
            f"{path.name}: these are rules of attendance and leave, not of hours: check them with `zhixing policy check`"
        ]
    try:
        policy = policies.parse(text, path.name, strict=strict, needs_rules=needs_rules)
        return Version(path.name, text, policy), []
    except policies.PolicyError as error:
        return None, [str(problem) for problem in error.problems]


@click.group()
def command() -> None:
    """Check and explain policies."""


@command.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
def check(files: tuple[Path, ...]) -> None:
    """List everything that is wrong with FILES: policies of hours, which must follow each other without a gap, or rules of leave."""
    of_leave = [path for path in files if leave.are_rules(_text(path))]
    said, problems = _check_leave(of_leave)
    read = [_read(path, strict=True, needs_rules=False) for path in files if path not in of_leave]
    versions = [version for version, _problems in read if version]
    problems += [problem for _version, problems in read for problem in problems]
    problems += [str(problem) for problem in compare_versions(versions)]
    if problems:
        raise BadInput(problems)
    for line in said:
        click.echo(line)
    for version in versions:
        policy = version.policy
        click.echo(f"{version.name}: no problems: {policy.code}, {_held(policy)}, sha256 {policy.digest}")
    spans = line_of_time(version for version in versions if version.policy.rules and not version.policy.is_example)
    if spans and spans[-1].version is None:
        click.echo(
            f"note: from {spans[-1].from_on} on none of these files is in force: nobody owes hours without a successor"
        )


def _check_leave(paths: Iterable[Path]) -> tuple[list[str], list[str]]:
    """What to say of sound rules of attendance and leave, and the faults of the others, by their own strict reader."""
    said: list[str] = []
    problems: list[str] = []
    for path in paths:
        try:
            rules = leave.parse(_text(path), path.name)
        except leave.RulesError as error:
            problems += error.problems
        else:
            said.append(
                f"{path.name}: no problems: {rules.code}, rules of attendance and leave, {len(rules.ladder)} rungs"
            )
    return said, problems


def _held(policy: Policy) -> str:
    recognitions = f", {len(policy.recognitions)} kinds of recognition" if policy.recognitions else ""
    return f"{len(policy.rules)} rules{recognitions}"


@command.command()
@click.argument("file", type=FILE)
@click.option("--on", type=DAY, help="Also name the window that holds this day.")
@click.option("--lang", type=click.Choice([*LANGUAGES]), default="zh", show_default=True, help="In which language.")
def explain(file: Path, on: dt.datetime | None, lang: str) -> None:
    """Say in words what FILE asks of whom."""
    policy = _policy(_read(file, needs_rules=False))
    for line in _in_words(policy, on.date() if on else None, LANGUAGES[lang]):
        click.echo(line)


def _in_words(policy: Policy, on: dt.date | None, language: str) -> Iterator[str]:
    """The sentences are those of the policy's page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhixing.config.settings")
    import django

    django.setup()
    from django.utils import translation

    from zhixing.obligations.sentences import policy_sentences, recognition_sentences, rule_sentences

    with translation.override(language):
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
