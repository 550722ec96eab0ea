"""The commands by name. Each is a module with ``declare(parser)`` and ``run(arguments)``, loaded when it is called."""

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from matching.cli.endings import WrongInput

COMMANDS = {
    "solve": "find the best pairings of a problem, and prove that they are",
    "verify": "check an answer from the problem alone, with code that the solver has no part in",
    "explain": "say who was next in line, what would help and which offers rest",
    "preview": "say what one need or offer, new or changed, would change",
    "bench": "measure time and memory beside other solvers, to the same total",
    "schema": "print the JSON Schema of problems or of answers",
}

EPILOG = """exit codes:
  0  done: solved to the optimum, or the answer is good
  1  failed, or the answer has defects
  2  what was given cannot be used; each fault is listed with its JSON pointer
  3  infeasible: the answer says why
  4  the time limit ran out: the answer has the best found and a bound"""


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints end the command as any other wrong input does."""

    def error(self, message: str) -> NoReturn:
        raise WrongInput(f"{message} (--help shows what is possible)")


def run(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; its exit code."""
    parser = _Parser(
        prog="matching",
        description="Exact, fair and explained matching of needs with offers.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version and end")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    called = next((word for word in arguments if not word.startswith("-")), None)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=_sentence(summary), allow_abbrev=False)
        if name == called:
            import_module(f"matching.cli.{name}").declare(command)
    try:
        parsed = parser.parse_args(arguments)
    except SystemExit as ended:  # --help has been printed
        return int(ended.code or 0)
    if parsed.version:
        print(f"matching {_version()}")
        return 0
    if parsed.command is None:
        parser.print_help()
        return 0
    status: int = import_module(f"matching.cli.{parsed.command}").run(parsed)
    return status


def _sentence(summary: str) -> str:
    return summary[0].upper() + summary[1:] + "."


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("assist1540")
    except PackageNotFoundError:
        return "(not installed)"
