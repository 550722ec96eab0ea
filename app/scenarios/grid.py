"""Grids: every combination of values at some places of a strategy's document."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import matching
from app.problems import Fault, StrategyRefused, pointer, suggest
from app.strategies.service import refusal
from matching.studies.weights import Path, numbers, replaced

Value = str | int | bool


def combinations(
    document: Mapping[str, Any], grid: Mapping[str, Sequence[Value]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each combination as a suffix of the strategy's name and a document, which is not validated yet.

    ``document`` is canonical. Raises StrategyRefused for a place or a value that no strategy can have.
    """
    places = [place(document, name) for name in grid]
    choices = [
        [typed(document, path, name, value) for value in values]
        for path, (name, values) in zip(places, grid.items(), strict=True)
    ]
    for chosen in product(*choices):
        said = ", ".join(f"{name}={_written(value)}" for name, value in zip(grid, chosen, strict=True))
        yield said, replaced(document, dict(zip(places, chosen, strict=True)))


def place(document: Mapping[str, Any], name: str) -> Path:
    """The path that a name with dots means; codes in it may have dots of their own. Raises StrategyRefused."""
    found = _inside(document, name.split("."))
    if found is None:
        valid = [number.name for number in numbers(matching.Strategy.from_document(document))]
        detail = f"a strategy has no {name}; {suggest(name, valid)}"
        raise refusal([Fault(pointer("grid", name), "unknown_place", detail)])
    return found


def typed(document: Mapping[str, Any], path: Path, name: str, value: Value) -> Any:
    """``value`` as the kind of what stands at ``path``. Raises StrategyRefused."""
    inside: Any = document
    for step in path:
        inside = inside[step]
    match inside:
        case bool():
            if value in (True, False, "true", "false"):
                return value in (True, "true")
            raise _wrong(name, f"{value} is neither true nor false")
        case int():
            try:
                return int(value)
            except ValueError:
                raise _wrong(name, f"{value} is no whole number") from None
        case str():
            return str(value)
    raise _wrong(name, "holds several values; name one of them")


def _inside(part: Any, steps: list[str]) -> Path | None:
    if not steps:
        return ()
    if isinstance(part, list):
        if not steps[0].isdecimal() or int(steps[0]) >= len(part):
            return None
        further = _inside(part[int(steps[0])], steps[1:])
        return None if further is None else (int(steps[0]), *further)
    if isinstance(part, dict):
        for length in range(len(steps), 0, -1):
            key = ".".join(steps[:length])
            if key in part and (further := _inside(part[key], steps[length:])) is not None:
                return (key, *further)
    return None


def _wrong(name: str, detail: str) -> StrategyRefused:
    return refusal([Fault(pointer("grid", name), "invalid_value", f"{name}: {detail}")])


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
