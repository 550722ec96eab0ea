"""Distances in drawn networks with arcs of negative length: those that NetworkX finds, and potentials everywhere."""

from typing import NamedTuple

import networkx as nx
import numpy as np
import pytest

from matching.arrays import Ints
from matching.errors import SolverFailed
from matching.insight.distances import LARGEST, distances
from tests.matching.model_draws import draws

NODES = 8


class Arcs(NamedTuple):
    """From node to node, so long."""

    tail: Ints
    head: Ints
    length: Ints


def drawn(seed: int) -> Arcs:
    """Arcs with lengths of either sign and no cycle shorter than nothing; few of them, so that not all is reached."""
    draw = np.random.default_rng(seed)
    number = int(draw.integers(1, 3 * NODES))
    tail, head = draw.integers(0, NODES, number), draw.integers(0, NODES, number)
    height = draw.integers(-20, 20, NODES)
    return Arcs(tail, head, draw.integers(0, 4, number) + height[head] - height[tail])


def by_networkx(arcs: Arcs) -> dict[int, int]:
    """The distance of each node that is reached from the first."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(NODES))
    for tail, head, length in zip(*(each.tolist() for each in arcs), strict=True):
        if not graph.has_edge(tail, head) or graph[tail][head]["weight"] > length:
            graph.add_edge(tail, head, weight=length)
    found = nx.single_source_bellman_ford_path_length(graph, 0)
    return {node: int(length) for node, length in found.items()}


def test_distances_are_the_shortest_and_what_is_not_reached_is_told() -> None:
    unreached = 0
    for seed in range(draws(80)):
        arcs = drawn(seed)
        distance, reached = distances(0, NODES, *arcs)
        assert {node: int(distance[node]) for node in np.flatnonzero(reached).tolist()} == by_networkx(arcs), seed
        unreached += int((~reached).sum())
    assert unreached


def test_no_arc_is_longer_than_the_difference_between_its_ends_wherever_it_is() -> None:
    for seed in range(draws(80)):
        tail, head, length = drawn(seed)
        distance, _ = distances(0, NODES, tail, head, length)
        assert (distance[head] - distance[tail] <= length).all(), seed


def test_lengths_of_any_size_give_the_same_in_their_own_measure() -> None:
    for seed in range(draws(20)):
        tail, head, length = drawn(seed)
        small, reached = distances(0, NODES, tail, head, length)
        large, as_well = distances(0, NODES, tail, head, length.astype(object) * 2**80)
        assert large.tolist() == [each * 2**80 for each in small.tolist()]
        assert np.array_equal(as_well, reached)


@pytest.mark.parametrize("source", [0, 3])
def test_a_cycle_that_shortens_every_way_is_no_distance_wherever_it_is(source: int) -> None:
    tail, head = np.array([0, 1, 2]), np.array([1, 2, 0])
    with pytest.raises(SolverFailed, match="negative cycle"):
        distances(source, 4, tail, head, np.array([2, -5, 2]))
    assert distances(source, 4, tail, head, np.array([2, -4, 2]))[1].sum() == (3 if source == 0 else 1)


def test_lengths_that_would_leave_64_bits_are_refused() -> None:
    tail, head = np.array([0, 1]), np.array([1, 2])
    assert distances(0, 3, tail, head, np.array([LARGEST - 1, 1]))[0].tolist() == [0, LARGEST - 1, LARGEST]
    with pytest.raises(SolverFailed, match="64 bits"):
        distances(0, 3, tail, head, np.array([LARGEST, 1]))
