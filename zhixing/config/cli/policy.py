"""``zhixing policy``: check the text of a policy, and say in words what it asks of whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from zhixing.config.cli.failures import BadInput
from zhixing.engine import policies
from zhixing.engine.obligations.windows import window
from zhixing.engine.policies import Channel, Policy, Rule, WindowKind

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY: Final = click.DateTime(["%Y-%m-%d"])
WINDOWS: Final = {
    WindowKind.YEAR: "in each calendar year",
    WindowKind.FIVE_YEARS: "in each fixed block of five calendar years",
    WindowKind.ROLLING_FIVE_YEARS: "in the five years that end on the day asked for",
    WindowKind.AFTER_PROMOTION: "within one year of the last promotion",
}
CHANNELS: Final = {
    Channel.OFFJOB: "offjob 脱产",
    Channel.CONCENTRATED: "concentrated 其他集中",
    Channel.ONLINE: "online 网络",
    Channel.STUDY_GROUP: "study_group 中心组",
    Channel.SELF_STUDY: "self_study 自学",
    Channel.TEACHING: "teaching 授课",
}


def read_policy(path: Path) -> Policy:
    """The policy in a file of UTF-8 (with or without BOM) or GB18030; raises ``BadInput`` with every fault."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    try:
        return policies.parse(text, path.name)
    except policies.PolicyError as error:
        raise BadInput([str(problem) for problem in error.problems]) from error


@click.group()
def command() -> None:
    """Check and explain policies."""


@command.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Read FILE and list everything that is wrong with it."""
    policy = read_policy(file)
    click.echo(f"{file.name}: no problems: {policy.code}, {len(policy.rules)} rules, sha256 {policy.digest}")


@command.command()
@click.argument("file", type=FILE)
@click.option("--on", type=DAY, help="Also name the window that holds this day.")
def explain(file: Path, on: dt.datetime | None) -> None:
    """Say in words what FILE asks of whom."""
    policy = read_policy(file)
    click.echo(f"{_heading(policy)}, in force from {policy.in_force_from}")
    click.echo(f"basis: {policy.basis or 'not said'}")
    for number, rule in enumerate(policy.rules, start=1):
        click.echo(f"\n{number}. {_heading(rule)}")
        for line in _rule_lines(rule, on.date() if on else None):
            click.echo(f"   {line}")


def _heading(named: Policy | Rule) -> str:
    return f"{named.title} ({named.code})" if named.title else named.code


def _rule_lines(rule: Rule, on: dt.date | None) -> Iterator[str]:
    yield f"{rule.tenths / 10:.1f} hours {WINDOWS[rule.window]}{_dates(rule, on)}"
    yield f"who: {'、'.join(rule.ranks)}"
    yield f"what counts: {', '.join(_channel(rule, channel) for channel in rule.channels)}"
    if rule.prorate_join:
        yield "who joins inside the window owes the share of its days that is left"
    if rule.basis:
        yield f"basis: {rule.basis}"


def _channel(rule: Rule, channel: Channel) -> str:
    cap = rule.caps.get(channel)
    return CHANNELS[channel] if cap is None else f"{CHANNELS[channel]} (at most {cap / 10:.1f})"


def _dates(rule: Rule, on: dt.date | None) -> str:
    held = window(rule, on, None) if on else None
    return f" ({held.opens} to {held.closes})" if held else ""
