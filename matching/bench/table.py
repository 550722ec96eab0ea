"""Measurements as a table in Markdown."""

from collections.abc import Iterable, Sequence

from matching.bench.runs import Measured

COLUMNS = (
    "case", "objective", "needs", "offers", "rows", "pairs", "CPU s", "wall s", "of it rules / points / optimum",
    "peak MB", "OR-Tools s", "times faster", "fastest raw s", "engine / raw", "total",
)  # fmt: skip

LEMON = ("LEMON, candidate list", "LEMON, block search")


def row(measured: Measured) -> list[str]:
    """The cells of one case, as COLUMNS names them. Seconds of rivals and ratios are of processor time."""
    engine, seconds = measured.engine, measured.seconds()
    other, raw = measured.rival_seconds("OR-Tools"), measured.rival_seconds(*LEMON, "OR-Tools")
    stages = [measured.seconds("rules", "equal rows"), measured.seconds("points"), measured.seconds("optimum")]
    return [
        measured.case.name,
        measured.case.objective,
        *(_count(engine[name]) for name in ("needs", "offers", "rows", "pairs")),
        f"{seconds:.2f}",
        f"{measured.wall():.2f}",
        " / ".join(f"{stage:.2f}" for stage in stages),
        _count(round(engine["peak_mb"])),
        "–" if other is None else f"{other:.2f}",
        "–" if other is None else f"{other / seconds:.1f}",
        "–" if raw is None else f"{raw:.2f}",
        "–" if raw is None else f"{seconds / raw:.2f}",
        _agreement(measured),
    ]


def _agreement(measured: Measured) -> str:
    if not measured.agrees:
        return "DIFFERS"
    if measured.case.objective == "points" and measured.rivals:
        return "equal, proved" if measured.engine["proved"] else "equal"
    return "proved" if measured.engine["proved"] else "–"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what is right of the first two columns is set right."""
    rule = ["---" if number < 2 else "---:" for number in range(len(columns))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (columns, rule, *rows))


def _count(number: int) -> str:
    return f"{number:,}".replace(",", " ")
