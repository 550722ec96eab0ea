"""Of many optimal flows one is canonical: every solver arrives at it, and a wrong flow is found out."""

import hashlib
import random

import numpy as np
import pytest

from matching import Problem, SolverFailed, solve
from matching.optimum.flow import by_highs, by_lemon, by_networkx, minimum_cost_flow
from matching.optimum.network import Flow, FlowSolver, Network, NoFlow
from matching.optimum.optimality import potentials
from matching.optimum.ties import canonical_flow, drawn
from tests.matching.builders import Json, group_need, need, offer, problem, strategy

SOLVERS = [by_lemon, by_highs, by_networkx]


def network(arcs: list[tuple[int, int, int, int]], supply: list[int]) -> Network:
    """Arcs of tail, head, capacity and cost, sorted."""
    tail, head, capacity, cost = np.array(sorted(arcs), dtype=np.int64).reshape(-1, 4).T.copy()
    return Network(tail, head, capacity, cost, np.array(supply, dtype=np.int64))


def tied(seed: int) -> Network:
    """Rows, offers and a sink with few different costs: hardly a flow is the only optimal one."""
    draw = random.Random(seed)
    n_rows, n_offers = draw.randint(2, 6), draw.randint(2, 5)
    sink = n_rows + n_offers
    asked = [draw.randint(1, 3) for _ in range(n_rows)]
    arcs = [
        (row, n_rows + column, asked[row], draw.choice([1, 1, 2]))
        for row in range(n_rows)
        for column in range(n_offers)
        if draw.random() < 0.8
    ]
    arcs += [(row, sink, asked[row], 2) for row in range(n_rows)]
    arcs += [(n_rows + column, sink, draw.randint(1, 3), 0) for column in range(n_offers)]
    return network(arcs, [*asked, *[0] * n_offers, -sum(asked)])


