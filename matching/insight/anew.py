"""A preview by a new solve: two results of a problem, without and with the previewed record, compared."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

from matching.insight.preview import Part, Preview, gained

Result = Mapping[str, Any]
"""A result document that is optimal."""


def compared(kind: Literal["need", "offer"], reference: str, objective: str, before: Result, after: Result) -> Preview:
    """What a need or an offer changes: ``after`` is the result with it, ``before`` that without, or with another one
    of this id in its place."""
    units_before, units_after = _served(before), _served(after)
    others = sorted((units_before | units_after).keys(), key=str)
    changes = {
        part: (units_before[part], units_after[part])
        for part in others
        if units_before[part] != units_after[part] and not (kind == "need" and part[0] == reference)
    }
    pairings = tuple(
        (None, each["member"], each["offer"], each["units"])
        if kind == "need"
        else (each["need"], each["member"], None, each["units"])
        for each in after["pairings"]
        if each[kind] == reference
    )
    if objective == "leximin":
        gain = gained(objective, (*_shares(before), before["objective"][-1]), (*_shares(after), after["objective"][-1]))
    else:
        gain = gained(objective, before["objective"], after["objective"])
    return Preview(tuple(after["objective"]), gain, pairings, changes)


def _served(result: Result) -> Counter[Part]:
    units: Counter[Part] = Counter()
    for each in result["pairings"]:
        units[each["need"], each["member"]] += each["units"]
    return units


def _shares(result: Result) -> list[Fraction]:
    """The ascending shares of what States ask for."""
    return sorted(Fraction(served, asked) for served, asked in result["served"].values() if asked)
