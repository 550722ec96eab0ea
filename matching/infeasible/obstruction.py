"""Why a model is infeasible: an obstacle, from which anyone can add up that what is asked for cannot be.

    {"code": "NEEDS_OVER_SUPPLY", "params": {"required", "possible", "short", "needs", "offers", "states", "groups",
    "providers", "required_by", "limited_by", "smallest"}}

The five lists are a set that ``required`` units have to reach though only ``possible`` can be passed on; with the code
OFFERS_OVER_DEMAND, that they have to leave though only so many can reach it. What enters the sums are the bounds of the
arcs that cross the set's edge in the circle  ground -> regional group -> State -> need -> offer -> provider -> ground:
those of a group, State or need stand on the arc that leads to it (a need's most are its units), those of a pair on the
arc between need and offer, those of an offer or provider on the arc that leads away from it.

    NEEDS_OVER_SUPPLY     required: leasts of arcs into the set    possible: mosts of arcs out of it
    OFFERS_OVER_DEMAND    required: leasts of arcs out of the set  possible: mosts of arcs into it

``required_by`` and ``limited_by`` list these bounds, as {"need": .., "units": ..} or {"need": .., "offer": .., "units":
..}; leasts of none are left out.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from matching.arrays import Bools, Ints
from matching.infeasible.circle import KINDS, Circle
from matching.infeasible.shortfall import Shown, smallest
from matching.model import NOBODY, Model

ONE_OF = {"groups": "group", "states": "state", "needs": "need", "offers": "offer", "providers": "provider"}


class Obstruction(StrEnum):
    """What kind of obstacle stands in the way of a model."""

    NEEDS_OVER_SUPPLY = "NEEDS_OVER_SUPPLY"
    OFFERS_OVER_DEMAND = "OFFERS_OVER_DEMAND"


class _Found(NamedTuple):
    code: Obstruction
    circle: Circle
    inside: Bools
    shown: Shown

    @property
    def n_members(self) -> int:
        return int(self.inside[: self.circle.first[-1]].sum())


def find(model: Model) -> dict[str, object] | None:
    """An obstacle to keeping every least and most of a model at once; None where they can be kept.

    ``smallest`` says in what sense its set is one (`shortfall.Shown`). Positions stand for ids (`named`). Each least is
    presumed to be no greater than the most beside it.
    """
    found = []
    circle = Circle.of(model)
    for code, turned in ((Obstruction.NEEDS_OVER_SUPPLY, circle), (Obstruction.OFFERS_OVER_DEMAND, circle.reversed)):
        answer = smallest(turned)
        if answer is not None:
            found.append(_Found(code, turned, *answer))
    if not found:
        return None
    least = min(found, key=lambda one: one.n_members)
    shown = least.shown
    if least.n_members > 1 and shown == "by_number" and any(one.shown != shown for one in found):
        shown = "by_inclusion"  # a smaller one of the other kind was not looked for
    return {"code": str(least.code), "params": {**_params(least), "smallest": shown}}


def named(obstacle: Mapping[str, object], ids: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """An obstacle with ids in the place of positions; ``ids`` has those of each of KINDS in the order of the model."""
    params = obstacle["params"]
    assert isinstance(params, dict)
    kind_of = {one: kind for kind, one in ONE_OF.items()}

    def name(value: object, key: str) -> object:
        if key in ids and isinstance(value, list):
            return [ids[key][position] for position in value]
        if key in ("required_by", "limited_by") and isinstance(value, list):
            return [{part: name(of, part) for part, of in term.items()} for term in value]
        return ids[kind_of[key]][value] if key in kind_of and isinstance(value, int) else value

    return {**obstacle, "params": {key: name(value, key) for key, value in params.items()}}


def _params(found: _Found) -> dict[str, object]:
    circle, inside = found.circle, found.inside
    required_by = _terms(circle, circle.entering(inside) & (circle.least > 0), circle.least)
    limited_by = _terms(circle, circle.leaving(inside), circle.most)
    required, possible = (sum(term["units"] for term in terms) for terms in (required_by, limited_by))
    members = {
        kind: np.flatnonzero(inside[start:end]).tolist()
        for kind, start, end in zip(KINDS, circle.first[:-1], circle.first[1:], strict=True)
    }
    sums = {"required": required, "possible": possible, "short": required - possible}
    return {**sums, **members, "required_by": required_by, "limited_by": limited_by}


def _terms(circle: Circle, arcs: Bools, bounds: Ints) -> list[dict[str, int]]:
    """The bounds of some arcs, and what they are of."""
    terms = []
    for arc in np.flatnonzero(arcs).tolist():
        ends = (int(circle.tail[arc]), int(circle.head[arc]))
        owners = ends if circle.owner[arc] == NOBODY else (int(circle.owner[arc]),)
        terms.append({**dict(sorted(_thing(circle, node) for node in owners)), "units": int(bounds[arc])})
    return terms


def _thing(circle: Circle, node: int) -> tuple[str, int]:
    """What a node is of the model: kind and position."""
    kind = int(np.searchsorted(circle.first, node, side="right")) - 1
    return ONE_OF[KINDS[kind]], node - circle.first[kind]
