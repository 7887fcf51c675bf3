"""The database of this installation, for commands that read it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from zhixing.config.cli.failures import BadInput
from zhixing.config.cli.language import LANGUAGES


@contextmanager
def opened(lang: str) -> Iterator[None]:
    """The database as ``set_up`` finds it; inside, sentences are in ``lang``."""
    import_django()
    from django.utils import translation

    with translation.override(LANGUAGES[lang]):
        check_database()
        yield


def set_up() -> None:
    """Django with a database that can be read. Raises ``BadInput``."""
    import_django()
    check_database()


def import_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhixing.config.settings")
    import django

    django.setup()


def check_database() -> None:
    """Raises ``BadInput`` where the database does not answer or is behind the program."""
    from django.db import Error, connection
    from django.db.migrations.executor import MigrationExecutor
    from django.utils.translation import gettext as _

    try:
        executor = MigrationExecutor(connection)
        is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error as error:
        raise BadInput(_("the database does not answer ({error}): see DATABASE_URL").format(error=error)) from error
    if is_behind:
        raise BadInput(_("the database is older than the program: run `zhixing manage migrate` first"))
