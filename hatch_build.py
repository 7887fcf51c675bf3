"""Put what is built and not committed into the wheel; an editable install needs none of it (``make setup`` builds it)."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Build the front-end files and the catalogues of Chinese sentences before hatchling collects the files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        runpy.run_path(str(root / "tools/assets.py"))["build"](root)
        runpy.run_path(str(root / "tools/messages.py"))["compile_all"]()
        build_data["force_include"]["policies"] = "zhixing/policies"
