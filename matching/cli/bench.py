"""``matching bench``: the engine beside its rivals on the same pairs, to the same total."""

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from matching.cli.endings import DONE, FAILED

if TYPE_CHECKING:
    from matching.bench.runs import Case

CASES = ("rows", "pairs")
SIZES = {"rows": (1_000_000, 5_000_000), "pairs": (1_000_000, 5_000_000)}
QUICK = 20_000
SEED = 1540
ALIKE = 50
"""Needs to a row in the case ``rows``."""


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="problem files; without any, problems are drawn")
    parser.add_argument(
        "--cases", nargs="+", choices=CASES, default=CASES,
        help="what to draw: many needs to a row of points, or each pair its own points (default: both)",
    )  # fmt: skip
    parser.add_argument(
        "--sizes", nargs="+", type=_size, metavar="N", help="pairs of what is drawn (default: 10^6, 5 10^6)"
    )
    parser.add_argument(
        "--objective", choices=("points", "equal_treatment"), default="points",
        help="what the engine maximises; rivals always maximise points (default: points)",
    )  # fmt: skip
    parser.add_argument("--no-rivals", action="store_true", help="measure the engine alone")
    parser.add_argument("--quick", action="store_true", help=f"draw {QUICK} pairs, in less than a minute")


def _size(given: str) -> int:
    """A number of pairs."""
    if not given.isdecimal() or int(given) < 1:
        raise argparse.ArgumentTypeError(f"{given} is no number of pairs; give at least 1")
    return int(given)


def run(arguments: argparse.Namespace) -> int:
    """Measure, print a table in Markdown as it comes, and return 1 where totals differ."""
    from matching.bench.loading import load
    from matching.bench.runs import measure
    from matching.bench.table import COLUMNS, row, table

    for path in arguments.files:
        load(path)  # what is no problem is refused before anything is measured
    agree = True
    print(table(COLUMNS, ()), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for case in _cases(arguments, Path(scratch)):
            measured = measure(case, Path(scratch))
            agree &= measured.agrees
            print("| " + " | ".join(row(measured)) + " |", flush=True)
    print("\nSeconds of rivals, and ratios, are of processor time; rivals build their graph from arrays of the pairs.")
    return DONE if agree else FAILED


def _cases(arguments: argparse.Namespace, scratch: Path) -> "list[Case]":
    from matching.bench.drawn import WANTED, pairs_file
    from matching.bench.runs import Case, installed

    rivals = () if arguments.no_rivals else tuple(installed())
    cases = [Case(Path(path).name, Path(path), arguments.objective, rivals) for path in arguments.files]
    for kind in () if arguments.files else arguments.cases:
        for size in [QUICK] if arguments.quick else arguments.sizes or SIZES[kind]:
            path = scratch / f"{kind}-{size}.json.gz"
            pairs_file(path, size, SEED, max(1, size // WANTED // ALIKE) if kind == "rows" else None)
            cases.append(Case(f"drawn {kind}, seed {SEED}", path, arguments.objective, rivals))
    return cases
