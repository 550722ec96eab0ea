"""`make mutation`: how many small changes of the engine its tests notice.

The checkout itself is never changed: mutants stand in copies of it.
"""

import argparse
import math
import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.mutation.judging import Broken, Judge, Verdict, judged
from tests.mutation.mutants import Mutant, UnknownModule, mutants, sample
from tests.mutation.reach import Failing, measure
from tests.mutation.report import interval, score, table, unnoticed
from tests.mutation.trial import load, prepare
from tests.mutation.workshop import Workshop

ROOT = Path(__file__).parents[2]
PACKAGE, TESTS = "matching", Path("tests", "matching")
ENOUGH = 0.8
"""The score below which the command fails."""


def main(arguments: list[str] | None = None) -> int:
    """Try mutants and print what became of them: 0 for a good score, 1 for one below 80 %, 2 if nothing can be told."""
    asked = _parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
            return _scored(asked, Path(folder))
    except (UnknownModule, Failing, Broken) as refused:
        say(f"mutation: {refused}")
        return 2
    except KeyboardInterrupt:
        say("mutation: no mutant was tried")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    add = parser.add_argument
    add("modules", nargs="*", help="modules or subpackages of matching, as matching.optimum.flow; all of it if none")
    add("--sample", type=_count, metavar="N", help="try so many, drawn at random, of each package its share")
    add("--seed", type=int, default=1, help="which sample (default: 1)")
    add("--minutes", type=float, default=math.inf, help="stop after so long; what was tried until then is a sample too")
    cores = os.cpu_count() or 1
    add("--processes", type=_count, default=cores, metavar="N", help="mutants tried at once (default: %(default)s)")
    add("--draws", type=_count, default=10, metavar="N", help="drawn problems for each property (default: 10)")
    wider = "seconds of other folders' tests for a mutant that its own folder has not noticed (default: 10)"
    add("--wider", type=float, default=10, metavar="SECONDS", help=wider)
    patience = "seconds that a test may take beyond ten times what it took without a mutant (default: 10)"
    add("--patience", type=float, default=10, metavar="SECONDS", help=patience)
    add("--root", type=_folder, default=ROOT, metavar="FOLDER", help="the checkout (default: the one that this is in)")
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of at least 1")
    return int(text)


def _folder(text: str) -> Path:
    if not Path(text, PACKAGE).is_dir():
        raise argparse.ArgumentTypeError(f"{text} has no folder {PACKAGE}")
    return Path(text).resolve()


def _scored(asked: argparse.Namespace, folder: Path) -> int:
    workshop = Workshop(asked.root, folder / "checkout")
    population = mutants(workshop.root, PACKAGE, asked.modules)
    chosen = sample(population, asked.sample or len(population), asked.seed)
    environment = {"MATCHING_DRAWS": str(asked.draws)}
    prepare()
    say(f"{len(chosen)} of {len(population)} mutants; first all tests without any")
    reach = measure(workshop.root, PACKAGE, TESTS, folder, environment)
    say(f"{len(reach.seconds)} tests, {sum(reach.seconds.values()):.0f} s")
    for test in reach.failing:
        say(f"fails without any mutant, and takes no part: {test}")
    load(reach.libraries)
    judge = Judge(workshop, reach, asked.wider, asked.patience, environment)
    verdicts = _verdicts(judge, chosen, asked)
    if not verdicts:
        say("mutation: no mutant was tried")
        return 2
    print(table(population, verdicts))
    low, high = interval(verdicts.values(), len(population))
    found = score(verdicts.values())
    print(f"\nscore {found:.1%} of {len(verdicts)} mutants; of all it is between {low:.0%} and {high:.0%} (95 %)")
    return 0 if found >= ENOUGH else 1


def _verdicts(judge: Judge, chosen: list[Mutant], asked: argparse.Namespace) -> dict[Mutant, Verdict]:
    """What became of the mutants that there was time for; Ctrl-C ends the time."""
    verdicts: dict[Mutant, Verdict] = {}
    until = time.monotonic() + 60 * asked.minutes
    try:
        with closing(judged(judge, chosen, asked.processes)) as each:
            for mutant, verdict in each:
                verdicts[mutant] = verdict
                if not verdict.is_noticed:
                    print(unnoticed(mutant, verdict, judge.workshop.original(mutant)), flush=True)
                noticed = sum(known.is_noticed for known in verdicts.values())
                say(f"{len(verdicts)} of {len(chosen)}, {noticed} noticed")
                if time.monotonic() > until:
                    break
    except KeyboardInterrupt:
        say("interrupted; this is what was found so far")
    return verdicts


def say(line: str) -> None:
    """Tell how far it is, on standard error."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
