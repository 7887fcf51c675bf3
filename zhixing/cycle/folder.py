"""The output folder: made in a folder beside it, and moved into place when all is there, so that a crash leaves the old one.

While it is being made it is also the home of the fresh installation (``ZHIXING_HOME``). Afterwards it may serve as one again: it holds the
database and its files, but no keys. ID numbers in the database are sealed with the keys of the installation from which the command was
called; where ``ZHIXING_HOME`` named none, with keys that nobody keeps, so that the database gives no ID number away.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

DATABASE = "city.sqlite3"
SECRETS = "secrets.json"
OWN_NAMES = frozenset(
    "standings.csv callups.csv not_called.csv make_ups.csv notices problems.xlsx report.html city.sqlite3 files summary.json".split()
)
"""Everything that an output folder holds."""
KEYS = {
    "signing": "ZHIXING_SECRET_KEY",
    "encryption": "ZHIXING_ENCRYPTION_KEY",
    "blind_index": "ZHIXING_BLIND_INDEX_KEY",
}


@contextmanager
def drafted(out: Path) -> Iterator[Path]:
    """A private empty folder beside ``out`` that takes its place when all went well; else ``out`` stays as it was."""
    out.parent.mkdir(parents=True, exist_ok=True)
    sweep(out)
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    draft.mkdir(mode=0o700)
    try:
        yield draft
        put_in_place(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def sweep(out: Path) -> None:
    """Put right what killed processes left beside ``out``: half-made folders go, an old one that was moved aside comes back."""
    left = re.compile(rf"\.{re.escape(out.name)}\.(\d+)\.(part|old)")
    for path in out.parent.iterdir():
        found = left.fullmatch(path.name)
        if found is None or _is_alive(int(found[1])):
            continue
        if found[2] == "old" and not out.exists():
            path.rename(out)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def put_in_place(draft: Path, out: Path) -> None:
    """Let ``draft`` become ``out``. What else lies in ``out`` stays, and a folder in which somebody works is not moved away."""
    _sync(draft)
    if not out.exists():
        draft.rename(out)
    elif Path.cwd().is_relative_to(out) or {path.name for path in out.iterdir()} - OWN_NAMES:
        _replace_each(draft, out)
    else:
        old = draft.with_suffix(".old")
        out.rename(old)
        draft.rename(out)
        shutil.rmtree(old, ignore_errors=True)


def _replace_each(draft: Path, out: Path) -> None:
    """One by one, the summary last; what an earlier run made and this one did not is gone."""
    for name in sorted(OWN_NAMES, key=lambda name: name == "summary.json"):
        old, new = out / name, draft / name
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        if new.exists():
            new.replace(old)
        else:
            old.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def home_of(draft: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables under which ``draft`` is an installation of its own, with the keys of the caller's installation where there is one."""
    own = environment.get("ZHIXING_HOME")
    secrets = Path(own) / SECRETS if own else None
    held = json.loads(secrets.read_text()) if secrets and secrets.is_file() else {}
    keys = {variable: environment.get(variable) or held.get(name) for name, variable in KEYS.items()}
    return {
        **{variable: key for variable, key in keys.items() if key},
        "ZHIXING_HOME": str(draft),
        "DATABASE_URL": f"sqlite:///{quote(str(draft / DATABASE))}",
        "DJANGO_SETTINGS_MODULE": "zhixing.config.settings",
    }


def forget_keys(draft: Path) -> None:
    """Once the settings are read the keys are in memory: their file goes."""
    (draft / SECRETS).unlink(missing_ok=True)
