"""Parts of the conditions: what serving needs, or not, costs together at given costs of each.

A part is a set of needs that bundles and substitutes tie together; needs of different parts share no condition.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import NamedTuple

from matching.model import Bundle, Conditions

Choice = Mapping[int, bool]
"""Whether needs are served: in full if in a bundle, else at all."""

Cost = int | float
"""A whole number of any size, or infinity."""

MOST_COVERS = 64
"""So many ways of keeping substitutes apart are compared in one part; of more, the part's cost is a bound only."""


class Costs(NamedTuple):
    """What it costs to serve each need, and not to."""

    served: Mapping[int, Cost]
    not_served: Mapping[int, Cost]


class Best(NamedTuple):
    """The least cost of a part, infinite if nothing keeps its conditions, and a choice of that cost."""

    cost: Cost
    choice: dict[int, bool]


@dataclass(frozen=True)
class Part:
    """Needs, and the conditions that speak of them and of no others.

    ``single`` needs are in no bundle. ``leaves`` are single needs with one substitute: they follow what it does.
    ``apart`` are the other pairs of substitutes.
    """

    bundles: tuple[Bundle, ...]
    single: tuple[int, ...]
    leaves: Mapping[int, tuple[int, ...]]
    apart: tuple[tuple[int, int], ...]

    @cached_property
    def needs(self) -> list[int]:
        """All needs of the part."""
        return [*(need for bundle in self.bundles for need in bundle.needs), *self.not_bundled]

    @property
    def not_bundled(self) -> list[int]:
        """Needs that are in no bundle."""
        return [*self.single, *(leaf for leaves in self.leaves.values() for leaf in leaves)]

    @property
    def substitutes(self) -> list[tuple[int, int]]:
        """All pairs of which one is served at most."""
        return [*self.apart, *self._leaf_pairs]

    @property
    def _leaf_pairs(self) -> list[tuple[int, int]]:
        return [(need, leaf) for need, leaves in self.leaves.items() for leaf in leaves]

    def kept_by(self, choice: Choice) -> bool:
        """Whether a choice keeps the conditions."""
        enough = all(
            (n_served := sum(choice[need] for need in bundle.needs)) == 0 or n_served >= bundle.least
            for bundle in self.bundles
        )
        return enough and not any(choice[one] and choice[other] for one, other in self.substitutes)

    def best(self, costs: Costs, fixed: Choice) -> Best:
        """The least cost among choices that agree with what is fixed."""
        served = {need: costs.served[need] for need in self.needs}
        not_served = {need: costs.not_served[need] for need in self.needs}
        for need in self.needs:
            if need in fixed:
                (not_served if fixed[need] else served)[need] = inf
        for pair in self.substitutes:
            for need, other in (pair, pair[::-1]):
                if fixed.get(need):
                    served[other] = inf
        leaf_served = {leaf: served[leaf] < not_served[leaf] for leaves in self.leaves.values() for leaf in leaves}
        for need, leaves in self.leaves.items():
            served[need] += sum(not_served[leaf] for leaf in leaves)
            not_served[need] += sum(min(served[leaf], not_served[leaf]) for leaf in leaves)
        best = Best(inf, {})
        for shut in self._covers():
            found = self._best_under(served, not_served, shut)
            best = found if found.cost < best.cost else best
        for need, leaf in self._leaf_pairs if best.choice else ():
            best.choice[leaf] = leaf_served[leaf] and not best.choice[need]
        return best

    def _best_under(self, served: Mapping[int, Cost], not_served: Mapping[int, Cost], shut: frozenset[int]) -> Best:
        total: Cost = 0
        choice: dict[int, bool] = {}
        open_cost = {need: inf if need in shut else served[need] for need in served}
        for need in self.single:
            choice[need] = open_cost[need] < not_served[need]
            total += min(open_cost[need], not_served[need])
        for bundle in self.bundles:
            cost, chosen = _of_bundle(bundle, open_cost, not_served)
            total += cost
            choice.update({need: need in chosen for need in bundle.needs})
        return Best(total, choice)

    def _covers(self) -> list[frozenset[int]]:
        """Sets of needs to shut so that no pair is served together; only the empty one if there are too many."""
        covers: list[frozenset[int]] = []
        for cover in _covers(self.apart, frozenset()):
            covers.append(cover)
            if len(covers) > MOST_COVERS:
                return [frozenset()]
        return covers


