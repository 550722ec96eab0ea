"""What of conditions, leasts and pins cannot be kept together, where every least and most could be without conditions.

    {"code": "SUBSTITUTES_BOTH_HELD", "params": {"needs": [national, joint]}}
    {"code": "CONDITIONS_CONFLICT", "params": {"bundles", "substitutes", "needs", "offers", "states", "groups",
    "providers", "smallest"}}

A need is *held* by a least or a pin. The lists are positions: of bundles and substitutes among the conditions, and of
what has a least (needs: or a pin). All mosts hold throughout.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matching.arrays import Ints
from matching.conditions.whole import by_milp
from matching.infeasible.circle import KINDS
from matching.infeasible.shortfall import minimal
from matching.model import Conditions, Limits, Model

LARGEST_TRIED = 5000
"""Pairs of needs and offers up to which parts are left out one by one, each time asking HiGHS."""

Part = tuple[str, int]


def find(model: Model) -> dict[str, object]:
    """The obstacle of a model that is infeasible only for its conditions.

    None of the parts named can be left out, where ``smallest`` is "by_inclusion"; of larger models all are named.
    """
    held = set(_held(model).tolist())
    for pair in model.conditions.substitutes:
        if held.issuperset(pair):
            return {"code": "SUBSTITUTES_BOTH_HELD", "params": {"needs": list(pair)}}
    parts = _parts(model, sorted(held))
    n_pairs = int(np.diff(model.profiles.start)[model.needs.profile].sum())
    shown = "not_shown"
    if n_pairs <= LARGEST_TRIED:
        kept, _ = minimal(range(len(parts)), lambda left: _failing(model, parts, left))
        parts, shown = [parts[place] for place in kept], "by_inclusion"
    lists = {kind: [at for of, at in parts if of == kind] for kind in ("bundles", "substitutes", *KINDS)}
    return {"code": "CONDITIONS_CONFLICT", "params": {**lists, "smallest": shown}}


def _held(model: Model) -> Ints:
    pinned = np.zeros(model.n_profiles, dtype=bool)
    pinned[model.profiles.of_cell[model.profiles.least > 0]] = True
    return np.flatnonzero((model.needs.least > 0) | pinned[model.needs.profile])


def _parts(model: Model, held: Sequence[int]) -> list[Part]:
    """All that asks for something: conditions, held needs, and whatever else has a least."""
    leasts = {
        "offers": model.offers.least,
        "states": model.states.limits.least,
        "groups": model.groups.least,
        "providers": model.providers.least,
    }
    return [
        *(("bundles", at) for at in range(len(model.conditions.bundles))),
        *(("substitutes", at) for at in range(len(model.conditions.substitutes))),
        *(("needs", need) for need in held),
        *((kind, at) for kind, least in leasts.items() for at in np.flatnonzero(least).tolist()),
    ]


def _failing(model: Model, parts: Sequence[Part], left: Sequence[int]) -> Sequence[int]:
    """The parts left, if they cannot be kept together; else none."""
    kept: dict[str, list[int]] = {kind: [] for kind in ("bundles", "substitutes", *KINDS)}
    for place in left:
        kind, at = parts[place]
        kept[kind].append(at)
    found = by_milp(_only(model, kept))
    return left if found.finished and found.allocation is None else []


def _only(model: Model, kept: dict[str, list[int]]) -> Model:
    """The model with no other leasts, pins and conditions, and nothing to gain."""

    def of(kind: str, least: Ints) -> Ints:
        return np.where(np.isin(np.arange(len(least)), kept[kind]), least, 0)

    conditions = model.conditions
    held = np.zeros(model.n_profiles, dtype=bool)
    held[model.needs.profile[kept["needs"]]] = True
    cells, limits = model.profiles, model.states.limits
    return replace(
        model,
        objective="points",
        needs=replace(model.needs, least=of("needs", model.needs.least), urgency=np.zeros_like(model.needs.urgency)),
        profiles=replace(
            cells, least=np.where(held[cells.of_cell], cells.least, 0), affinity=np.zeros_like(cells.affinity)
        ),
        offers=replace(model.offers, least=of("offers", model.offers.least)),
        states=replace(model.states, limits=Limits(of("states", limits.least), limits.most)),
        groups=Limits(of("groups", model.groups.least), model.groups.most),
        providers=Limits(of("providers", model.providers.least), model.providers.most),
        conditions=Conditions(
            tuple(conditions.bundles[at] for at in kept["bundles"]),
            tuple(conditions.substitutes[at] for at in kept["substitutes"]),
        ),
    )
