"""What is printed: each mutant that no test noticed, and the score of each package and of all."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.mutation.judging import Verdict
from tests.mutation.mutants import Mutant


def unnoticed(mutant: Mutant, verdict: Verdict, original: bytes) -> str:
    """A mutant that lives, so that it can be found, understood and killed."""
    return (
        f"{mutant.path}:{mutant.mutation.lines[0]}: {mutant.mutation.what}: {verdict.value}\n{mutant.diff(original)}\n"
    )


def table(population: Iterable[Mutant], verdicts: Mapping[Mutant, Verdict]) -> str:
    """Mutants, those tried, and what became of them: by package, and of all."""
    number = Counter(mutant.package for mutant in population)
    tried = {package: Counter[Verdict]() for package in number}
    for mutant, verdict in verdicts.items():
        tried[mutant.package][verdict] += 1
    rows = [(_dotted(package), number[package], tried[package]) for package in sorted(number)]
    rows.append(("all", sum(number.values()), sum(tried.values(), Counter())))
    heads = ["package", "mutants", "tried", *(verdict.value for verdict in Verdict), "score"]
    lines = [
        [name, str(total), str(of.total()), *(str(of[v]) for v in Verdict), _percent(of)] for name, total, of in rows
    ]
    widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        )
        for line in [heads, *lines]
    )


def score(verdicts: Iterable[Verdict]) -> float:
    """The share of mutants that a test noticed; 1 where there is none."""
    noticed = [verdict.is_noticed for verdict in verdicts]
    return sum(noticed) / len(noticed) if noticed else 1.0


def interval(verdicts: Iterable[Verdict], population: int) -> tuple[float, float]:
    """Where the score of a whole ``population`` lies, with 95 %, given a sample of it: Wilson's interval. [1]_

    .. [1] E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, Journal of the American
       Statistical Association 22 (1927).
    """
    listed = list(verdicts)
    size, share = len(listed), score(listed)
    if size in (0, population):
        return (share, share)
    z = 1.96
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / (1 + z * z / size)
    return middle - half, middle + half


def _percent(verdicts: Counter[Verdict]) -> str:
    return f"{score(verdicts.elements()):.0%}" if verdicts else "-"


def _dotted(package: Path) -> str:
    return ".".join(package.parts)
