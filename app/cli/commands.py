"""The commands by name. A command's module is imported when the command is called, so that ``--help`` is quick."""

import gc
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from app.version import own_version

#: Name of each command -> the module with the function of that name, and the first line of its help.
COMMANDS = {
    "init": ("init", "Create the tables, or bring them up to date, and load the reference data."),
    "load": ("load", "Read requests and offers from the public record or from a file of yours."),
    "run": ("run", "Run a quarter and show what it proposes."),
    "runs": ("show", "List the runs, the newest quarter first."),
    "show": ("show", "Show a run, or a record and what the newest run says of it."),
    "preview": ("preview", "See what one need or offer, new or changed, would have changed in a run."),
    "take-home": ("take_home", "Write a run to an archive that anyone can verify offline, with Python alone."),
    "what-if": ("what_if", "See what a run would propose under other strategies, and why."),
    "backtest": ("backtest", "See what strategies would have proposed in past quarters."),
    "serve": ("serve", "Serve the REST API on this machine."),
    "worker": ("worker", "Work off the queue of runs."),
    "generate": ("generate", "Make synthetic requests and offers."),
    "export": ("export", "Write the record to a file in the columns that load reads."),
    "doctor": ("doctor", "Examine the installation, and prove the event log whole."),
}


def load(name: str) -> TyperCommand:
    """The command called ``name``, made from the function of that name in its module, where a dash is an underscore."""
    gc.disable()  # a fifth of the time that imports take, for garbage that they do not make
    module = import_module(f"app.cli.{COMMANDS[name][0]}")
    gc.enable()
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name)(getattr(module, name.replace("-", "_")))
    command = typer.main.get_command(alone)
    assert isinstance(command, TyperCommand)
    return command


class Commands(TyperGroup):
    """The root command: lists the commands without importing them, imports the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Name, command and remaining arguments of the command that ``args`` begin with."""
        name, stub, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else stub, rest


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"assist1540 {own_version()}")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Match requests for assistance under resolution 1540 (2004) with offers, exactly and explained.

    DATABASE_URL names a PostgreSQL database; left out, an embedded server is started for each command.
    """


def _make_root() -> Commands:
    app = typer.Typer(cls=Commands, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_root)
    group = typer.main.get_group(app)
    assert isinstance(group, Commands)
    group.commands = {name: TyperCommand(name, help=summary) for name, (_, summary) in COMMANDS.items()}
    return group


root = _make_root()
