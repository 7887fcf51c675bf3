"""In which language a command tells what the catalogues of the apps have sentences for: Chinese unless asked otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Final

import click

LANGUAGES: Final = {"zh": "zh-hans", "en": "en"}
lang_option = click.option(
    "--lang", type=click.Choice([*LANGUAGES]), default="zh", show_default=True, help="In which language."
)


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Django is ready and speaks ``lang`` inside; sentences may be imported only here."""
    _set_up()
    from django.utils import translation

    with translation.override(LANGUAGES[lang]):
        yield


def _set_up() -> None:
    """Sentences need no installation, and none is made where the command runs: the settings are read with a home that is gone afterwards."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhixing.config.settings")
    before = dict(os.environ)
    with TemporaryDirectory() as home:
        os.environ["ZHIXING_HOME"] = home
        django.setup()
    os.environ.clear()
    os.environ.update(before)
