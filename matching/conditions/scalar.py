"""A model's network for the search of a choice: all levels of the objective in one cost."""

from dataclasses import replace

import numpy as np

from matching.arrays import Ints
from matching.conditions.conditioned import Conditioned, Needs, Priced
from matching.conditions.parts import parts_of
from matching.optimum.exact import product
from matching.optimum.layers import NO_TERMS, Layers
from matching.optimum.network import LARGEST_SUM
from matching.optimum.ties import Optimum

LONGEST_PATH = 4
"""Arcs of the longest way through the network: class, State, regional group, sink; or by profile, offer, provider."""


class Scalar:
    """All levels of a model's objective as one cost: the first, if there are two, outweighs the second.

    ``relaxed`` is an optimum with the conditions dropped, as a flow beyond the ``least`` units of each arc.
    """

    def __init__(self, layers: Layers, optimum: Optimum) -> None:
        self._layers = layers
        network, conditions = layers.under(NO_TERMS), layers.model.conditions
        self._weight, cost, potential = 1, layers.levels[-1], optimum.potentials[-1]
        if len(layers.levels) == 2:
            dearest = np.abs(cost + potential[network.tail] - potential[network.head]).max(initial=0)
            farthest = LONGEST_PATH * int(cost.max(initial=0)) * int(np.maximum(network.supply, 0).sum())
            # Arcs that the first level fixes may have any reduced cost at the second.
            self._weight = 1 + max(int(dearest), farthest)
            cost = joined(layers.levels[0], cost, self._weight)
            potential = joined(optimum.potentials[0], potential, self._weight)
        self.least: Ints = np.zeros_like(network.tail) + network.least
        self._cost_of_least = product(cost, self.least)
        conditioned = Conditioned(
            replace(network, cost=cost).beyond_minimum(), parts_of(conditions), _needs(layers, self.least), {}
        )
        self.relaxed = Priced(conditioned, {}, optimum.units - self.least, potential)

    def worth(self, cost: int) -> tuple[int, ...]:
        """The objective of a flow that costs so much beyond the least; of a bound on costs, a bound on it."""
        total = cost + self._cost_of_least
        costs = divmod(total, self._weight) if len(self._layers.levels) == 2 else (total,)
        at_no_cost = self._layers.worth(np.zeros_like(self._layers.network.tail))
        return tuple(whole - cost for whole, cost in zip(at_no_cost, costs, strict=True))


def joined(first: Ints, second: Ints, weight: int) -> Ints:
    """The first times a weight, and the second: in 64 bits if that fits."""
    greatest = int(np.abs(first).max(initial=0)) * weight + int(np.abs(second).max(initial=0))
    joined: Ints = first * weight + second if greatest < LARGEST_SUM else first.astype(object) * weight + second
    return joined


def _needs(layers: Layers, least: Ints) -> Needs:
    """The needs of the conditions, each alone in its profile."""
    model, laid = layers.model, layers.laid
    need = np.array(sorted(model.conditions.needs), dtype=np.int64)
    of_class = laid.classes.first[model.needs.profile[need]]
    unserved = laid.step_arc[np.searchsorted(laid.classes.step_class, of_class)]
    cells = [slice(*model.profiles.start[[profile, profile + 1]]) for profile in model.needs.profile[need].tolist()]
    pinned = np.array([least[laid.cell_arc[cell]].sum() for cell in cells], dtype=np.int64)
    units = model.needs.units[need] - pinned
    bundled = np.isin(need, [member for bundle in model.conditions.bundles for member in bundle.needs])
    started = (pinned > 0) | (model.needs.least[need] > 0)
    return Needs(
        need=need,
        node=layers.network.tail[unserved],
        unserved=unserved,
        least=np.where(bundled, units, np.where(started, 0, 1)),
        bound=started,
    )
