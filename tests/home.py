"""Loaded before the settings (``-p tests.home``): a home of its own for each test run, with an empty folder for collected static files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

if "ZHIXING_HOME" not in os.environ:
    os.environ["ZHIXING_HOME"] = tempfile.mkdtemp(prefix="zhixing-test-")
(Path(os.environ["ZHIXING_HOME"]) / "static").mkdir(parents=True, exist_ok=True)
