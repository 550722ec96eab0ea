"""Draws that come out the same on every Python: made from ``Random.random()``, the one method promised to be stable."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Items with whole weights; an item of weight 0 is never drawn."""

    __slots__ = ("_bounds", "items", "total")

    def __init__(self, weighed: Iterable[tuple[T, int]]) -> None:
        kept = [(item, weight) for item, weight in weighed if weight > 0]
        self.items = [item for item, _ in kept]
        self._bounds = list(accumulate(weight for _, weight in kept))
        self.total = self._bounds[-1] if kept else 0

    def at(self, point: int) -> T:
        """The item that holds ``point``, from 0 to ``total`` - 1."""
        return self.items[bisect_right(self._bounds, point)]


class Draw:
    """One stream of draws. Streams of different names are independent, so that one can grow without moving another."""

    __slots__ = ("_random",)

    def __init__(self, seed: int, stream: str) -> None:
        digest = hashlib.sha256(f"{seed}/{stream}".encode()).digest()
        self._random = Random(int.from_bytes(digest, "big")).random  # noqa: S311 - synthetic records, no secrets

    def share(self) -> float:
        """A number from 0 to 1, without 1."""
        return self._random()

    def chance(self, share: float) -> bool:
        """True in ``share`` of the cases."""
        return self._random() < share

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int(self._random() * (high - low + 1))

    def one(self, items: Sequence[T]) -> T:
        """One of ``items``, each as likely."""
        return items[int(self._random() * len(items))]

    def weighted(self, items: Weighted[T]) -> T:
        """One of ``items`` by weight."""
        return items.at(int(self._random() * items.total))

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """``count`` different ``items`` (all, if there are fewer), in the order in which they stand."""
        size = len(items)
        if count >= size:
            return list(items)
        left = count
        chosen = []
        for place, item in enumerate(items):
            if self._random() * (size - place) < left:
                chosen.append(item)
                left -= 1
                if not left:
                    break
        return chosen

    def several(self, items: Weighted[T], count: int) -> list[T]:
        """At most ``count`` different items by weight, in the order drawn; a repeat is not drawn again."""
        return list(dict.fromkeys(self.weighted(items) for _ in range(count)))
