"""The shape of the house: foreign keys point down like imports, files stay small, and names come from the glossary."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "zhixing"
FORBIDDEN_NAMES = {"utils", "helpers", "common", "core", "services", "manager", "misc", "lib"}
LINES_MAX = 600


def layers() -> list[set[str]]:
    """The layers of ``pyproject.toml``, highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = next(c for c in settings["tool"]["importlinter"]["contracts"] if c["id"] == "layers")
    return [{name.strip() for name in layer.split("|")} for layer in contract["layers"]]


def height(app: str) -> int:
    """0 for the top layer; larger is lower."""
    return next(i for i, layer in enumerate(layers()) if app in layer)


def upward_keys(tables: list[type[models.Model]]) -> list[str]:
    """Foreign keys and many-to-many fields whose target lies above or beside their own app."""
    found = []
    for table in tables:
        own = table._meta.app_label
        for field in table._meta.get_fields():
            if not isinstance(field, models.ForeignKey | models.OneToOneField | models.ManyToManyField):
                continue
            target = field.related_model._meta.app_label
            if target != own and height(target) <= height(own):
                found.append(f"{own}.{table.__name__}.{field.name} -> {target}")
    return found


def our_tables() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m.__module__.startswith("zhixing.")]


def python_files() -> list[Path]:
    return [p for p in PACKAGE.rglob("*.py") if "migrations" not in p.parts]


def too_long(files: list[Path]) -> list[str]:
    return [str(p) for p in files if len(p.read_text(encoding="utf-8").splitlines()) > LINES_MAX]


def test_foreign_keys_point_down() -> None:
    assert upward_keys(our_tables()) == []


def test_an_upward_foreign_key_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from zhixing.people.models import Person

    field = Person._meta.get_field("unit")
    monkeypatch.setattr(field, "related_model", apps.get_model("callups", "Callup"))
    assert upward_keys([Person]) == ["people.Person.unit -> callups"]


def test_every_app_has_a_layer() -> None:
    known = set().union(*layers())
    assert {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists()} <= known


def test_no_file_is_too_long() -> None:
    assert too_long(python_files()) == []


def test_a_long_file_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "long.py"
    planted.write_text("x = 1\n" * (LINES_MAX + 1))
    assert too_long([planted]) == [str(planted)]


def test_no_module_has_an_empty_name() -> None:
    names = {part for p in python_files() for part in p.relative_to(PACKAGE).with_suffix("").parts}
    assert names & FORBIDDEN_NAMES == set()


def test_every_app_is_in_the_glossary() -> None:
    words = set(re.findall(r"`([a-z_]+)/?`", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")))
    missing = {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists()} - words
    assert missing == set()


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    return subprocess.run([*program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("victim", "planted", "contract"),
    [
        ("people/planted.py", "from zhixing.callups import models\n", "Imports point down"),
        ("callups/planted.py", "from zhixing.timetables import models\n", "Imports point down"),
        ("engine/planted.py", "import django\n", "The engine knows no framework"),
        ("engine/planted.py", "import highspy\n", "Only engine/*/solver.py imports a solver"),
        ("unlisted/__init__.py", "", "Imports point down"),
    ],
)
def test_each_contract_goes_red_on_a_planted_violation(
    tmp_path: Path, victim: str, planted: str, contract: str
) -> None:
    shutil.copytree(PACKAGE, tmp_path / "zhixing", ignore=shutil.ignore_patterns("static", "__pycache__", "*.mo"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    target = tmp_path / "zhixing" / victim
    target.parent.mkdir(exist_ok=True)
    target.write_text(planted)
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert re.search(rf"{re.escape(contract)}.*BROKEN", done.stdout) or "unlisted" in done.stdout


def test_what_runs_on_one_database_only_knows_none() -> None:
    """``tools/test.py`` leaves the engine's tests and modules marked ``files`` out on PostgreSQL."""
    tests = ROOT / "tests"
    modules = {p: p.read_text(encoding="utf-8") for p in tests.rglob("test_*.py")}
    once = [p for p, text in modules.items() if p.is_relative_to(tests / "engine") or "mark.files" in text]
    assert len(once) > 50
    assert [
        p for p in once if p != Path(__file__) and re.search(r"django_db|DATABASE_URL|on_postgres", modules[p])
    ] == []
