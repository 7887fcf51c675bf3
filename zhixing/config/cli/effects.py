"""``zhixing effects``: whether those who were called know, do or achieve more for it (docs/reference/effects.md)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
import pyarrow as pa

from zhixing.config.cli.csv_files import write_folder
from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.language import lang_option, speaking
from zhixing.config.cli.options import FILE, distinct, out_option
from zhixing.config.cli.writing import check_place
from zhixing.engine.columns import Columns, Longs
from zhixing.engine.effects.cohorts import Panel, compare_cohorts
from zhixing.engine.effects.detectable import Study, needed_size, smallest_effect
from zhixing.engine.effects.estimate import Estimate
from zhixing.engine.effects.gain import GainError, Known, Scores, gain
from zhixing.engine.effects.matching import CALIPER, NEIGHBOURS, People, match
from zhixing.engine.effects.panel import PanelError, PanelFaultCode, panel_of
from zhixing.engine.effects.pilot import pilot_of

file_argument = click.argument("file", type=FILE)
cluster_option = click.option(
    "--cluster", help="The column that says who was taught or drawn together, such as the class run or the unit."
)
less_option = click.option(
    "--less-is-better", is_flag=True, help="A smaller outcome is the better one (errors, days late)."
)
SHARE: Final = click.FloatRange(0.0, 1.0, min_open=True, max_open=True)


@click.group()
def command() -> None:
    """Effects of training: gain, matched comparison, cohorts, and what a study could see (docs/reference/effects.md)."""


@command.command("gain")
@file_argument
@click.option("--pre", required=True, help="The column of the score before.")
@click.option("--post", required=True, help="The column of the score after; empty: not measured again.")
@click.option("--called", help="The column that says who was called (1 or 0); without it, all were.")
@click.option("--called-by-pre", is_flag=True, help="People were called because of their score before.")
@click.option(
    "--reliability",
    type=click.FloatRange(0.0, 1.0, min_open=True),
    help="Of the test: the correlation of two sittings without training in between.",
)
@click.option("--reliability-n", type=click.IntRange(3), help="Of how many people that correlation is.")
@click.option("--mean", type=float, help="The mean score before of everybody from whom people were called.")
@cluster_option
@less_option
@out_option
@lang_option
def gain_command(
    file: Path,
    pre: str,
    post: str,
    called: str | None,
    called_by_pre: bool,
    reliability: float | None,
    reliability_n: int | None,
    mean: float | None,
    cluster: str | None,
    less_is_better: bool,
    out: Path,
    lang: str,
) -> None:
    """What a training added to a score measured before and after, beyond regression to the mean."""
    with speaking(lang):
        from zhixing.config.cli.effect_sentences import FAULTS, gain_lines

        with _columns(file, out, (pre, post, called, cluster)) as columns:
            before, after = columns.numbers(pre, may_be_empty=True), columns.numbers(post, may_be_empty=True)
            flags = (
                columns.flags(called)
                if called
                else np.isfinite(after)
                if called_by_pre
                else np.ones(len(columns), np.bool_)
            )
            scores = Scores(before, after, flags, _groups(columns, cluster))
        known = Known(called_by_pre, reliability, reliability_n, mean, less_is_better)
        try:
            found = gain(scores, known)
        except GainError as error:
            raise BadInput(f"{file}: {FAULTS[error.code]}") from error
        said = {**asdict(found), "raw": _told(found.raw)}
        said["readings"] = [{"method": str(one.method), **_told(one.estimate)} for one in found.readings]
        _finish(out, "gain", said, {}, gain_lines(found))


@command.command("matched")
@file_argument
@click.option("--called", required=True, help="The column that says who was called (1 or 0).")
@click.option("--outcome", required=True, help="The column of the later outcome.")
@click.option("--exact", default="", help="Columns that must agree, parted by commas (level, kind of unit).")
@click.option(
    "--near", default="", help="Columns of numbers that must lie near, parted by commas (age, earlier appraisal)."
)
@click.option(
    "--caliper",
    type=click.FloatRange(0.0, min_open=True),
    default=CALIPER,
    show_default=True,
    help="How near, in standard deviations.",
)
@click.option(
    "--neighbours",
    type=click.IntRange(1),
    default=NEIGHBOURS,
    show_default=True,
    help="How many others stand for each of the called.",
)
@cluster_option
@less_option
@out_option
@lang_option
def matched_command(
    file: Path,
    called: str,
    outcome: str,
    exact: str,
    near: str,
    caliper: float,
    neighbours: int,
    cluster: str | None,
    less_is_better: bool,
    out: Path,
    lang: str,
) -> None:
    """A later outcome of called people beside that of people like them who were not called yet."""
    same, traits = distinct(exact), distinct(near)
    with speaking(lang):
        from django.utils.translation import gettext as _

        from zhixing.config.cli.effect_sentences import matched_lines

        with _columns(file, out, (called, outcome, *same, *traits, cluster)) as columns:
            flags = columns.flags(called)
            numbers = [columns.numbers(name) for name in traits]
            people = People(
                flags,
                columns.numbers(outcome),
                columns.groups(same),
                np.column_stack(numbers) if numbers else np.zeros((len(columns), 0)),
                tuple(traits),
                _groups(columns, cluster),
            )
        if flags.all() or not flags.any():
            raise BadInput(
                _("{file}, column {column}: all were called, or nobody: there is nobody to compare with").format(
                    file=file, column=called
                )
            )
        found = match(people, caliper, neighbours, less_is_better)
        rows = np.flatnonzero(found.unmatched) + 2
        said = {
            "effect": _told(found.effect) if found.effect else None,
            **{name: getattr(found, name) for name in ("raw", "called", "matched", "used", "verdict")},
            "unmatched_rows": rows.tolist(),
        }
        _finish(
            out,
            "matched",
            said,
            {"balance": pa.Table.from_pylist([asdict(one) for one in found.balance])},
            matched_lines(found),
        )


@command.command("cohorts")
@file_argument
@click.option("--unit", required=True, help="The column that says whom a row is about (person, unit).")
@click.option("--period", required=True, help="The column of the period: a whole number, such as a year.")
@click.option("--first", required=True, help="The column of the period in which the call came; 0: never called.")
@click.option("--outcome", required=True, help="The column of the outcome; empty: not measured.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the lots of the bands.")
@cluster_option
@less_option
@out_option
@lang_option
def cohorts_command(
    file: Path,
    unit: str,
    period: str,
    first: str,
    outcome: str,
    seed: int,
    cluster: str | None,
    less_is_better: bool,
    out: Path,
    lang: str,
) -> None:
    """Outcomes over periods while one cohort after another was called: each beside those not called yet."""
    with speaking(lang):
        from zhixing.config.cli.effect_sentences import cohort_lines

        with _columns(file, out, (unit, period, first, outcome, cluster)) as columns:
            panel = _panel(columns, file, unit, period, first, outcome, cluster)
        found = compare_cohorts(panel, seed, less_is_better)
        said = {
            "overall": _told(found.overall) if found.overall else None,
            **{name: getattr(found, name) for name in ("trend_p", "dropped", "verdict")},
        }
        tables = {
            "group_times": _rows(
                {
                    "cohort": one.cohort,
                    "period": one.period,
                    "called": one.called,
                    "compared": one.compared,
                    **_told(one.estimate),
                }
                for one in found.group_times
            ),
            "since": _rows(
                {
                    "after": one.after,
                    "called": one.called,
                    **_told(one.estimate),
                    "band_lower": one.band[0],
                    "band_upper": one.band[1],
                }
                for one in found.since
            ),
        }
        _finish(out, "cohorts", said, tables, cohort_lines(found))


def _panel(
    columns: Columns, file: Path, unit: str, period: str, first: str, outcome: str, cluster: str | None
) -> Panel:
    """Rows → units by periods. A unit whose call or cluster is not the same in all its rows, or two rows of one period, are faults."""
    from django.utils.translation import gettext as _

    names = columns.texts(unit)
    when, since, values = (
        columns.whole(period),
        columns.whole(first, least=0),
        columns.numbers(outcome, may_be_empty=True),
    )
    group = _groups(columns, cluster)
    columns.done()
    try:
        return panel_of(names, when, since, values, group)
    except PanelError as error:
        other = _(
            "{file}, row {row}, column {column}: {unit} has another value in an earlier row: write the same in all its rows"
        )
        twice = _("{file}, row {row}: {unit} has a row for period {period} already: leave one")
        named = {PanelFaultCode.OTHER_FIRST: first, PanelFaultCode.OTHER_CLUSTER: cluster}
        raise BadInput(
            [
                (twice if one.code is PanelFaultCode.TWICE else other).format(
                    file=file, row=one.row + 2, column=named.get(one.code), unit=one.unit, period=one.period
                )
                for one in error.faults
            ]
        ) from error


@command.command("detectable")
@click.argument("file", type=FILE, required=False)
@click.option("--called", type=click.IntRange(1), required=True, help="How many people are to be called.")
@click.option(
    "--compared",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="How many others are measured (0: the called before and after).",
)
@click.option("--outcome", help="With FILE: the column of the outcome in earlier figures.")
@click.option("--pre", help="With FILE: the column of the measurement before.")
@click.option("--cluster", help="With FILE: the column of who is drawn together.")
@click.option(
    "--correlation", type=click.FloatRange(0.0, 1.0, max_open=True), help="Of the measurement before with the outcome."
)
@click.option("--per-cluster", type=click.FloatRange(1.0), help="How many people are drawn together.")
@click.option("--icc", type=click.FloatRange(0.0, 1.0), help="How alike people are who are drawn together.")
@click.option("--alpha", type=SHARE, default=0.05, show_default=True)
@click.option("--power", type=SHARE, default=0.8, show_default=True)
@click.option(
    "--effect",
    type=click.FloatRange(0.0, min_open=True),
    help="Also say how many people this effect needs, in standard deviations.",
)
@out_option
@lang_option
def detectable_command(
    file: Path | None,
    called: int,
    compared: int,
    outcome: str | None,
    pre: str | None,
    cluster: str | None,
    correlation: float | None,
    per_cluster: float | None,
    icc: float | None,
    alpha: float,
    power: float,
    effect: float | None,
    out: Path,
    lang: str,
) -> None:
    """The smallest effect that a study would see, before it starts. Earlier figures in FILE tell spread, correlation and likeness; options go before them."""
    if (file is None) != (outcome is None):
        raise click.UsageError("FILE and --outcome belong together")
    with speaking(lang):
        from zhixing.config.cli.effect_sentences import detectable_lines

        pilot = None
        check_place(out)
        if file is not None and outcome is not None:
            with _columns(file, out, (outcome, pre, cluster)) as columns:
                numbers = columns.numbers(outcome)
                before = columns.numbers(pre) if pre else None
                groups = _groups(columns, cluster)
            pilot = pilot_of(numbers, before, groups)
        study = Study(
            called,
            compared,
            _first(correlation, max(0.0, pilot.correlation) if pilot and pre else None, 0.0),
            _first(per_cluster, pilot.per_cluster if pilot and cluster else None, 1.0),
            _first(icc, pilot.icc if pilot and cluster else None, 0.0),
            alpha,
            power,
        )
        smallest = smallest_effect(study)
        size = needed_size(study, effect) if effect else None
        said = {
            "study": asdict(study),
            "smallest_effect": smallest,
            "needed": size,
            "pilot": asdict(pilot) if pilot else None,
        }
        unit = pilot.spread if pilot else None
        _finish(out, "detectable", said, {}, detectable_lines(study, smallest, unit, effect, size))


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


@contextmanager
def _columns(file: Path, out: Path, names: Iterable[str | None]) -> Iterator[Columns]:
    """The columns to read from, where there is a place for ``out``."""
    from zhixing.config.cli.columns import reading

    check_place(out)
    with reading(file, names) as columns:
        yield columns


def _groups(columns: Columns, name: str | None) -> Longs | None:
    return columns.groups([name]) if name else None


def _told(estimate: Estimate) -> dict[str, Any]:
    return {
        "estimate": estimate.value,
        "se": estimate.error,
        "freedom": estimate.freedom,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "p": estimate.p,
        "unseen": estimate.unseen,
    }


def _rows(rows: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows))


def _finish(
    out: Path, name: str, said: Mapping[str, Any], tables: Mapping[str, pa.Table], lines: Iterable[str]
) -> None:
    """Write ``name.json`` last, after its tables, and say it in sentences, which are kept as well."""
    sentences = list(lines)
    filled = {key: table for key, table in tables.items() if table.num_columns}
    write_folder(out, name, {**_plain(said), "sentences": sentences}, filled, allow_nan=False)
    for sentence in sentences:
        click.echo(sentence)


def _plain(value: Any) -> Any:
    """For JSON, which knows no infinite numbers: these are null."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
