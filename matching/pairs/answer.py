"""The answer to a problem of given pairs: pairings, totals, bounds and proof, with the hashes that tell them apart."""

from collections.abc import Mapping
from typing import Any

from matching.canonical import sha256
from matching.model import Allocation, Model, Outcome
from matching.optimise import optimise
from matching.optimum.exact import product
from matching.optimum.flow import minimum_cost_flow
from matching.optimum.network import FlowSolver
from matching.optimum.worth import served
from matching.pairs import modelling as pairs
from matching.pairs.document import PairsProblem
from matching.pairs.reasons import reason
from matching.proof import Ids, certificate
from matching.time_limit import TimeLeft, unlimited

CLAIMS = frozenset({"bound", "solver_bound", "certificate", "result_hash"})
"""What is said of the proof: another solver proves the same result otherwise, so the result's hash leaves it out."""


def solve_document(
    document: Any, *, solver: FlowSolver = minimum_cost_flow, time_left: TimeLeft = unlimited
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
        "total": product(found.points, found.units),
        "objective": list(outcome.objective),
        "bound": list(outcome.bound),
        "units": int(found.units.sum()),
        "pairs": _pairs(problem, found),
        "served": _served(problem, model, found),
        "certificate": certificate(outcome, _ids(problem)),
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


def _pairs(problem: PairsProblem, found: Allocation) -> list[dict[str, Any]]:
    rows = zip(found.need.tolist(), found.offer.tolist(), found.units.tolist(), strict=True)
    return [
        {"need": problem.needs[need].id, "offer": problem.offers[offer].id, "units": units}
        for need, offer, units in rows
    ]


def _served(problem: PairsProblem, model: Model, found: Allocation) -> dict[str, list[int]]:
    """Units served and asked of each State that asks."""
    figures = zip(problem.states, served(model, found).tolist(), model.asked.tolist(), strict=True)
    return {state.id: [units, asked] for state, units, asked in figures if asked}


def _ids(problem: PairsProblem) -> Ids:
    return Ids(
        offers=[offer.id for offer in problem.offers],
        providers=[provider.id for provider in problem.providers],
        states=[state.id for state in problem.states],
        groups=problem.group_ids,
    )
