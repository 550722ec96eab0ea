"""The pairs of a problem as columns, however they were given: checked and converted all at once, millions of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

import numpy as np

from matching.arrays import Ints
from matching.documents import MOST_POINTS, MOST_UNITS, nearest, pointer
from matching.errors import Fault
from matching.model import UNLIMITED

MOST_FAULTS = 1000
"""Faults of one kind that are told; a file with more of them is wrong as a whole."""

COLUMNS = ("need", "offer", "points", "units")
REQUIRED = COLUMNS[:3]


@dataclass(frozen=True)
class Pairs:
    """Pairs that may be: positions of needs and offers, points of a unit, most units (UNLIMITED where none is set)."""

    need: Ints
    offer: Ints
    points: Ints
    most: Ints


def read(given: Any, needs: Sequence[str], offers: Sequence[str]) -> tuple[Pairs | None, list[Fault]]:
    """Pairs in the order given, with positions in ``needs`` and ``offers``; None, and why, where they cannot be used.

    ``given`` is a list of objects that name needs and offers by id, or an object of columns that name them by position.
    """
    if isinstance(given, dict):
        parts, faults = _columns(given, len(needs), len(offers))
        place: Place = lambda row, column: pointer(("pairs", column, row))  # noqa: E731
    elif isinstance(given, list):
        parts, faults = _objects(given, needs, offers)
        place = lambda row, column: pointer(("pairs", row, column))  # noqa: E731
    else:
        detail = "is neither a list of pairs nor an object of the columns need, offer, points and units"
        return None, [Fault("/pairs", "pairs_type", detail)]
    if parts is None or faults:
        return None, faults
    pairs = Pairs(*parts)
    faults = list(_repeated(pairs, needs, offers, place))
    return (None, faults) if faults else (pairs, [])


Place = Callable[[int, str], str]
"""JSON pointer of a row's value in a column."""

_Parts = tuple[Ints, Ints, Ints, Ints] | None


def _columns(given: Mapping[str, Any], n_needs: int, n_offers: int) -> tuple[_Parts, list[Fault]]:
    faults = list(_keys(given, ("pairs",)))
    for name in set(COLUMNS) & given.keys():
        if not isinstance(given[name], list):
            faults.append(Fault(pointer(("pairs", name)), "list_type", "is not a list"))
    if faults:
        return None, faults
    lengths = {name: len(given[name]) for name in COLUMNS if name in given}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        detail = f"columns have different lengths ({said}); give each pair a value in every column"
        return None, [Fault("/pairs", "unequal_columns", detail)]
    place: Place = lambda row, column: pointer(("pairs", column, row))  # noqa: E731
    need = _positions(given["need"], "need", n_needs, place, faults)
    offer = _positions(given["offer"], "offer", n_offers, place, faults)
    points, most = _values(given["points"], given.get("units"), place, faults)
    return (need, offer, points, most), faults


def _objects(given: list[Any], needs: Sequence[str], offers: Sequence[str]) -> tuple[_Parts, list[Fault]]:
    faults = list(islice(_misshapen(given), MOST_FAULTS))
    if faults:
        return None, faults
    place: Place = lambda row, column: pointer(("pairs", row, column))  # noqa: E731
    need = _named([pair["need"] for pair in given], "need", needs, place, faults)
    offer = _named([pair["offer"] for pair in given], "offer", offers, place, faults)
    points, most = _values([p["points"] for p in given], [p.get("units") for p in given], place, faults)
    return (need, offer, points, most), faults


def _misshapen(given: list[Any]) -> Iterator[Fault]:
    """Pairs that are no objects, lack a key or have one too many; looked for one by one only if there are any."""
    if set(map(type, given)) <= {dict}:
        shapes = {frozenset(keys) for keys in set(map(tuple, given))}  # tuples are made faster, and few of them differ
        if shapes <= {frozenset(REQUIRED), frozenset(COLUMNS)}:
            return
    for row, pair in enumerate(given):
        if isinstance(pair, dict):
            yield from _keys(pair, ("pairs", row))
        else:
            yield Fault(pointer(("pairs", row)), "model_type", "is not an object with need, offer and points")