@pytest.mark.parametrize("seed", range(25))
def test_solvers_agree_on_the_optimum_and_on_the_canonical_flow(seed: int) -> None:
    tie = tied(seed)
    raw = [solver(tie).units for solver in SOLVERS]
    assert len({int(tie.cost @ flow) for flow in raw}) == 1

    def keys(level: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.random.default_rng([seed, level]).integers(1, 3, size=len(tie.cost))

    canonical = [canonical_flow(tie, keys, solver) for solver in SOLVERS]
    assert int(tie.cost @ canonical[0]) == int(tie.cost @ raw[0])
    assert len({tuple(flow.tolist()) for flow in canonical}) == 1


def test_solvers_break_ties_differently_or_the_test_above_shows_nothing() -> None:
    raw = [[tuple(solver(tied(seed)).units.tolist()) for solver in SOLVERS] for seed in range(25)]
    assert any(len(set(flows)) > 1 for flows in raw)


@pytest.mark.parametrize("solver", [*SOLVERS, minimum_cost_flow])
def test_a_demand_that_cannot_be_met_is_no_flow(solver: FlowSolver) -> None:
    with pytest.raises(NoFlow):
        solver(network([(0, 1, 1, 0)], [2, -2]))
    with pytest.raises(NoFlow):
        solver(network([], [1, -1]))


def test_costs_beyond_64_bits_go_to_the_solver_in_integers_of_any_size() -> None:
    huge = network([(0, 1, 1, 2**61), (0, 1, 1, 2**61 + 1), (1, 2, 2, 0)], [1, 0, -1])
    assert not huge.fits_64_bits
    assert minimum_cost_flow(huge).units.tolist() == [1, 0, 1]
    assert canonical_flow(huge, lambda level: np.zeros(3, dtype=np.int64), minimum_cost_flow).tolist() == [1, 0, 1]


def test_a_flow_that_is_not_optimal_is_found_out() -> None:
    choice = network([(0, 1, 1, 5), (0, 1, 2, 1)], [1, -1])
    cheapest = potentials(choice, np.array([0, 1]))
    assert cheapest[1] - cheapest[0] == 1
    with pytest.raises(SolverFailed, match="not optimal"):
        potentials(choice, np.array([1, 0]))
    with pytest.raises(SolverFailed, match="not optimal"):
        canonical_flow(choice, lambda level: np.zeros(2, dtype=np.int64), lambda given: Flow(np.array([1, 0])))


@pytest.mark.parametrize("solver", SOLVERS)
def test_keys_that_never_differ_fail_instead_of_being_drawn_for_ever(solver: FlowSolver) -> None:
    alike = network([(0, 1, 1, 1), (0, 2, 1, 1), (1, 3, 1, 0), (2, 3, 1, 0)], [1, 0, 0, -1])
    with pytest.raises(SolverFailed, match="lots drawn 64 times leave 4 arcs alike"):
        canonical_flow(alike, lambda level: np.zeros(4, dtype=np.int64), solver)


def test_lots_are_drawn_from_quarter_and_reference_as_published() -> None:
    (lot,) = drawn("2015-Q1", ["R-ALB-2004/1"])
    digest = hashlib.sha256(b"2015-Q1|R-ALB-2004/1").hexdigest()
    assert int(lot) == int(digest[:16], 16)
    assert drawn("2015-Q2", ["R-ALB-2004/1"]).tolist() != [int(lot)]


def tie_heavy(seed: int) -> Json:
    """A problem in which nearly all pairs are worth the same."""
    draw = random.Random(seed)
    states = ["ALB", "ARM", "FJI", "JAM", "LAO", "PHL"]
    needs = [need(f"R-{draw.choice(states)}-{n}/1", units=draw.randint(1, 3)) for n in range(draw.randint(4, 12))]
    if seed % 3 == 0:
        needs += [group_need(f"R-G-{n}/1", states[n : n + 4], "per_member", least=2, units=2) for n in range(2)]
    offers = [
        offer(f"O-AUS-{n}", units=draw.randint(1, 3), states=draw.sample(states, 1), worldwide=draw.random() < 0.8)
        for n in range(draw.randint(2, 6))
    ]
    fair = strategy(
        objective="equal_treatment",
        affinity__domain__fit=3,
        affinity__coverage__named_state=draw.choice([0, 1]),
        fairness__state=[2, 1, 0],
    )
    return problem(needs, offers, fair)


@pytest.mark.parametrize("seed", range(24))
def test_tie_heavy_problems_have_one_result_whatever_the_solver_and_the_order(seed: int) -> None:
    document = tie_heavy(seed)
    expected = solve(Problem.from_document(document)).document
    draw = random.Random(seed)
    for solver in SOLVERS:
        for name in ("needs", "offers", "states", "domains"):
            draw.shuffle(document[name])
        told = solve(Problem.from_document(document), solver=solver).document
        # What proves a result is the solver's own affair, and no part of its hash.
        assert {**told, "certificate": None} == {**expected, "certificate": None}


def served_in(quarter: str, document: Json) -> list[str]:
    """Needs served when the same problem is run in another quarter."""
    result = solve(Problem.from_document(document | {"quarter": quarter})).document
    return [pairing["need"] for pairing in result["pairings"]]


def test_the_lot_decides_between_equals_and_falls_otherwise_in_other_quarters() -> None:
    equals = problem([need("R-ALB-1/1"), need("R-PHL-1/1")], [offer()], strategy(affinity__domain__fit=1))
    winners = {quarter: served_in(quarter, equals) for quarter in (f"20{year}-Q1" for year in range(15, 35))}
    assert all(len(served) == 1 for served in winners.values())
    assert {served[0] for served in winners.values()} == {"R-ALB-1/1", "R-PHL-1/1"}


def test_among_equals_the_older_request_comes_first_in_every_quarter() -> None:
    needs = [need("R-ALB-1/1", date="2014-02-01"), need("R-LAO-1/1"), need("R-PHL-1/1", date="2014-01-31")]
    equals = problem(needs, [offer()], strategy(affinity__domain__fit=1))
    assert {tuple(served_in(f"20{year}-Q1", equals)) for year in range(15, 25)} == {("R-PHL-1/1",)}


def test_of_pairs_worth_the_same_the_more_urgent_need_comes_first() -> None:
    # Both pairs are worth 10: one by urgency, the other by coverage.
    needs = [need("R-ALB-1/1", priority=1, date="2014-06-01"), need("R-PHL-1/1", priority=5, date="2013-01-01")]
    worth = strategy(urgency__priority__1=10, affinity__coverage__named_state=10)
    result = solve(Problem.from_document(problem(needs, [offer(states=["PHL"])], worth))).document
    assert [pairing["need"] for pairing in result["pairings"]] == ["R-ALB-1/1"]


def test_a_need_is_not_split_when_one_offer_would_do() -> None:
    needs = [need(f"R-{state}-1/1", units=3) for state in ("ALB", "ARM", "PHL")]
    offers = [offer(f"O-AUS-{n}", units=3) for n in range(3)]
    result = solve(Problem.from_document(problem(needs, offers))).document
    assert len(result["pairings"]) <= 5
    assert result["units"] == 9
