"""The addresses of style sheets and scripts: those of the manifest, read once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zhixing.base.static_files import StaticFiles


@pytest.fixture
def files(tmp_path: Path) -> StaticFiles:
    paths = {"base/page.css": "base/page.0123456789ab.css"}
    (tmp_path / "staticfiles.json").write_text(json.dumps({"version": "1.1", "hash": "", "paths": paths}))
    (tmp_path / "base").mkdir()
    (tmp_path / paths["base/page.css"]).touch()
    return StaticFiles(location=str(tmp_path), base_url="/static/")


def test_an_address_is_worked_out_once(files: StaticFiles) -> None:
    assert files.url("base/page.css") == "/static/base/page.0123456789ab.css"
    files.hashed_files.clear()
    assert files.url("base/page.css") == "/static/base/page.0123456789ab.css"


def test_a_file_that_is_not_in_the_manifest_has_no_address(files: StaticFiles) -> None:
    with pytest.raises(ValueError, match=r"other\.css"):
        files.url("base/other.css")


def test_under_debug_every_address_is_asked_anew(files: StaticFiles, settings: Any) -> None:
    settings.DEBUG = True
    assert files.url("base/page.css") == "/static/base/page.css"
