"""Every static check in turn; all run even when one fails, and the last lines say which failed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "ruff": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "imports": ["importlinter.cli", "lint"],
    "djlint": ["djlint", "--lint", "--quiet", "zhixing"],
    "migrations": ["zhixing.config.cli", "manage", "makemigrations", "--check", "--dry-run"],
    "translations": ["tools/messages.py", "check"],
    "templates": ["tools/unused_templates.py"],
    "reference": ["tools/reference.py", "check"],
}
PROGRAMS = {
    "importlinter.cli": "from importlinter.cli import lint_imports_command as run; run()",
    "zhixing.config.cli": "from zhixing.config.cli import main; main()",
}


def command(words: list[str]) -> list[str]:
    first, *rest = words
    if first == "importlinter.cli":
        return [sys.executable, "-c", PROGRAMS[first]]
    if first in PROGRAMS:
        return [sys.executable, "-c", PROGRAMS[first], *rest]
    if first.endswith(".py"):
        return [sys.executable, first, *rest]
    return [sys.executable, "-m", first, *rest]


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "ZHIXING_HOME": home}
        for name, words in CHECKS.items():
            began = time.monotonic()
            done = subprocess.run(
                command(words), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
            )
            print(
                f"{'ok' if done.returncode == 0 else 'FAILED':7}{name} ({time.monotonic() - began:.0f} s)", flush=True
            )
            if done.returncode:
                failed.append(name)
                print(done.stdout[-6000:], done.stderr[-6000:], sep="\n")
    print(f"checks failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
