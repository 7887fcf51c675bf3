"""A start with nothing to do is recognised without Django, and only then."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from zhixing.config.cli import ready


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "package"
    for path in ("people/static/people/a.css", "people/migrations/0001_initial.py"):
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text("x")
    monkeypatch.setattr(ready, "PACKAGE", package)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    folder = tmp_path / "home"
    (folder / "static").mkdir(parents=True)
    with sqlite3.connect(folder / ready.DATABASE) as database:
        database.execute("CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app TEXT, name TEXT)")
        database.execute("INSERT INTO django_migrations (app, name) VALUES ('people', '0001_initial')")
    return folder


def test_a_second_start_finds_everything_ready(home: Path) -> None:
    assert not ready.is_ready(home)
    ready.mark_ready(home)
    assert ready.is_ready(home)


@pytest.mark.parametrize("path", ["people/static/people/b.css", "people/migrations/0002_more.py"])
def test_new_code_and_new_static_files_want_a_whole_start(home: Path, path: str) -> None:
    ready.mark_ready(home)
    (ready.PACKAGE / path).write_text("y")
    assert not ready.is_ready(home)


def test_an_older_database_put_in_place_wants_a_whole_start(home: Path) -> None:
    ready.mark_ready(home)
    with sqlite3.connect(home / ready.DATABASE) as database:
        database.execute("DELETE FROM django_migrations")
    assert not ready.is_ready(home)


def test_a_database_that_is_gone_or_elsewhere_wants_a_whole_start(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready.mark_ready(home)
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/else")
    assert not ready.is_ready(home)
    monkeypatch.delenv("DATABASE_URL")
    assert ready.is_ready(home)
    (home / "static").rmdir()
    assert not ready.is_ready(home)
    (home / "static").mkdir()
    (home / ready.DATABASE).unlink()
    assert not ready.is_ready(home)
    ready.mark_ready(home)
    assert not ready.is_ready(home)
