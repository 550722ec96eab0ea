"""What is left to decide within a gap: arcs and needs that cost more than the gap to change are taken out."""

from dataclasses import dataclass

import numpy as np

from matching.conditioned import Conditioned, Needs, Priced
from matching.exact import product
from matching.flow import LARGEST_SUM, Network
from matching.model import Ints
from matching.parts import Choice


@dataclass(frozen=True)
class Reduced:
    """A smaller network of all flows within the gap, whose flows cost less by ``cost``.

    ``arc`` says where each of its arcs stood before, ``settled`` which needs are served, or not, in all of them.
    """

    conditioned: Conditioned
    cost: int
    arc: Ints
    settled: Choice


def reduced(priced: Priced, gap: int) -> Reduced:
    """Take out what no flow uses otherwise that keeps the conditions and costs at most ``gap`` beyond the bound."""
    of = priced.of
    fixed = _fixed(priced, gap)
    least, most = _affordable(priced, of.under(fixed), fixed, gap)
    network = of.network
    left = [part for part in of.parts if any(need not in fixed for need in part.needs)]
    stays = np.isin(of.needs.need, [need for part in left for need in part.needs])
    open_arcs = most > least
    open_arcs[of.needs.unserved[stays]] = True
    arcs = np.flatnonzero(open_arcs)
    nodes = np.unique(np.concatenate([network.tail[arcs], network.head[arcs]]))
    node_at = np.searchsorted(nodes, np.arange(network.n_nodes))
    supply = (network.supply - network.excess(least))[nodes]
    needs = Needs(
        need=of.needs.need[stays],
        node=node_at[of.needs.node[stays]],
        unserved=np.searchsorted(arcs, of.needs.unserved[stays]),
        least=of.needs.least[stays],
        bound=of.needs.bound[stays],
    )
    smaller = Network(
        node_at[network.tail[arcs]], node_at[network.head[arcs]], (most - least)[arcs], network.cost[arcs], supply
    )
    named = {need: fixed[need] for need in needs.need.tolist() if need in fixed}
    return Reduced(Conditioned(smaller, left, needs, named), product(network.cost, least), arcs, fixed)


def _fixed(priced: Priced, gap: int) -> dict[int, bool]:
    """Needs that are served, or not, in every flow within the gap."""
    fixed = dict(priced.of.fixed)
    for part in priced.of.parts:
        most = priced.least(part, priced.of.fixed) + gap
        for need in part.needs:
            for served in (True, False):
                if need not in fixed and priced.least(part, {**priced.of.fixed, need: served}) > most:
                    fixed[need] = not served
    return fixed


def _affordable(priced: Priced, network: Network, fixed: Choice, gap: int) -> tuple[Ints, Ints]:
    """The least and the most units of each arc in any flow within the gap."""
    of, capacity = priced.of, network.capacity
    rate: Ints = priced.reduced_cost if gap < LARGEST_SUM else priced.reduced_cost.astype(object)
    others = np.ones(len(capacity), dtype=bool)
    others[of.needs.unserved] = others[of.cells.arc] = False
    least, most = np.zeros_like(capacity), capacity.copy()
    dear, cheap = np.flatnonzero(others & (rate > 0)), np.flatnonzero(others & (rate < 0))
    most[dear] = np.minimum(most[dear], gap // rate[dear]).astype(np.int64)
    least[cheap] = np.maximum(0, most[cheap] - gap // -rate[cheap]).astype(np.int64)
    left = np.zeros(len(of.needs.need), dtype=rate.dtype)
    for part in of.parts:
        most_paid = priced.least(part, of.fixed) + gap
        for need in part.needs:
            if fixed.get(need, True):  # of a need that is not served no cell is open anyway
                left[of.place_of[need]] = most_paid - priced.least(part, {**of.fixed, need: True})
    place = of.cells.place
    over = rate[of.cells.arc] - priced.filled.dearest[place] > left[place]
    most[of.cells.arc[over]] = 0
    return least, most
