"""What one test leaves behind, the next does not find."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhixing.base import files

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("turn", [1, 2])
def test_uploads_lie_in_the_folder_of_their_own_test(tmp_path: Path, turn: int) -> None:
    stored = files.store(b"x", "a.txt", "proof", by=None)
    assert files.path_of(stored).is_relative_to(tmp_path)
