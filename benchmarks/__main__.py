"""The targets of the engine's speed, measured in one run: ``python -m benchmarks`` prints them as Markdown.

Problem files are made once and kept in a folder (``--data``); everything else is measured anew.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from math import log10
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import NamedTuple

from app.generator.plan import Plan
from benchmarks.problems import EVERYTHING, Told, write
from matching.bench.drawn import pairs_file
from matching.bench.runs import Case, Measured, installed, measure, process
from matching.bench.table import COLUMNS, LEMON, row, table
from matching.model import Objective

SEED = 7
TOLD = {
    "few": Told((), places=False),
    "languages": Told(("languages",)),
    "modalities": Told(("modalities",)),
    "all": EVERYTHING,
}
"""Facts told, by name: region and domain; State, language and domain; State, modalities and domain; everything."""

TARGETS = ("target", "at", "measured", "met")


class Synthetic(NamedTuple):
    """A problem of the synthetic records."""

    told: str
    needs: int
    offers: int
    groups: int = 0

    def file(self, folder: Path) -> Path:
        """The problem's file, made if it is not there."""
        path = folder / f"{self.told}-{self.needs}-{self.offers}-{self.groups}.json"
        if not path.exists():
            part = path.with_suffix(".part")
            write(part, Plan(self.needs, self.offers, self.groups, 4, SEED, "2015-Q1"), TOLD[self.told])
            part.rename(path)
        return path


