"""Kinds: things alike in every respect that matters are one kind, and what follows is worked out once for each."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Bools, Ints

Bits = NDArray[np.uint8]

MOST = 2**62
"""Products of numbers of kinds stay below, so that a combination is one whole number."""


def joined(kinds: Sequence[Ints], length: int) -> tuple[Ints, Ints]:
    """Join kinds into one: two things are alike if they are alike in each.

    ``kinds`` are arrays of ``length`` whole numbers, not negative. Returns the joint kind of each thing, numbered in
    the order in which they first occur, and the first thing of each kind.
    """
    key, n_keys = np.zeros(length, dtype=np.int64), 1
    for kind in kinds:
        n_kinds = int(kind.max(initial=0)) + 1
        if n_keys * n_kinds > MOST:
            different, key = np.unique(key, return_inverse=True)
            n_keys = len(different)
        key = key * n_kinds + kind
        n_keys *= n_kinds
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[inverse.reshape(-1)], first[order].astype(np.int64)


def alike(table: NDArray[np.generic]) -> Ints:
    """Number the lines of a table, equal ones alike."""
    if not table.size:
        return np.zeros(len(table), dtype=np.int64)
    lines = np.ascontiguousarray(table).view(np.dtype((np.void, table.itemsize * table.shape[1]))).reshape(-1)
    return np.unique(lines, return_inverse=True)[1].astype(np.int64)


def packed(flags: Bools) -> Bits:
    """Flags along the last axis as bits, eight to a byte."""
    return np.packbits(flags, axis=-1)


_PLACES = [np.flatnonzero(np.unpackbits(np.array([byte], dtype=np.uint8))) for byte in range(256)]
_PLACE = np.concatenate(_PLACES).astype(np.int64)
_START = np.cumsum([0, *map(len, _PLACES)])


def positions(bits: Bits) -> Ints:
    """Place of each bit that is set, line by line."""
    at = np.flatnonzero(bits)
    found = bits.reshape(-1)[at]
    n_set = np.bitwise_count(found).astype(np.int64)
    first = np.cumsum(n_set) - n_set
    before = np.repeat(at % max(1, bits.shape[1]) * 8, n_set)
    return before + _PLACE[np.repeat(_START[found] - first, n_set) + np.arange(len(before))]
