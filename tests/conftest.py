"""What every test may use. The same suite runs on SQLite and, with ``DATABASE_URL``, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, lest one core idle at the end: pytest-django puts what knows no database last, the browser's among it."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path) -> Iterator[None]:
    """Uploads of a test land in its own folder. Only ``override_settings`` tells the storage, which keeps its place."""
    with override_settings(MEDIA_ROOT=str(tmp_path / "files")):
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap() -> Iterator[None]:
    """Hashing costs little; static files need no build."""
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STORAGES={**settings.STORAGES, "staticfiles": static},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_triggers() -> Iterator[None]:
    """Flushing after a transactional test deletes ledger rows: on SQLite the append-only triggers step aside for that moment.

    PostgreSQL truncates, which row triggers do not see.
    """
    from django.db.backends.sqlite3.base import DatabaseOperations

    plain = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: object, **kwargs: object) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        return [
            *(f"DROP TRIGGER {name};" for name, _ in triggers),
            *plain(self, *args, **kwargs),
            *(f"{sql};" for _, sql in triggers),
        ]

    DatabaseOperations.sql_flush = sql_flush
    yield
    DatabaseOperations.sql_flush = plain


@pytest.fixture
def run_jobs() -> Callable[[], int]:
    """Run every waiting job here and now, as the worker would; returns how many ran."""
    from zhixing.base import jobs
    from zhixing.base.models import Job

    def run() -> int:
        ran = 0
        while waiting := Job.objects.filter(state=Job.State.QUEUED).order_by("created_at").first():
            jobs.perform(str(waiting.pk))
            ran += 1
        return ran

    return run


@pytest.fixture
def on_postgres() -> bool:
    return connection.vendor == "postgresql"
