"""The reference pages of docs/reference, made from the code itself.

python tools/reference.py          write them
python tools/reference.py check    fail when one is out of date
"""

from __future__ import annotations

import ast
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "reference"
VARIABLE = re.compile(r"\"((?:ZHIXING|DATABASE)_[A-Z_]+)\"")
ABOUT = {
    "DATABASE_URL": "the database: `postgresql://user:password@host:port/name` or `sqlite:///path`; empty: SQLite at home",
    "ZHIXING_HOME": "the folder of database, files and secrets",
    "ZHIXING_SECRET_KEY": "signs sessions and codes; default: from `secrets.json`",
    "ZHIXING_ENCRYPTION_KEY": "seals ID numbers (base64, 32 bytes); default: from `secrets.json`",
    "ZHIXING_BLIND_INDEX_KEY": "finds ID numbers (base64, 32 bytes); default: from `secrets.json`",
    "ZHIXING_DEBUG": "1 shows errors in the browser and the style page; never in production",
    "ZHIXING_HOSTS": "names the server answers to, separated by commas",
    "ZHIXING_ORIGINS": "origins trusted for forms when a proxy changes the host",
    "ZHIXING_HTTPS": "1 behind TLS: secure cookies, HSTS",
    "ZHIXING_TIME_ZONE": "the zone of days and times",
    "ZHIXING_UPLOAD_MAX_BYTES": "the largest upload",
    "ZHIXING_SIGN_IN_TRIES": "failed sign-ins until an account is locked",
    "ZHIXING_LOCKED_HOURS": "how long it stays locked",
    "ZHIXING_IDENTITY_URL": "issuer address of the city's identity service (OpenID Connect); empty: sign-in by password only",
    "ZHIXING_IDENTITY_CLIENT": "client id given by that service",
    "ZHIXING_IDENTITY_SECRET": "client secret given by that service",
    "ZHIXING_IDENTITY_NAME": "what the button on the sign-in page calls it",
    "ZHIXING_IDENTITY_CLAIM": "claim that names the account: its value is the user name here; `email`: a verified address",
    "ZHIXING_IDENTITY_ASK": "0 lets the service take whoever is signed in there already; default: it asks each time (`prompt=login`)",
    "ZHIXING_ONE_SESSION": "1 allows one live session per account",
    "ZHIXING_SESSION_SECONDS": "how long a session lives",
    "ZHIXING_JOB_STALE_SECONDS": "silence after which a job is queued again",
    "ZHIXING_EMAIL_BACKEND": "how e-mail is sent; default: written to the console, under `zhixing run` to files in `mail`",
    "ZHIXING_EMAIL_HOST": "mail server",
    "ZHIXING_EMAIL_PORT": "its port",
    "ZHIXING_EMAIL_USER": "its account",
    "ZHIXING_EMAIL_PASSWORD": "its password",
    "ZHIXING_EMAIL_TLS": "1 for STARTTLS",
    "ZHIXING_EMAIL_FROM": "the sender",
    "ZHIXING_ADDRESS": "the address written into e-mails",
    "ZHIXING_LOG": "log level",
}


