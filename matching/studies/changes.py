"""Proposals compared: which pairings come, go, or have other units."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Pair = tuple[str, str, str]
"""Need, member (empty unless the need is met member by member), offer."""

Pairings = Mapping[Pair, int]
"""Units of each pair that is proposed."""


@dataclass(frozen=True)
class Change:
    """A pair with other units before and after; 0 where it is not proposed."""

    pair: Pair
    before: int
    after: int


def named(pair: Pair) -> dict[str, str | None]:
    """A pair as documents name it; the opposite of what `proposed` does."""
    need, member, offer = pair
    return {"need": need, "member": member or None, "offer": offer}


def proposed(result: Mapping[str, Any]) -> dict[Pair, int]:
    """The pairings of a result document."""
    return {(each["need"], each["member"] or "", each["offer"]): each["units"] for each in result["pairings"]}


def changed(before: Pairings, after: Pairings) -> tuple[Change, ...]:
    """The pairs of which units come or go, in order."""
    return tuple(
        Change(pair, before.get(pair, 0), after.get(pair, 0))
        for pair in sorted(before.keys() | after.keys())
        if before.get(pair, 0) != after.get(pair, 0)
    )
