"""What a scenario's result comes to, as it is stored: exact figures, and the pairings without what explains them."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from matching.studies.changes import Change, Pair, named, proposed
from matching.studies.equality import equality


def outcome(problem: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """The stored outcome of a solve of a problem document."""
    groups = {state["id"]: state["regional_group"] for state in problem["states"]}
    equal = equality(result["served"], groups)
    return {
        "figures": {
            "status": result["status"],
            "units_served": result["units"],
            "units_asked": result["units"] + sum(left["units"] for left in result["unmatched"]),
            "points": result["total"],
            "objective": result["objective"],
            "equality": {
                "gini": written(equal.gini),
                "least_share": written(equal.least_share),
                "worst_off": equal.worst_off,
                "states": equal.states,
                "groups": equal.groups,
            },
            "input_hash": result["input_hash"],
            "result_hash": result["result_hash"],
        },
        "pairings": [[*pair, units] for pair, units in proposed(result).items()],
    }


def pairings(outcome: Mapping[str, Any]) -> dict[Pair, int]:
    """The pairings of a stored outcome."""
    return {(need, member, offer): units for need, member, offer, units in outcome["pairings"]}


def moved(change: Change) -> dict[str, Any]:
    """A change as it is stored and read."""
    return {**named(change.pair), "units_before": change.before, "units_after": change.after}


def written(number: Fraction | None) -> str | None:
    """An exact fraction as text, such as 3/7; whole numbers without a denominator."""
    return None if number is None else str(number)
