"""BL-7: problems that are large, empty, all alike or about one giant request end soon, in memory known beforehand."""

import tracemalloc
from time import process_time

import numpy as np
import pytest

from matching import Problem, solve
from matching.model import NOBODY, UNLIMITED, Fairness, Limits, Model, Needs, Objective, Offers, Profiles, States
from matching.optimise import optimise
from tests.matching.builders import STATES, group_need, offer, problem
from tests.matching.model_draws import OBJECTIVES

pytestmark = pytest.mark.once

CPU_SECONDS = 20
"""Many times what it takes: a machine may be slow, but what grows with the square of a problem takes minutes."""


def of_size(
    n_needs: int, n_offers: int, objective: Objective, kinds_of_points: int = 50, chance: float = 0.05
) -> Model:
    """A model in which each need has a profile of its own."""
    draw = np.random.default_rng(n_needs)
    need, offer_of = np.nonzero(draw.random((n_needs, n_offers)) < chance)
    none = np.zeros(n_needs, dtype=np.int64)
    cells = len(need)
    return Model(
        objective,
        Needs(
            units=draw.integers(1, 4, n_needs),
            least=none,
            state=draw.integers(0, 193, n_needs),
            profile=np.arange(n_needs),
            urgency=none,
            place=draw.permutation(n_needs),
            lot=draw.integers(0, 2**63, n_needs).astype(np.uint64),
        ),
        Profiles(
            start=np.searchsorted(need, np.arange(n_needs + 1)),
            offer=offer_of,
            affinity=draw.integers(1, kinds_of_points + 1, cells),
            least=np.zeros(cells, dtype=np.int64),
            most=np.full(cells, UNLIMITED),
        ),
        Offers(
            units=draw.integers(1, 3, n_offers),
            least=np.zeros(n_offers, dtype=np.int64),
            provider=np.full(n_offers, NOBODY),
            lot=draw.integers(0, 2**63, n_offers).astype(np.uint64),
        ),
        States(np.arange(193) % 5, np.zeros(193, dtype=np.int64), Limits.none(193)),
        Limits.none(5),
        Limits.none(0),
        Fairness((9, 5, 2, 0)),
    )


def within_bounds(model: Model, megabytes: int) -> int:
    """The units of an optimum that is found in time and memory."""
    tracemalloc.start()
    began = process_time()
    outcome = optimise(model)
    taken, (_, peak) = process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome.status == "optimal"
    assert taken < CPU_SECONDS
    assert peak < megabytes * 2**20
    return int(outcome.allocation.units.sum())


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_bl_7_a_thousand_needs_by_a_thousand_offers_end(objective: Objective) -> None:
    assert within_bounds(of_size(1000, 1000, objective), 60) > 1000


@pytest.mark.once
def test_bl_7_ten_thousand_needs_by_two_thousand_offers_end() -> None:
    assert within_bounds(of_size(10_000, 2000, "equal_treatment", chance=0.01), 200) > 2000


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_bl_7_what_is_all_alike_ends(objective: Objective) -> None:
    assert within_bounds(of_size(1000, 300, objective, kinds_of_points=1), 60) > 300


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_bl_7_no_feasible_pair_is_an_empty_optimum(objective: Objective) -> None:
    assert within_bounds(of_size(1000, 1000, objective, chance=0), 20) == 0


@pytest.mark.parametrize(("delivery", "served"), [("joint", 2_500_000), ("per_member", 2_000_000)])
def test_bl_7_one_giant_group_request_is_served_as_far_as_offers_go(delivery: str, served: int) -> None:
    least = {"least": 2} if delivery == "per_member" else {}
    giant = group_need("R-CARICOM-1/1", sorted(STATES), delivery, units=10**6 if least else 10**7, **least)
    result = solve(Problem.from_document(problem([giant], [offer(units=2_500_000)]))).document
    assert (result["status"], result["units"]) == ("optimal", served)
