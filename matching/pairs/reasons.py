"""Why a problem of given pairs is infeasible: an obstacle with ids in the place of positions, and as a sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from matching.infeasible import obstruction
from matching.infeasible.obstruction import Obstruction
from matching.pairs.document import PairsProblem

CONDITIONS_CONFLICT = "CONDITIONS_CONFLICT"
SUBSTITUTES_BOTH_HELD = "SUBSTITUTES_BOTH_HELD"

TOLD = 12
"""Limits that a sentence names one by one."""


def reason(problem: PairsProblem, obstacle: Mapping[str, Any] | None) -> dict[str, Any]:
    """Code, params and sentence of an obstacle; where none was found in the quotas, it is the conditions together."""
    if obstacle is None:
        obstacle = _all_conditions(problem)
    if obstacle["code"] in set(Obstruction):
        said: dict[str, Any] = dict(obstruction.named(obstacle, _ids(problem)))
    else:
        said = {"code": str(obstacle["code"]), "params": _conditions(problem, obstacle["params"])}
    return {**said, "sentence": _sentence(said["code"], said["params"])}


def _ids(problem: PairsProblem) -> dict[str, Sequence[str]]:
    """What the positions of a model stand for."""
    return {
        "needs": [need.id for need in problem.needs],
        "offers": [offer.id for offer in problem.offers],
        "states": [state.id for state in problem.states],
        "groups": problem.group_ids,
        "providers": [provider.id for provider in problem.providers],
    }


def _all_conditions(problem: PairsProblem) -> dict[str, Any]:
    held = {need.id for need in problem.needs if need.least} | {pin.need for pin in problem.pinned}
    params = {
        "needs": sorted(problem.need_of[need] for need in held),
        "bundles": list(range(len(problem.groups))),
        "substitutes": list(range(len(problem.substitutes))),
    }
    return {"code": CONDITIONS_CONFLICT, "params": params}


def _conditions(problem: PairsProblem, params: Mapping[str, Any]) -> dict[str, Any]:
    named = dict(params)
    for kind, ids in _ids(problem).items():
        if kind in params:
            named[kind] = [ids[position] for position in params[kind]]
    if "bundles" in params:
        named["bundles"] = [problem.groups[position].id for position in params["bundles"]]
    if "substitutes" in params:
        named["substitutes"] = [list(problem.substitutes[position]) for position in params["substitutes"]]
    return named


def _sentence(code: str, params: Mapping[str, Any]) -> str:
    if code in set(Obstruction):
        goes = ("reach", "come") if code == Obstruction.NEEDS_OVER_SUPPLY else ("leave", "be taken")
        missing = "1 unit is missing" if params["short"] == 1 else f"{params['short']} units are missing"
        limits = _bounds(params["limited_by"], "at most") or "nothing is connected to them"
        return (
            f"At least {params['required']} units must {goes[0]} ({_bounds(params['required_by'], 'at least')}), and "
            f"only {params['possible']} can {goes[1]} ({limits}): {missing}."
        )
    needs = _listed([repr(need) for need in params.get("needs", [])]) or "the quotas"
    if code == SUBSTITUTES_BOTH_HELD:
        return f"Needs {needs} stand in for each other, and both must be served."
    groups = _listed([f"group {name!r}" for name in params.get("bundles", [])])
    pairs = _listed([f"either {national!r} or {joint!r}" for national, joint in params.get("substitutes", [])])
    conditions = " with ".join(part for part in (groups, pairs) if part)
    return f"What must be served of {needs} cannot be served together with all conditions kept: {conditions}."


def _bounds(terms: Sequence[Mapping[str, Any]], word: str) -> str:
    """Limits in words: each thing by its kind and id, with its units."""
    return _listed([f"{_thing(term)} {word} {term['units']}" for term in terms])


def _thing(term: Mapping[str, Any]) -> str:
    kinds = {"group": "regional group", "state": "State"}
    return " with ".join(f"{kinds.get(kind, kind)} {name!r}" for kind, name in term.items() if kind != "units")


def _listed(parts: Sequence[str]) -> str:
    told = list(parts[:TOLD])
    if len(parts) > TOLD:
        told.append(f"{len(parts) - TOLD} more")
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}" if told else ""
