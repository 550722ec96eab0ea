"""The optimiser: pins kept, then the best of what is left, exactly; and the result written out."""

from collections.abc import Callable
from datetime import date
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from matching.choice import TimeLeft
from matching.codes import Obstacle
from matching.eligibility import Eligibility, evaluate
from matching.explain import Pairings
from matching.facts import Facts, Ints
from matching.fairness import Fairness
from matching.flow import FlowSolver, minimum_cost_flow
from matching.groups import best_outcome
from matching.network import Model
from matching.pins import Pins, obstacle
from matching.problem import Problem
from matching.result import Result, Verdict, total_points, units_by_state, write
from matching.scoring import Scoring
from matching.ties import drawn

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
    tell("eligibility", 0.0)
    facts = Facts(problem)
    eligibility = evaluate(facts)
    tell("scoring", 0.3)
    scoring = Scoring(facts)
    points = scoring.points(eligibility.row, eligibility.offer)
    tell("solving", 0.5)
    pins = Pins.of(facts)
    impossible = obstacle(facts, pins)
    if impossible is not None:
        return write(facts, eligibility, scoring, _none(), Verdict("infeasible", [], [], impossible))
    search = _Search(facts, eligibility, scoring, points, pins)
    pairings, verdict = search.best(solver, lambda: None if deadline is None else deadline - monotonic())
    tell("explaining", 0.9)
    result = write(facts, eligibility, scoring, pairings, verdict)
    tell("done", 1.0)
    return result


class _Search:
    """The model of a problem, its value as the objective has it, and its best pairings."""

    def __init__(self, facts: Facts, eligibility: Eligibility, scoring: Scoring, points: Ints, pins: Pins) -> None:
        self._facts, self._eligibility, self._points, self._pins = facts, eligibility, points, pins
        self._fairness = Fairness(facts.problem)
        self._pinned = np.zeros(len(eligibility.row), dtype=np.int64)
        self._pinned[self._positions(pins)] = pins.units
        self._scoring = scoring

    def _positions(self, pins: Pins) -> Ints:
        """Where among the eligible pairs the pinned ones stand."""
        width = self._facts.n_offers
        return np.searchsorted(self._eligibility.row * width + self._eligibility.offer, pins.row * width + pins.offer)

    def best(self, solver: FlowSolver, time_left: TimeLeft) -> tuple[Pairings, Verdict]:
        """Pairings, pins included, and how the search ended."""
        outcome = best_outcome(self._model(), self._value, solver, time_left)
        if outcome.units is None and outcome.finished:
            return _none(), Verdict("infeasible", [], [], {"code": Obstacle.PIN_SPLITS_GROUP, "params": {}})
        status = "optimal" if outcome.finished else "time_limit"
        if outcome.units is None:
            return _none(), Verdict(status, [], [outcome.bound], {"code": Obstacle.NOTHING_FOUND, "params": {}})
        pairings = self._pairings(outcome.units)
        return pairings, Verdict(status, [self._value(outcome.units)], [outcome.bound])

    def _pairings(self, units: Ints) -> Pairings:
        total = units + self._pinned
        chosen = np.flatnonzero(total)
        pairs = self._eligibility
        return Pairings(pairs.row[chosen], pairs.offer[chosen], total[chosen], self._points[chosen])

    def _value(self, units: Ints) -> int:
        """The objective: points, and what equal treatment adds."""
        pairings = self._pairings(units)
        return total_points(pairings) + self._fairness.gain(units_by_state(self._facts, pairings))

    def _model(self) -> Model:
        facts, problem = self._facts, self._facts.problem
        quarter = problem.record.quarter
        names = [
            f"{problem.needs[row.need].id}|{row.member}" if row.member else problem.needs[row.need].id
            for row in problem.rows
        ]
        row_lot = drawn(quarter, names)
        kept = self._pins.per_row(facts)
        kept_by_state: dict[str, int] = {}
        for position in np.flatnonzero(kept).tolist():
            row = problem.rows[position]
            if problem.counts_for_state(row):
                state = row.beneficiaries[0]
                kept_by_state[state] = kept_by_state.get(state, 0) + int(kept[position])
        return Model(
            facts=facts,
            fairness=self._fairness,
            row=self._eligibility.row,
            offer=self._eligibility.offer,
            points=self._points,
            kept=kept,
            kept_by_state=kept_by_state,
            asked=facts.row_units - kept,
            capacity=facts.offer_units - self._pins.per_offer(facts),
            place=self._places(row_lot),
            row_lot=row_lot,
            offer_lot=drawn(quarter, (offer.id for offer in problem.offers)),
        )

    def _places(self, lot: NDArray[np.uint64]) -> Ints:
        """Place of each row among rows of equal worth, from 1: most urgent first, then oldest, then as drawn."""
        days = [need.date.toordinal() if need.date else date.max.toordinal() for need in self._facts.problem.needs]
        day = np.array(days, dtype=np.int64)[self._facts.row_need] if days else np.zeros(0, dtype=np.int64)
        place = np.empty(self._facts.n_rows, dtype=np.int64)
        place[np.lexsort((lot, day, -self._scoring.urgency))] = np.arange(1, self._facts.n_rows + 1)
        return place


def _none() -> Pairings:
    return Pairings(*(np.zeros(0, dtype=np.int64) for _ in range(4)))
