"""The numbers of a strategy by their places, each with how far it may be moved before the strategy contradicts itself.

Two numbers are left out: the quarters for which a refusal keeps a pair apart, since a problem lists the pairs that
are kept apart, and every slope where the objective is not equal treatment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from matching.attributes.strategy import (
    CLOSENESS,
    MOST_WEIGHT,
    Points,
    Quarters,
    Settled,
    Share,
    Slopes,
    Strategy,
    Weight,
)
from matching.canonical import plain_decimal
from matching.documents import Document

Path = tuple[str | int, ...]

#: Points further than twice their value that a number is moved, so that one of few points is moved far enough too.
BEYOND = Decimal(100)
#: What a number of each kind is moved by; `Points` are rounded to whole ones with each term.
STEPS: Mapping[type[Settled], Decimal] = {
    Points: Decimal(1),
    Slopes: Decimal(1),
    Quarters: Decimal(1),
    Weight: Decimal("0.01"),
    Share: Decimal("0.01"),
}


@dataclass(frozen=True)
class Number:
    """One number of a strategy.

    ``least`` and ``most`` are the furthest values that it is moved to with every other number kept. ``held`` says that
    only a decision of the Committee may move it; both are then the value itself.
    """

    path: Path
    kind: type[Settled]
    value: Decimal
    least: Decimal
    most: Decimal
    held: bool

    @property
    def name(self) -> str:
        """Its place with dots: ``affinity.coverage.named_state.value``."""
        return ".".join(map(str, self.path))

    @property
    def step(self) -> Decimal:
        """The finest move that is looked at."""
        return STEPS[self.kind]


def numbers(strategy: Strategy) -> list[Number]:
    """Every number of a strategy that can make a difference to a given problem, in the order of its document."""
    order = _closeness_limits(strategy)
    found: list[Number] = []
    for path, settled in _settled(strategy, ()):
        if path[:2] == ("rules", "declined_quarters") or (
            path[0] == "fairness" and strategy.objective != "equal_treatment"
        ):
            continue
        if isinstance(settled, Slopes):
            found += _slopes(path, settled)
        elif type(settled) in STEPS:
            value = Decimal(getattr(settled, "value"))  # noqa: B009 - the kinds of STEPS share no parent that has it
            least, most = order.get(path) or _limits(settled, value)
            if held := _needs_decision(path, settled):
                least = most = value
            found.append(Number((*path, "value"), type(settled), value, least, most, held))
    return found


def moved(document: Mapping[str, Any], number: Number, value: Decimal) -> dict[str, Any]:
    """A strategy's document with one number replaced; it is not validated."""
    return replaced(document, {number.path: value if number.kind in (Points, Weight, Share) else int(value)})


def replaced(document: Mapping[str, Any], values: Mapping[Path, Any]) -> dict[str, Any]:
    """A copy of a document with other values at some places. Raises KeyError or IndexError for a place it has not."""
    copy = dict(document)
    for path, value in values.items():
        copy = _replaced(copy, path, plain_decimal(value) if isinstance(value, Decimal) else value)
    return copy


def _replaced(part: Any, path: Path, value: Any) -> Any:
    """Copies along the path alone: parts that a file names once and uses twice are not changed both."""
    if not path:
        return value
    inner = _replaced(part[path[0]], path[1:], value)
    copy: Any = dict(part) if isinstance(part, Mapping) else list(part)
    copy[path[0]] = inner
    return copy


def _settled(part: Any, path: Path) -> Iterator[tuple[Path, Settled]]:
    """Each part of a strategy that carries a reason, with its place."""
    if isinstance(part, Settled):
        yield path, part
    elif isinstance(part, Document):
        for name, field in type(part).model_fields.items():
            yield from _settled(getattr(part, name), (*path, field.alias or name))
    elif isinstance(part, dict):
        for name, inner in part.items():
            yield from _settled(inner, (*path, name))
    elif isinstance(part, tuple):
        for position, inner in enumerate(part):
            yield from _settled(inner, (*path, position))


def _limits(settled: Settled, value: Decimal) -> tuple[Decimal, Decimal]:
    if isinstance(settled, Share):
        return Decimal(0), Decimal(1)
    if isinstance(settled, Weight):
        return Decimal(0), min(2 * value + 1, Decimal(MOST_WEIGHT))
    if isinstance(settled, Quarters):
        return Decimal(0), min(2 * value + 4, Decimal(400))
    return (Decimal(0), 2 * value + BEYOND) if value >= 0 else (2 * value - BEYOND, Decimal(0))


def _closeness_limits(strategy: Strategy) -> dict[Path, tuple[Decimal, Decimal]]:
    """Kinds of coverage may not overtake each other: each is moved between its neighbours."""
    coverage = strategy.affinity.coverage
    value = {kind: getattr(coverage, kind).value for kind in CLOSENESS}
    least = {closer: value[wider] for wider, closer in pairwise(CLOSENESS)}
    most = {wider: value[closer] for wider, closer in pairwise(CLOSENESS)}
    return {
        ("affinity", "coverage", kind): (
            least.get(kind, min(Decimal(0), value[kind])),
            most.get(kind, 2 * abs(value[kind]) + BEYOND),
        )
        for kind in CLOSENESS
    }


def _slopes(path: Path, slopes: Slopes) -> Iterator[Number]:
    """Each slope, between the one before and the one after."""
    for position, value in enumerate(slopes.value):
        after = slopes.value[position + 1] if position + 1 < len(slopes.value) else 0
        before = slopes.value[position - 1] if position else 2 * value + int(BEYOND)
        yield Number((*path, "value", position), Slopes, Decimal(value), Decimal(after), Decimal(before), False)


def _needs_decision(path: Path, settled: Settled) -> bool:
    favours = path[0] == "urgency" and path[1] in ("ldc", "lldc", "sids", "action_plan")
    return settled.decision is None and (favours or path[:3] == ("affinity", "coverage", "region_weights"))
