"""What an installation writes down is its owner's only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from zhixing.base import files
from zhixing.config.home import home, installation_secrets


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_home_and_keys_are_open_to_their_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIXING_HOME", str(tmp_path / "city"))
    made = home()
    first = installation_secrets(made)
    assert (mode(made), mode(made / "secrets.json")) == (0o700, 0o600)
    assert installation_secrets(made) == first
    assert len(set(first.values())) == 3


@pytest.mark.django_db
def test_stored_files_are_open_to_their_owner_only_and_stay_in_their_folder(settings: object) -> None:
    stored = files.store(b"%PDF-1.7", "../../etc/名册.pdf", "proof", by=None)
    path = files.path_of(stored)
    assert path.is_relative_to(settings.MEDIA_ROOT)  # type: ignore[attr-defined]
    assert (stored.name, mode(path), mode(path.parent)) == ("名册.pdf", 0o600, 0o700)
