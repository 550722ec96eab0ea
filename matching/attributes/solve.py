"""The whole solve of a problem of attributes: judge its pairs, choose the best, and write down what came of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from matching.arrays import Ints
from matching.attributes.pins import Pins, obstacle
from matching.attributes.problem import Problem
from matching.attributes.profiles import Compiled, judge, model_of
from matching.attributes.result import Result, Solved, Told, write
from matching.codes import Obstacle
from matching.infeasible import obstruction
from matching.model import Allocation, Fairness, Outcome
from matching.optimise import optimise
from matching.optimum.exact import product
from matching.optimum.flow import minimum_cost_flow
from matching.optimum.layers import NO_TERMS, Layers
from matching.optimum.network import FlowSolver
from matching.outset import outset
from matching.proof import Ids, certificate
from matching.time_limit import TimeLeft

Progress = Callable[[str, float], None]
"""Told the stage that begins and the share of the work done, from 0 to 1."""


def solve(
    problem: Problem,
    progress: Progress | None = None,
    time_limit_s: float | None = None,
    solver: FlowSolver = minimum_cost_flow,
) -> Result:
    """Propose the pairings of greatest objective; of several such proposals, the canonical one.

    The time limit is looked at between flows, never within one; a result it cut short says ``time_limit`` and carries
    the best pairings found and a bound that no proposal exceeds. ``solver`` may be any of `flow`: all give the same
    result. Raises SolverFailed where a solver's answer proves wrong.
    """
    tell: Progress = progress or (lambda stage, share: None)
    deadline = None if time_limit_s is None else monotonic() + time_limit_s

    def time_left() -> float | None:
        return None if deadline is None else deadline - monotonic()

    tell("eligibility", 0.0)
    judged = judge(problem)
    impossible = obstacle(judged.facts, Pins.of(judged.facts))
    if impossible is not None:
        return write(judged, Outcome("infeasible", Allocation.none(), (), ()), Told(impossible))
    tell("scoring", 0.2)
    compiled = model_of(judged)
    tell("solving", 0.3)
    outcome = optimise(
        compiled.model,
        solver=solver,
        time_left=time_left,
        tell=lambda stage, share: tell(stage, 0.3 + 0.3 * share),
    )
    tell("pricing", 0.6)
    told = Told(
        _reason(compiled, outcome),
        certificate(outcome, _proof_ids(compiled)),
        _points_alone(compiled, outcome, solver, time_left),
    )
    tell("explaining", 0.8)
    result = write(judged, outcome, told)
    tell("done", 1.0)
    return replace(result, solved=Solved(compiled, outcome)) if outcome.status == "optimal" else result


def before_search(problem: Problem) -> Result | None:
    """The result of the pins alone, with a bound beyond doubt; None where they cannot be kept, which `solve` says."""
    judged = judge(problem)
    if obstacle(judged.facts, Pins.of(judged.facts)) is not None:
        return None
    compiled = model_of(judged)
    outcome = outset(compiled.model)
    return write(judged, outcome, Told(_reason(compiled, outcome), certificate(outcome, _proof_ids(compiled)), None))


def _points_alone(compiled: Compiled, outcome: Outcome, solver: FlowSolver, time_left: TimeLeft) -> int | None:
    """The total that the objective ``points`` would reach; None where it was not found in time."""
    model = compiled.model
    if outcome.status != "optimal":
        return None
    if model.objective == "points":
        return product(outcome.allocation.points, outcome.allocation.units)
    alone = replace(model, objective="points", fairness=Fairness())
    if model.conditions.needs:
        best = optimise(alone, solver=solver, time_left=time_left)
        return best.objective[0] if best.status == "optimal" else None
    layers = Layers(alone)
    return layers.worth(layers.optimum(NO_TERMS, solver).units)[0]


def _reason(compiled: Compiled, outcome: Outcome) -> Mapping[str, Any] | None:
    """Why nothing is proposed, with ids in the place of positions."""
    if outcome.status == "time_limit" and not outcome.objective:
        return {"code": Obstacle.NOTHING_FOUND, "params": {}}
    if outcome.status != "infeasible":
        return None
    found = outcome.obstacle or {"code": Obstacle.CONDITIONS_CONFLICT, "params": {}}
    if found["code"] == Obstacle.CONDITIONS_CONFLICT and not _quotas_or_substitutes(compiled):
        return {"code": Obstacle.PIN_SPLITS_GROUP, "params": {}}
    return obstruction.named(found, _ids(compiled))


def _quotas_or_substitutes(compiled: Compiled) -> bool:
    problem = compiled.judged.facts.problem
    return bool(problem.strategy.quotas or problem.record.substitutes)


def _ids(compiled: Compiled) -> dict[str, Sequence[str]]:
    """What the positions of a model stand for."""
    problem = compiled.judged.facts.problem
    return {
        "needs": problem.rows.names(),
        "offers": [offer.id for offer in problem.offers],
        "states": [state.id for state in problem.states],
        "groups": compiled.groups,
        "providers": compiled.providers,
        "bundles": [problem.needs.ids[need] for need in problem.members_of],
        "substitutes": ["|".join(pair) for pair in problem.record.substitutes],
    }


def _proof_ids(compiled: Compiled) -> Ids:
    """States that ask for nothing, and groups of none but such States, have no part in the proof."""
    ids, model = _ids(compiled), compiled.model
    return Ids(
        offers=ids["offers"],
        providers=ids["providers"],
        states=_asking(ids["states"], model.asked),
        groups=_asking(ids["groups"], model.n_asking),
    )


def _asking(names: Sequence[str], asked: Ints) -> list[str | None]:
    return [name if units else None for name, units in zip(names, asked.tolist(), strict=True)]