class Bench:
    """Measures cases, prints their lines, and keeps what was measured by name."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder, self._scratch = folder, scratch
        self.found: dict[str, Measured] = {}

    def synthetic(
        self,
        name: str,
        problem: Synthetic,
        objective: Objective = "points",
        rivals: Sequence[str] = (),
        edits: int = 0,
        again: bool = False,
    ) -> Measured:
        """Measure a problem of synthetic records."""
        return self._keep(Case(name, problem.file(self.folder), objective, rivals, edits, again))

    def drawn(self, name: str, n_pairs: int, rivals: Sequence[str]) -> Measured:
        """Measure drawn pairs, all rows different."""
        path = self.folder / f"pairs-{n_pairs}.json.gz"
        if not path.exists():
            pairs_file(path, n_pairs, SEED)
        return self._keep(Case(name, path, "points", rivals))

    def whole(self, name: str, problem: Synthetic, limit_s: float) -> Measured:
        """Measure a problem with conditions, and HiGHS on the whole of it."""
        return self._keep(Case(name, problem.file(self.folder), "points", (), whole_s=limit_s))

    def _keep(self, case: Case) -> Measured:
        measured = self.found[case.name] = measure(case, self._scratch)
        print("| " + " | ".join(row(measured)) + " |", flush=True)
        return measured


def main() -> None:
    """Measure, print, and exit with 1 where totals differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "assist1540-benchmarks")
    parser.add_argument("--scale", type=float, default=1.0, help="needs, offers and pairs times this (default: 1)")
    parser.add_argument(
        "--highs-limit", type=float, default=120.0, metavar="S", help="seconds for HiGHS (default: 120)"
    )
    parser.add_argument(
        "--previews", type=int, metavar="N", help="do nothing but compare N previews with new solves, which takes long"
    )
    given = parser.parse_args()
    given.data.mkdir(parents=True, exist_ok=True)
    print(f"    {sys.executable.rsplit('/', 1)[1]} -m benchmarks {' '.join(sys.argv[1:])}".rstrip() + "\n")
    print(table(COLUMNS, ()), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(given.data, Path(scratch))
        if given.previews is None:
            targets = list(_targets(bench, given.scale, given.highs_limit))
        else:
            targets = list(_compared(bench, given.scale, given.previews))
    print("\nSeconds of rivals, and all ratios, are of processor time.\n")
    print(table(TARGETS, targets))
    sys.exit(not all(measured.agrees for measured in bench.found.values()))


def _compared(bench: Bench, scale: float, number: int) -> Iterator[Sequence[str]]:
    """Previews of drawn needs and offers, of all kinds and for two objectives, beside new solves of the whole."""
    problem = Synthetic("few", max(100, int(100_000 * scale)), max(50, int(20_000 * scale)))
    objectives: tuple[Objective, ...] = ("points", "equal_treatment")
    for objective in objectives:
        case = bench.synthetic(f"previews, {objective}", problem, objective, edits=number // 2, again=True)
        preview = case.engine["preview"]
        equal = preview.get("equal", 0)
        yield _line(
            f"as a new solve says, of {preview.get('warm', 0)}", case, equal, preview.get("warm", 0), least=True
        )
        yield _line("(beside: told by a new solve only)", case, preview.get("not warm", 0), 1e9)
        yield from _preview_times(case)


def _preview_times(measured: Measured) -> Iterator[Sequence[str]]:
    """How previews compare with the solve that they refer to: all together, and of each kind."""
    preview, solve = measured.engine["preview"], measured.wall()
    yield _line("preview 200 times faster than its solve", measured, solve / preview["median_s"], 200, least=True)
    yield _line("(beside: seconds until the first preview)", measured, preview["cold_s"], 1e9)
    for kind, (middle, worst) in preview["kinds"].items():
        yield _line(f"(beside: {kind}, milliseconds, median)", measured, 1000 * middle, 1e9)
        yield _line(f"(beside: {kind}, milliseconds, worst)", measured, 1000 * worst, 1e9)


def _targets(bench: Bench, scale: float, highs_limit: float) -> Iterator[Sequence[str]]:
    rivals = list(installed())

    def sized(told: str, needs: int, offers: int = 20_000, groups: int = 0) -> Synthetic:
        return Synthetic(told, max(100, int(needs * scale)), max(50, int(offers * scale)), int(groups * scale))

    few = bench.synthetic("few rows", sized("few", 100_000), rivals=rivals, edits=500)
    yield _times("40 times faster than OR-Tools", few, 40)
    yield _times(
        "8 times faster than OR-Tools", bench.synthetic("some rows", sized("languages", 100_000), rivals=rivals), 8
    )
    for name, told in (("many rows", "modalities"), ("all facts", "all")):
        many = bench.synthetic(name, sized(told, 100_000), rivals=rivals)
        yield _at_most("1.3 times the fastest raw solver", many, many.rival_seconds(*rivals), 1.3)
    stock = few.rival_seconds("OR-Tools")
    fair = bench.synthetic("few rows, fair", sized("few", 100_000), "equal_treatment")
    yield _line(
        "25 times faster than OR-Tools without fairness", fair, stock and stock / fair.seconds(), 25, least=True
    )
    grown = [bench.synthetic(f"growth, {n}", sized("few", n, n // 5), "equal_treatment") for n in (1_000, 10_000)]
    million = bench.synthetic("a million, fair", sized("few", 1_000_000), "equal_treatment")
    yield _at_most("0.15 of OR-Tools' time at a tenth of the needs", million, stock, 0.15)
    yield _line("2 000 MB at most", million, million.engine["peak_mb"], 2_000)
    for less, more in zip([*grown, fair], [*grown[1:], fair, million], strict=True):
        n_times = log10(more.engine["needs"] / less.engine["needs"])
        yield _line(
            "growth exponent of 1.1 at most",
            more,
            log10(more.seconds() / less.seconds()) / n_times if n_times else None,
            1.1,
        )
    for n_pairs in (1_000_000, 5_000_000):
        drawn = bench.drawn(f"drawn pairs, {n_pairs}", max(5_000, int(n_pairs * scale)), rivals)
        yield _at_most("1.3 times OR-Tools", drawn, drawn.rival_seconds("OR-Tools"), 1.3)
        yield _at_most("(beside: the fastest LEMON)", drawn, drawn.rival_seconds(*LEMON), 1.3)
    groups = bench.whole("200 groups", sized("few", 10_000, 2_000, 200), highs_limit)
    whole = groups.engine["whole"]
    yield _line(
        "8 times faster than HiGHS on the whole" + ("" if whole["finished"] else ", which did not finish"),
        groups, whole["cpu_s"] / groups.seconds(), 8, least=True,
    )  # fmt: skip
    yield from _preview_times(few)
    yield _explanations(bench, Synthetic("all", 150, 100, 8))


def _explanations(bench: Bench, problem: Synthetic) -> Sequence[str]:
    path = problem.file(bench.folder)
    explained = process({"measure": "explaining", "path": str(path)})
    before = getrusage(RUSAGE_CHILDREN).ru_utime
    subprocess.run([sys.executable, "-c", "import numpy"], check=True)
    importing = getrusage(RUSAGE_CHILDREN).ru_utime - before
    taken = dict((name, cpu) for name, cpu, _ in explained["stages"])["explain"]
    met = "yes" if taken < importing else "NO"
    return "explained before numpy is imported", "150 × 100", f"{taken:.3f} s against {importing:.3f} s", met


def _times(target: str, measured: Measured, least: float) -> Sequence[str]:
    stock = measured.rival_seconds("OR-Tools")
    return _line(target, measured, stock and stock / measured.seconds(), least, least=True)


def _at_most(target: str, measured: Measured, against: float | None, most: float) -> Sequence[str]:
    return _line(target, measured, against and measured.seconds() / against, most)


def _line(target: str, measured: Measured, figure: float | None, limit: float, *, least: bool = False) -> Sequence[str]:
    engine = measured.engine
    at = f"{engine['needs']} × {engine['offers']}, {engine['rows']} rows, {measured.case.objective}"
    if figure is None:
        return target, at, "–", "not measured"
    met = figure >= limit if least else figure <= limit
    return target, at, f"{figure:.3g}", "yes" if met else "NO"


if __name__ == "__main__":
    main()
