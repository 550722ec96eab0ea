"""Network flows with minimums: every solver finds an optimum, and says so where there is no flow at all."""

import random
from dataclasses import replace

import numpy as np
import pytest

from matching.arrays import Ints
from matching.errors import SolverFailed
from matching.optimum.flow import by_digits, by_highs, by_lemon, by_networkx, infeasibility_cut, minimum_cost_flow
from matching.optimum.joining import join
from matching.optimum.network import Flow, FlowSolver, Network, NoFlow
from matching.optimum.optimality import left_open, on_cycles, potentials, proof
from tests.matching.model_draws import draws

SOLVERS = [by_lemon, by_networkx, by_highs]


def network(arcs: list[tuple[int, int, int, int, int]], supply: list[int]) -> Network:
    """Arcs of tail, head, minimum, capacity and cost, sorted."""
    tail, head, minimum, capacity, cost = np.array(sorted(arcs), dtype=np.int64).reshape(-1, 5).T.copy()
    return Network(tail, head, capacity, cost, np.array(supply, dtype=np.int64), minimum)


def drawn_network(seed: int) -> Network:
    """A small network with parallel arcs, minimums and few different costs, hence many ties."""
    draw = random.Random(seed)
    n_nodes = draw.randint(2, 6)
    arcs = []
    for _ in range(draw.randint(1, 14)):
        tail, head = draw.sample(range(n_nodes), 2)
        minimum = draw.choice([0, 0, 0, 1])
        arcs.append((tail, head, minimum, minimum + draw.randint(0, 3), draw.randint(0, 3)))
    supply = [draw.randint(-1, 1) for _ in range(n_nodes - 1)]
    return network(arcs, [*supply, -sum(supply)])


def cost_of(given: Network, solver: FlowSolver) -> int | None:
    """What the solver's flow costs, once it is seen to be a flow; None where there is none."""
    try:
        units = solver(given).units
    except NoFlow:
        return None
    assert ((given.least <= units) & (units <= given.capacity)).all()
    assert (given.excess(units) == given.supply).all()
    return int(given.cost @ units)


def test_solvers_agree_on_the_cost_of_flows_with_minimums() -> None:
    costs = [[cost_of(drawn_network(seed), solver) for solver in SOLVERS] for seed in range(draws(150))]
    assert all(len(set(found)) == 1 for found in costs)
    assert 20 < sum(found[0] is None for found in costs) < len(costs) - 20


def test_a_cut_is_given_exactly_where_there_is_no_flow_and_shows_why() -> None:
    for seed in range(draws(150)):
        given = drawn_network(seed)
        cut = infeasibility_cut(given)
        assert (cut is None) == (cost_of(given, by_networkx) is not None)
        if cut is not None:
            leaving, entering = cut[given.tail] & ~cut[given.head], ~cut[given.tail] & cut[given.head]
            most_out = given.capacity[leaving].sum() - minimums(given)[entering].sum()
            assert given.supply[cut].sum() > most_out


@pytest.mark.parametrize("solver", [*SOLVERS, minimum_cost_flow])
def test_a_minimum_above_the_capacity_is_no_flow(solver: FlowSolver) -> None:
    with pytest.raises(NoFlow):
        solver(network([(0, 1, 3, 2, 0)], [2, -2]))


def test_an_optional_solver_agrees_where_it_is_installed() -> None:
    pytest.importorskip("ortools")
    from matching.optimum.flow import by_ortools

    for seed in range(draws(150)):
        assert cost_of(drawn_network(seed), by_ortools) == cost_of(drawn_network(seed), by_lemon)


def wide(seed: int) -> Network:
    """A drawn network at costs far beyond 64 bits, some of which differ in their last digits only."""
    given, draw = drawn_network(seed), np.random.default_rng(seed)
    tied = given.cost.astype(object) * 2**80 if seed % 2 else draw.integers(0, 2**61, len(given.cost)).astype(object)
    return replace(given, cost=tied + draw.integers(0, 3, len(given.cost)))


