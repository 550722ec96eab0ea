"""``matching schema``: the JSON Schema of what goes in and of what comes out."""

import argparse
import sys
from importlib.resources import files

SCHEMAS = ("problem", "answer")


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("of", nargs="?", choices=SCHEMAS, default="problem", help="which one (default: problem)")


def run(arguments: argparse.Namespace) -> int:
    """Print the schema."""
    sys.stdout.write(files("matching").joinpath("data", f"{arguments.of}.schema.json").read_text("utf-8"))
    return 0