def _keys(given: Mapping[str, Any], at: tuple[int | str, ...]) -> Iterator[Fault]:
    for name in given:
        if name not in COLUMNS:
            detail = f"{name!r} is not known here; {nearest(name, COLUMNS)}"
            yield Fault(pointer((*at, name)), "extra_forbidden", detail)
    for name in REQUIRED:
        if name not in given:
            yield Fault(pointer((*at, name)), "missing", "is required")


def _positions(values: list[Any], column: str, number: int, place: Place, faults: list[Fault]) -> Ints:
    last = f"is no position in the list of {column}s, which has {number}; positions count from 0"
    return _whole(values, (0, number - 1), column, place, faults, outside=last)


def _named(values: list[Any], column: str, ids: Sequence[str], place: Place, faults: list[Fault]) -> Ints:
    """Positions of ids."""
    position = {name: number for number, name in enumerate(ids)}
    if set(map(type, values)) <= {str}:
        found = list(map(position.get, values))
        if None not in found:
            return np.array(found, dtype=np.int64)
    faults.extend(islice(_unknown(values, column, position, place), MOST_FAULTS))
    return np.zeros(len(values), dtype=np.int64)


def _unknown(values: list[Any], column: str, known: Mapping[str, int], place: Place) -> Iterator[Fault]:
    for row, value in enumerate(values):
        if not isinstance(value, str):
            yield Fault(place(row, column), "string_type", f"is not text; give the id of the {column}")
        elif value not in known:
            detail = f"no {column} {value!r}; {nearest(value, known)}"
            yield Fault(place(row, column), f"unknown_{column}", detail)


def _values(points: list[Any], units: list[Any] | None, place: Place, faults: list[Fault]) -> tuple[Ints, Ints]:
    """Points, and the most units of each pair."""
    value = _whole(points, (-MOST_POINTS, MOST_POINTS), "points", place, faults)
    if units is None or set(map(type, units)) <= {type(None)}:
        return value, np.full(len(points), UNLIMITED, dtype=np.int64)
    unset = np.array([number is None for number in units], dtype=bool)
    most = _whole([0 if number is None else number for number in units], (0, MOST_UNITS), "units", place, faults)
    return value, np.where(unset, UNLIMITED, most)


def _whole(
    values: list[Any],
    bounds: tuple[int, int],
    column: str,
    place: Place,
    faults: list[Fault],
    *,
    outside: str | None = None,
) -> Ints:
    """Whole numbers within bounds; the fault of each value that is not one is added to ``faults``."""
    least, most = bounds
    if set(map(type, values)) <= {int}:
        try:
            array = np.array(values, dtype=np.int64)
        except OverflowError:
            pass
        else:
            if not len(array) or (array.min() >= least and array.max() <= most):
                return array
    faults.extend(islice(_not_whole(values, bounds, column, place, outside), MOST_FAULTS))
    return np.zeros(len(values), dtype=np.int64)


def _not_whole(
    values: Iterable[Any], bounds: tuple[int, int], column: str, place: Place, outside: str | None
) -> Iterator[Fault]:
    least, most = bounds
    for row, value in enumerate(values):
        if type(value) is not int:
            yield Fault(place(row, column), "int_type", f"is {_kind(value)}; {column} are whole numbers")
        elif not least <= value <= most:
            beyond = f"less than {least}" if value < least else f"more than {most}"
            code = "position" if outside else "greater_than_equal" if value < least else "less_than_equal"
            yield Fault(place(row, column), code, outside or f"is {beyond}")


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, float):
        if not isfinite(value):
            return "no finite number"
        return "a fraction" if value % 1 else "written with a point or an exponent"
    names = {str: "text", list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), "no number")


def rising(keys: Ints) -> bool:
    """Whether each key is above the one before: they are sorted already, and none is there twice."""
    return bool((keys[1:] > keys[:-1]).all())


def _repeated(pairs: Pairs, needs: Sequence[str], offers: Sequence[str], place: Place) -> Iterator[Fault]:
    keys = pairs.need * len(offers) + pairs.offer
    if rising(keys):
        return
    order = np.argsort(keys, kind="stable")
    again = order[1:][keys[order[1:]] == keys[order[:-1]]]
    for row in np.sort(again)[:MOST_FAULTS].tolist():
        detail = f"{needs[pairs.need[row]]!r} with {offers[pairs.offer[row]]!r} is there twice; give each pair once"
        yield Fault(place(row, "need"), "duplicate", detail)
