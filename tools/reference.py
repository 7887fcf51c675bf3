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
    "ZHIXING_ONE_SESSION": "1 allows one live session per account",
    "ZHIXING_SESSION_SECONDS": "how long a session lives",
    "ZHIXING_JOB_STALE_SECONDS": "silence after which a job is queued again",
    "ZHIXING_EMAIL_BACKEND": "how e-mail is sent; default: written to the console",
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


PAGES = {"settings.md": settings_page, "commands.md": commands_page, "tables.md": tables_page}


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
