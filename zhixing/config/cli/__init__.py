"""The one command of the product. Each sub-command lives in a file of its own here and is imported only when asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import ClassVar

import click

from zhixing.config.cli.failures import BadInput


class LazyGroup(click.Group):
    """Imports a sub-command on use, so that ``zhixing callup`` does not pay for Django."""

    COMMANDS: ClassVar[dict[str, str]] = {
        "bench": "Measure the house and print a table.",
        "callup": "Solve, check and explain call-up problems (formats.md §3).",
        "cycle": "Run the whole job from three spreadsheets to papers (formats.md §1).",
        "demo": "Make the demonstration city.",
        "diagnosis": "Diagnose the four named problems of training in a year.",
        "disclosure": "Protect small groups in published tables, and check tables.",
        "effects": "Say what training added: gain, matched comparison, cohorts.",
        "evaluations": "Take what evaluation knows, for planning.",
        "extract": "Take statutory extracts and the yearly statistics, as of any day.",
        "manage": "Django's own commands (migrate, shell, …).",
        "needs": "Estimate gaps between what posts require and what people have.",
        "obligations": "Compute standings in bulk (formats.md §2).",
        "plan": "Propose the plan of a year, check it, ask what if.",
        "policy": "Check and explain policies.",
        "ratings": "Fit ratings with crossed and nested factors (formats.md §5).",
        "roster": "Bring in a roster by the clock.",
        "run": "Start web and worker together.",
        "web": "Start the web server.",
        "worker": "Start the job worker.",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"zhixing.config.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(self.COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zhixing")
def zhixing() -> None:
    """知行: the whole loop of in-service training, from need to evidence."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit 0 on success, 2 on bad input (every problem listed on stderr), 1 on a bug."""
    try:
        zhixing.main(args=list(arguments) if arguments is not None else None, prog_name="zhixing")
    except BadInput as error:
        for line in error.lines:
            click.echo(line, err=True)
        sys.exit(2)