def test_costs_of_any_size_are_exact_and_proved_by_the_potentials_given() -> None:
    found = 0
    for seed in range(draws(150)):
        given = wide(seed)
        assert cost_of(given, by_digits) == cost_of(given, by_networkx)
        if cost_of(given, by_digits) is not None:
            flow = by_digits(given)
            assert flow.potential is not None
            assert left_open(given, flow.units, [given.cost], [flow.potential]) is not None
            found += 1
    assert found > 20


def test_units_beyond_what_floats_hold_balance_exactly() -> None:
    huge = network([(0, 1, 0, 2**54, 1), (0, 1, 0, 2**54, 0)], [2**54 + 1, -(2**54) - 1])
    assert by_lemon(huge).units.tolist() == [1, 2**54] or by_lemon(huge).units.tolist() == [2**54, 1]
    assert cost_of(huge, by_lemon) == 1


def test_potentials_of_the_solver_are_believed_only_if_they_prove_the_flow() -> None:
    given = network([(0, 1, 0, 1, 5), (0, 1, 0, 2, 1)], [1, -1])
    best = by_lemon(given).units
    wrong = Flow(best, np.array([0, 7]))
    assert proof(given, wrong)[0].tolist() == potentials(given, best).tolist()
    with pytest.raises(SolverFailed, match="not optimal"):
        proof(given, Flow(best[::-1].copy(), np.array([0, 7])))


def test_arcs_are_left_open_if_and_only_if_another_flow_is_as_good() -> None:
    for seed in range(draws(100)):
        given = drawn_network(seed)
        try:
            units = by_networkx(given).units
        except NoFlow:
            continue
        _, reduced = proof(given, Flow(units))
        tight = np.asarray((reduced == 0) & (given.capacity > given.least), dtype=bool)
        open_arcs = set(on_cycles(given, units, tight).tolist())
        moved = set()
        for arc in range(len(units)):
            for change in (-1, 1):
                if minimums(given)[arc] <= units[arc] + change <= given.capacity[arc]:
                    moved |= {arc} if forced(given, arc, int(units[arc]) + change) == int(given.cost @ units) else set()
        assert moved <= open_arcs and bool(moved) == bool(open_arcs)


def minimums(given: Network) -> Ints:
    """The least units of each arc."""
    return np.zeros_like(given.capacity) + given.least


def forced(given: Network, arc: int, units: int) -> int | None:
    """The least cost of flows that send so many units through an arc."""
    minimum, capacity = minimums(given).copy(), given.capacity.copy()
    minimum[arc] = capacity[arc] = units
    return cost_of(Network(given.tail, given.head, capacity, given.cost, given.supply, minimum), by_networkx)


def test_joined_levels_split_into_the_potentials_of_each() -> None:
    levels = [np.array([5, 0, 3]), np.array([1, 9, 0]), np.array([0, 0, 100])]
    joined = join(levels, 10)
    assert joined is not None
    wanted = [np.array([-7, 0, 4]), np.array([3, -20, 0]), np.array([-150, 12, 1])]
    mixed = wanted[0]
    for bits, digit in zip(joined.bits, wanted[1:], strict=True):
        mixed = (mixed << bits) + digit
    assert [digit.tolist() for digit in joined.split(mixed)] == [digit.tolist() for digit in wanted]


def test_levels_too_large_for_64_bits_are_not_joined() -> None:
    assert join([np.array([2**40]), np.array([2**30])], 10) is None


def test_potentials_that_do_not_prove_a_level_leave_the_question_open() -> None:
    given = network([(0, 1, 0, 1, 5), (0, 1, 0, 2, 1)], [1, -1])
    best = by_lemon(given).units
    assert left_open(given, best, [given.cost], [np.array([0, 9])]) is None
    assert left_open(given, best, [given.cost], [np.array([0, 1])]) is not None
