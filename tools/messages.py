"""The catalogues of Chinese sentences, one for each app: collect, check and compile them without GNU gettext.

    python tools/messages.py update [APP …]   add new strings to each app's django.po, drop those no longer used
    python tools/messages.py check            fail on a string that no catalogue translates or two do, and on a placeholder that the Chinese lost
    python tools/messages.py compile          write the .mo files (not committed)

A string is translated in one app only: Django looks through all catalogues, so of two translations one would be wrong somewhere unseen. Where
one English word has two meanings, say two words, or give a context.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib

PACKAGE = Path(__file__).resolve().parent.parent / "zhixing"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
CALL = re.compile(
    r"""\b(gettext|_|ngettext|pgettext)\(\s*(u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))(?:\s*,\s*(u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")))?"""
)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}|%[sd]")
Key = tuple[str, str]  # context, text


def apps() -> list[Path]:
    """The apps, and ``config``, whose commands have sentences of their own."""
    return sorted(folder for folder in PACKAGE.iterdir() if (folder / "apps.py").exists() or folder.name == "config")


def strings_of(app: Path) -> Iterator[tuple[Key, str, str]]:
    """Every translatable string of an app: ((context, text), plural, file)."""
    for path in sorted(app.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _python_strings(path)
    for path in sorted(app.rglob("templates/**/*")):
        if path.suffix in {".html", ".txt"}:
            yield from _template_strings(path)


def _python_strings(path: Path) -> Iterator[tuple[Key, str, str]]:
    from babel.messages.extract import (
        extract_python,  # only collecting needs Babel; an installation compiles without it
    )

    place = str(path.relative_to(PACKAGE.parent))
    with path.open("rb") as file:
        for _line, function, text, _comments in extract_python(file, KEYWORDS, [], {"encoding": "utf-8"}):
            parts = text if isinstance(text, tuple) else (text,)
            if not isinstance(parts[0], str) or not parts[0]:
                continue
            if function.startswith("pgettext"):
                yield (parts[0], str(parts[1])), "", place
            elif function.startswith("ngettext"):
                yield ("", parts[0]), str(parts[1]), place
            else:
                yield ("", parts[0]), "", place


def _template_strings(path: Path) -> Iterator[tuple[Key, str, str]]:
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    from django.utils.translation.template import templatize

    place = str(path.relative_to(PACKAGE.parent))
    for match in CALL.finditer(templatize(path.read_text(encoding="utf-8"), origin=place)):
        function, first, second = match.groups()
        one, two = ast.literal_eval(first), ast.literal_eval(second) if second else ""
        if function == "pgettext":
            yield (one, two), "", place
        elif one:
            yield ("", one), two if function == "ngettext" else "", place


def catalogue_path(app: Path) -> Path:
    return app / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def load(app: Path) -> polib.POFile:
    path = catalogue_path(app)
    if path.exists():
        return polib.pofile(str(path), wrapwidth=120)
    catalogue = polib.POFile(wrapwidth=120)
    catalogue.metadata = {
        "Project-Id-Version": "zhixing",
        "Language": "zh_Hans",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return catalogue


def key_of(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid


def translated(entry: polib.POEntry) -> bool:
    if entry.obsolete or entry.fuzzy:
        return False
    return bool(entry.msgstr_plural and all(entry.msgstr_plural.values())) if entry.msgid_plural else bool(entry.msgstr)


def update() -> int:
    catalogues = {app: load(app) for app in apps()}
    owners: dict[Key, Path] = {key_of(e): app for app, c in catalogues.items() for e in c if translated(e)}
    chosen = set(sys.argv[2:])
    for app, catalogue in catalogues.items():
        if chosen and app.name not in chosen:
            continue
        wanted: dict[Key, tuple[str, set[str]]] = {}
        for key, plural, place in strings_of(app):
            wanted.setdefault(key, (plural, set()))[1].add(place)
        _merge(app, catalogue, wanted, owners)
    return 0


def _merge(
    app: Path, catalogue: polib.POFile, wanted: dict[Key, tuple[str, set[str]]], owners: dict[Key, Path]
) -> None:
    known = {key_of(e): e for e in catalogue}
    everywhere = {key for other in apps() for key, _plural, _place in strings_of(other)}
    for key, entry in known.items():
        if key not in everywhere:
            catalogue.remove(entry)
    for (context, text), (plural, places) in wanted.items():
        entry = known.get((context, text))
        if entry is None:
            if (context, text) in owners:
                continue
            entry = polib.POEntry(msgctxt=context or None, msgid=text)
            if plural:
                entry.msgid_plural, entry.msgstr_plural = plural, {0: ""}
            catalogue.append(entry)
        entry.occurrences = [(place, "") for place in sorted(places)]
    if len(catalogue):
        catalogue.sort(key=lambda e: (e.occurrences[0][0] if e.occurrences else "", e.msgid))
        catalogue_path(app).parent.mkdir(parents=True, exist_ok=True)
        catalogue.save(str(catalogue_path(app)))


def check() -> int:
    catalogues = {app: load(app) for app in apps()}
    known = {key_of(e): e for c in catalogues.values() for e in c if translated(e)}
    faults = [
        f"{place}: no Chinese for {text!r}"
        for app in catalogues
        for (context, text), _plural, place in strings_of(app)
        if (context, text) not in known
    ]
    places = Counter(key_of(e) for c in catalogues.values() for e in c)
    faults += [f"{text!r}: stands in {n} catalogues" for (_context, text), n in places.items() if n > 1]
    for (_context, text), entry in known.items():
        chinese = entry.msgstr or entry.msgstr_plural.get(0, "")
        lost = {m.group(0) for m in PLACEHOLDER.finditer(entry.msgid_plural or text)} ^ {
            m.group(0) for m in PLACEHOLDER.finditer(chinese)
        }
        if lost and not entry.msgid_plural:
            faults.append(f"{text!r}: placeholders differ: {sorted(lost)}")
    sys.stdout.write("".join(f"{fault}\n" for fault in sorted(set(faults))))
    sys.stdout.write(f"{len(known)} strings translated, {len(set(faults))} faults\n")
    return 1 if faults else 0


def compile_all() -> int:
    for app in apps():
        path = catalogue_path(app)
        target = path.with_suffix(".mo")
        if path.exists() and (not target.exists() or target.stat().st_mtime < path.stat().st_mtime):
            content = io.BytesIO(load(app).to_binary()).getvalue()
            target.write_bytes(content)
    return 0


if __name__ == "__main__":
    commands = {"update": update, "check": check, "compile": compile_all}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    sys.exit(commands[sys.argv[1]]())
