"""Put the built front-end files into the wheel; an editable install needs none (``make setup`` builds them)."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Build ``zhixing/base/static/vendor/`` before hatchling collects the files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        runpy.run_path(str(root / "tools/assets.py"))["build"](root)
