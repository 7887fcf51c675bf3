"""``zhixing diagnosis``: the four named problems of training as indices (docs/reference/diagnosis.md)."""

from __future__ import annotations

import json
from pathlib import Path

import click

from zhixing.config.cli.installation import opened
from zhixing.config.cli.language import lang_option
from zhixing.config.cli.writing import check_place, written_whole


@click.command()
@click.option("--year", type=click.IntRange(2000, 2100), required=True, help="The year of the class runs.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The JSON file to write.")
@lang_option
def command(year: int, out: Path, lang: str) -> None:
    """Diagnose the year: four indices of the whole installation, each with its 95 % interval, formula, trend and the rows behind it."""
    with opened(lang):
        check_place(out)
        from django.utils import timezone

        from zhixing.portal.diagnosis import Scope, diagnose
        from zhixing.portal.diagnosis.telling import WORDS, hundred, sentence_of
        from zhixing.portal.diagnosis.writing import as_json

        found = diagnose(Scope(), year, timezone.localdate())
        with written_whole(out) as temporary:
            temporary.write_text(json.dumps(as_json(found), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        for one in found.problems:
            click.echo(f"{WORDS[one.code].problem}  {hundred(one.index.value)}  {sentence_of(one)}")
        click.echo(str(out))