def _of_bundle(
    bundle: Bundle, served: Mapping[int, Cost], not_served: Mapping[int, Cost]
) -> tuple[Cost, frozenset[int]]:
    """The least cost of a bundle, and the needs served for it."""
    none = sum(not_served[need] for need in bundle.needs)
    # Both infinite means that the need can be neither: the bundle has no choice at all.
    order = sorted(bundle.needs, key=lambda need: (_difference(served[need], not_served[need]), need))
    chosen = [
        need
        for rank, need in enumerate(order)
        if rank < bundle.least or _difference(served[need], not_served[need]) < 0
    ]
    some = sum(served[need] for need in chosen) + sum(not_served[need] for need in order[len(chosen) :])
    if len(bundle.needs) < bundle.least:
        some = inf
    return (some, frozenset(chosen)) if some < none else (none, frozenset())


def _difference(one: Cost, other: Cost) -> Cost:
    return inf if one == inf else -inf if other == inf else one - other


def _covers(pairs: Sequence[tuple[int, int]], shut: frozenset[int]) -> Iterator[frozenset[int]]:
    """Every least set of needs that has one of each pair, and perhaps some that are not least."""
    left = [pair for pair in pairs if shut.isdisjoint(pair)]
    if not left:
        yield shut
        return
    need = max((need for pair in left for need in pair), key=lambda need: sum(need in pair for pair in left))
    yield from _covers(left, shut | {need})
    yield from _covers(left, shut | {other for pair in left if need in pair for other in pair if other != need})


def parts_of(conditions: Conditions) -> list[Part]:
    """The parts of some conditions, by their first need."""
    bundled = {need for bundle in conditions.bundles for need in bundle.needs}
    beside: dict[int, set[int]] = {need: set() for need in conditions.needs}
    for one, other in conditions.substitutes:
        beside[one].add(other)
        beside[other].add(one)
    near = {need: set(others) for need, others in beside.items()}
    place = {bundle.needs[0]: number for number, bundle in enumerate(conditions.bundles)}
    for bundle in conditions.bundles:
        near[bundle.needs[0]].update(bundle.needs)
        for need in bundle.needs:
            near[need].add(bundle.needs[0])
    parts, reached = [], set[int]()
    for first in sorted(near):
        if first not in reached:
            needs = _reached(first, near)
            reached |= needs
            bundles = tuple(
                conditions.bundles[number] for number in sorted(place[need] for need in needs & place.keys())
            )
            parts.append(_part(bundles, sorted(needs - bundled), {need: beside[need] for need in sorted(needs)}))
    return parts


def _reached(first: int, near: Mapping[int, set[int]]) -> set[int]:
    reached, waiting = set[int](), [first]
    while waiting:
        need = waiting.pop()
        if need not in reached:
            reached.add(need)
            waiting.extend(near[need])
    return reached


def _part(bundles: tuple[Bundle, ...], not_bundled: Sequence[int], beside: Mapping[int, set[int]]) -> Part:
    """A part of bundles and other needs, of which ``beside`` names the substitutes of each."""
    partner_of: dict[int, int] = {}
    for need in not_bundled:
        if len(beside[need]) == 1:
            (partner,) = beside[need]
            if partner not in partner_of:
                partner_of[need] = partner
    leaves: dict[int, list[int]] = {}
    for leaf, partner in partner_of.items():
        leaves.setdefault(partner, []).append(leaf)
    pairs = {(min(need, other), max(need, other)) for need, others in beside.items() for other in others}
    return Part(
        bundles,
        tuple(need for need in not_bundled if need not in partner_of),
        {partner: tuple(leaves[partner]) for partner in sorted(leaves)},
        tuple(sorted(pair for pair in pairs if partner_of.keys().isdisjoint(pair))),
    )
