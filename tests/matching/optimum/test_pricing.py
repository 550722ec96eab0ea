"""Flows found on few of many arcs are optimal on all of them, and their potentials prove it."""

from dataclasses import replace

import numpy as np
import pytest

from matching.optimum import flow, pricing
from matching.optimum.flow import by_lemon, by_networkx, minimum_cost_flow
from matching.optimum.network import Flow, Network, NoFlow
from matching.optimum.optimality import left_open
from matching.optimum.pricing import by_pricing
from tests.matching.model_draws import draws
from tests.matching.optimum.test_flow import drawn_network


def transport(seed: int, n_sources: int, n_targets: int) -> Network:
    """Every source may send to every target, at drawn costs; what does not go there goes to the last node."""
    draw = np.random.default_rng(seed)
    supply = draw.integers(1, 4, n_sources)
    source, target = np.arange(n_sources), np.arange(n_sources, n_sources + n_targets)
    sink = n_sources + n_targets
    tail = np.concatenate([np.repeat(source, n_targets + 1), target])
    head = np.concatenate([np.tile(np.append(target, sink), n_sources), np.full(n_targets, sink)])
    cost = np.concatenate([draw.integers(0, 1000, n_sources * (n_targets + 1)), np.zeros(n_targets, dtype=np.int64)])
    capacity = np.concatenate([np.full(n_sources * (n_targets + 1), 9), draw.integers(1, 3, n_targets)])
    return Network(tail, head, capacity, cost, np.concatenate([supply, np.zeros(n_targets, int), [-supply.sum()]]))


@pytest.mark.parametrize(("shares", "few_wanted"), [(1, 10), (2, 0), (4, 1)])
def test_what_is_found_on_few_arcs_is_as_good_as_on_all_and_proved_by_its_potentials(
    monkeypatch: pytest.MonkeyPatch, shares: int, few_wanted: int
) -> None:
    monkeypatch.setattr(pricing, "SHARES", shares)
    monkeypatch.setattr(pricing, "FEW_WANTED", few_wanted)
    drawn = [drawn_network(seed).beyond_minimum() for seed in range(draws(150))]
    networks = [*drawn, *(transport(seed, 12, 15) for seed in range(draws(10)))]
    no_flow = 0
    for given in networks:
        try:
            best = by_networkx(given)
        except NoFlow:
            no_flow += 1
            with pytest.raises(NoFlow):
                by_pricing(given, by_lemon)
            continue
        found = by_pricing(given, by_lemon)
        assert found.potential is not None
        assert (given.excess(found.units) == given.supply).all()
        assert given.cost @ found.units == given.cost @ best.units
        assert left_open(given, found.units, [given.cost], [found.potential]) is not None
    assert 20 < no_flow < len(networks) - 20


def test_most_arcs_are_never_looked_at_by_the_solver() -> None:
    seen: list[int] = []

    def counting(network: Network) -> Flow:
        seen.append(len(network.tail))
        return by_lemon(network)

    given = transport(7, 150, 150)
    by_pricing(given, counting)
    assert max(seen) < len(given.tail) / 4


def test_many_arcs_with_minimums_are_priced_beyond_those(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "MOST_ARCS_AT_ONCE", 1)
    monkeypatch.setattr(flow, "MANY_ARCS", 0)
    given = transport(3, 20, 30)
    needed = np.zeros_like(given.cost)
    needed[::37] = 1
    bound = replace(given, minimum=np.minimum(needed, given.capacity))
    try:
        best = by_lemon(bound)
    except NoFlow:
        pytest.fail("the drawn minimums can be met")
    found = minimum_cost_flow(bound)
    assert (found.units >= bound.least).all()
    assert given.cost @ found.units == given.cost @ best.units
