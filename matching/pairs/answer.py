"""The answer to a problem of given pairs: pairings, totals, bounds and proof, with the hashes that tell them apart."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from matching.canonical import sha256
from matching.model import Allocation, Model, Outcome, Prices
from matching.optimise import optimise
from matching.optimum.flow import FlowSolver, minimum_cost_flow
from matching.pairs import modelling as pairs
from matching.pairs.document import PairsProblem
from matching.pairs.reasons import reason

CERTIFICATE = "matching-certificate/1"

CLAIMS = frozenset({"bound", "solver_bound", "certificate", "result_hash"})
"""What is said of the proof: another solver proves the same result otherwise, so the result's hash leaves it out."""


def solve_document(
    document: Any, *, solver: FlowSolver = minimum_cost_flow, time_left: Callable[[], float | None] = lambda: None
) -> dict[str, Any]:
    """The answer to a problem of given pairs, both as parsed JSON.

    ``time_left`` gives the seconds left, or None where there is no limit; it is looked at between flows. Raises
    InvalidProblem with every fault found, and SolverFailed where a solver's answer proves wrong.
    """
    problem = PairsProblem.from_document(document)
    model = pairs.model(problem)
    return write(problem, model, optimise(model, solver=solver, time_left=time_left))


def write(problem: PairsProblem, model: Model, outcome: Outcome) -> dict[str, Any]:
    """The answer document of a search through the model of a problem."""
    found = outcome.allocation
    answer: dict[str, Any] = {
        "status": outcome.status,
        "total": total_points(found),
        "objective": list(outcome.objective),
        "bound": list(outcome.bound),
        "units": int(found.units.sum()),
        "pairs": _pairs(problem, found),
        "served": _served(problem, model, found),
        "certificate": _certificate(problem, outcome.proof),
        "input_hash": problem.input_hash,
    }
    if outcome.solver_bound is not None:
        answer["solver_bound"] = list(outcome.solver_bound)
    if outcome.status == "infeasible":
        answer["reason"] = reason(problem, outcome.obstacle)
    return {**answer, "result_hash": hash_of_answer(answer)}


def hash_of_answer(answer: Mapping[str, Any]) -> str:
    """SHA-256 of what an answer proposes and why: of all of it but its claims about the proof."""
    return sha256({name: part for name, part in answer.items() if name not in CLAIMS})


def total_points(found: Allocation) -> int:
    """Points times units, summed in integers of any size."""
    most = int(np.abs(found.points).max(initial=0)) * int(found.units.sum())
    if most < 2**63:
        return int(found.points @ found.units)
    return sum(points * units for points, units in zip(found.points.tolist(), found.units.tolist(), strict=True))


def _pairs(problem: PairsProblem, found: Allocation) -> list[dict[str, Any]]:
    rows = zip(found.need.tolist(), found.offer.tolist(), found.units.tolist(), strict=True)
    return [
        {"need": problem.needs[need].id, "offer": problem.offers[offer].id, "units": units}
        for need, offer, units in rows
    ]


def _served(problem: PairsProblem, model: Model, found: Allocation) -> dict[str, list[int]]:
    """Units served and asked of each State that asks."""
    units = np.zeros(model.n_states + 1, dtype=np.int64)
    np.add.at(units, model.needs.state[found.need], found.units)
    figures = zip(problem.states, units[:-1].tolist(), model.asked.tolist(), strict=True)
    return {state.id: [served, asked] for state, served, asked in figures if asked}


def _certificate(problem: PairsProblem, proof: Sequence[Prices]) -> dict[str, Any] | None:
    if not proof:
        return None
    return {"format": CERTIFICATE, "levels": [_priced(problem, prices) for prices in proof]}


def _priced(problem: PairsProblem, prices: Prices) -> dict[str, Any]:
    return {
        "weights": [prices.units_weight, prices.points_weight],
        "offers": _told((offer.id for offer in problem.offers), prices.offer),
        "providers": _told((provider.id for provider in problem.providers), prices.provider),
        "states": _told((state.id for state in problem.states), prices.state),
        "groups": _told(problem.group_ids, prices.group),
    }


def _told(ids: Iterable[str], prices: Sequence[int]) -> dict[str, int]:
    """Prices by id; those of nothing are left out."""
    return {name: int(price) for name, price in zip(ids, prices, strict=True) if price}