def settings_page() -> str:
    """Every environment variable of the settings with its default and meaning; a variable without a meaning is an error."""
    lines = [
        "# Settings",
        "",
        "Everything is set by environment variables. Made by `tools/reference.py`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    found: dict[str, str] = {}
    for path in (ROOT / "zhixing" / "config" / "home.py", ROOT / "zhixing" / "config" / "settings.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.args[0].value
                if isinstance(name, str) and VARIABLE.fullmatch(f'"{name}"'):
                    default = ast.unparse(node.args[1]) if len(node.args) > 1 else ""
                    found.setdefault(name, default)
    missing = set(found) - set(ABOUT)
    if missing:
        sys.exit(f"tools/reference.py says nothing about {', '.join(sorted(missing))}")
    lines += [f"| `{name}` | `{default or '–'}` | {ABOUT[name]} |" for name, default in sorted(found.items())]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """The help of every sub-command."""
    import click

    from zhixing.config.cli import zhixing

    lines = ["# Commands", "", "`zhixing COMMAND --help` prints the same. Made by `tools/reference.py`.", ""]
    context = click.Context(zhixing, info_name="zhixing")
    for name in zhixing.list_commands(context):
        command = zhixing.get_command(context, name)
        if command is not None and name != "manage":
            lines += list(_help(command, click.Context(command, info_name=name, parent=context)))
    return "\n".join(lines)


def _help(command: object, context: object) -> Iterator[str]:
    import click

    assert isinstance(command, click.Command)
    assert isinstance(context, click.Context)
    yield f"## `{context.command_path}`"
    yield from ("", "```text", command.get_help(context), "```", "")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _help(below, click.Context(below, info_name=name, parent=context))


def tables_page() -> str:
    """Every table with its meaning, fields and named constraints."""
    from django.apps import apps

    lines = ["# Tables", "", "Read off the models. Made by `tools/reference.py`.", ""]
    for app in apps.get_app_configs():
        models = [m for m in app.get_models() if m.__module__.startswith("zhixing.")]
        if models:
            lines += [f"## {app.label}", ""]
        for model in models:
            about = " ".join((model.__doc__ or "").split())
            lines += [f"### `{model._meta.db_table}`", "", about, "", "| field | type | refers to |", "|---|---|---|"]
            for field in model._meta.concrete_fields:
                target = f"`{field.related_model._meta.db_table}`" if field.is_relation else ""  # type: ignore[union-attr]
                kind = field.get_internal_type().removesuffix("Field")
                lines.append(f"| `{field.column}` | {kind}{' ?' if field.null else ''} | {target} |")
            names = sorted(constraint.name for constraint in model._meta.constraints)
            lines += ["", f"Constraints: {', '.join(f'`{n}`' for n in names)}" if names else "", ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


EXTRACTS = """# Extracts

A statutory data set is a definition in TOML: `zhixing/archive/extracts/` holds those that come with the product, `ZHIXING_HOME/extracts/` those of
a place; of two files with one name the place's own wins. A new data set, or the receiver's codes, is a file and not a program. `zhixing extract
check FILE` names every fault. Made by `tools/reference.py`.

## What an answer is made of
A row is one training of one person that ended in the time asked about: all its ledger entries of one form and result, added up, of whatever year.
The half days of one call-up are one training, so are the years' shares of one outside training or one row of a history sheet; two meetings or
two class runs of one name are two. A line that no such key names (`Entry.source_key`) is known by title, first and last day. Within a year the
training record shows the hours of that year.
An entry is in it when it was earned by `on`, recorded by `known_at`, and neither is a reversal nor had been reversed by then.
The ledger is append-only, so **the same question gives the same bytes, whatever is corrected later**; the digest of every file is kept and the page
compares. Ranks, units of posts and who was in service are as known then, too. What may still differ: names, staff numbers and days of birth, the
tree of units, who lies in the scope asked for, and the days of class runs. Rows are ordered by staff number, last day and first entry.

People are named by staff number; an ID number is in no extract. In CSV a text that a spreadsheet would take for a formula gets an apostrophe before
it, in Excel it is text, in XML it stands as it is. A value longer than its field is left whole and told. The file lies sealed; every record in
it notes that it was read, and the audit trail says who asked, made and took it.

## Certainty
`待核实` and `地方实例` are the words of domain facts §8.4: no official text was seen. `见于公开代码` means that one agency's public code writes
this element. That OPM asks for 27 mandatory elements stands on its page “Reporting Training Data”; that they are exactly these 27 was not seen.

## The yearly statistics
`statistics` is no definition: people in service on the last day, people trained, coverage, person-times and hours by level (职务层次 and 职级 stay two
scales), by level and form of training, and by content block, from 1 January of the year to the last day. A person-time is one completed training
of one person, in the year in which it ended; hours belong to the year in which they were earned. Whoever left before the last day has a line of its own.

Who was in service, where and at which level is as known at the moment asked about. The figures of every answer are kept, also when its
file is destroyed, and the page lists each cell that another answer to the same question gives otherwise.
"""


def extracts_page() -> str:
    """What a field may come from, and each shipped definition."""
    from zhixing.archive.queries.definitions import SHIPPED
    from zhixing.engine.extracts.definition import SOURCES, parse

    lines = [EXTRACTS, "## Sources", "", "| source | meaning |", "|---|---|"]
    lines += [f"| `{word}` | {meaning} |" for word, meaning in SOURCES.items()]
    for path in sorted(SHIPPED.glob("*.toml")):
        made = parse(path.read_text(encoding="utf-8"))
        lines += ["", f"## `{made.code}` {made.title}", "", f"{made.basis} · {made.certainty}. {made.note}", ""]
        lines += ["| field | meaning | source | certainty | note |", "|---|---|---|---|---|"]
        for one in made.fields:
            source = f"`{one.source}`" if one.source else f"“{one.fixed}”" if one.fixed else "empty"
            codes = f" → `{one.codes}`" if one.codes else ""
            only = f" ({', '.join(one.only)})" if one.only else ""
            name = "/".join((*one.within, one.name))
            lines.append(f"| `{name}` | {one.title} | {source}{codes}{only} | {one.certainty} | {one.note} |")
    return "\n".join(lines) + "\n"


PAGES = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "tables.md": tables_page,
    "extracts.md": extracts_page,
}


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhixing.config.settings"
    os.environ["COLUMNS"] = "100"
    with tempfile.TemporaryDirectory() as home:
        os.environ["ZHIXING_HOME"] = home
        import django

        django.setup()
        made = {name: page() for name, page in PAGES.items()}
    checking = sys.argv[1:] == ["check"]
    TARGET.mkdir(parents=True, exist_ok=True)
    stale = [
        name
        for name, text in made.items()
        if not (TARGET / name).exists() or (TARGET / name).read_text("utf-8") != text
    ]
    if checking:
        for name in stale:
            print(f"docs/reference/{name} is out of date: run python tools/reference.py")
        return 1 if stale else 0
    for name, text in made.items():
        (TARGET / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
