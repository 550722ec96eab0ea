"""Pinned pairings: units that people have decided to keep, and the decisions that cannot be kept."""

from dataclasses import dataclass

import numpy as np

from matching.arrays import Ints, totals
from matching.attributes.eligibility import first_failing
from matching.attributes.facts import Facts
from matching.codes import Obstacle


@dataclass(frozen=True)
class Pins:
    """Positions of rows and offers, and the units pinned to each such pair."""

    row: Ints
    offer: Ints
    units: Ints

    @classmethod
    def of(cls, facts: Facts) -> "Pins":
        """The pins of a problem, in canonical order."""
        problem = facts.problem
        pinned = problem.record.pinned
        rows = [problem.rows.of(problem.position_of_need(pin.need), pin.member) for pin in pinned]
        offers = [problem.offer_of[pin.offer] for pin in pinned]
        return cls(*(np.array(part, dtype=np.int64) for part in (rows, offers, [pin.units for pin in pinned])))

    def per_row(self, facts: Facts) -> Ints:
        """Units pinned to each row."""
        return totals(self.row, self.units, facts.n_rows)

    def per_offer(self, facts: Facts) -> Ints:
        """Units pinned to each offer."""
        return totals(self.offer, self.units, facts.n_offers)


def obstacle(facts: Facts, pins: Pins) -> dict[str, object] | None:
    """The first pin, need or offer for which the pins cannot all be kept, as a code with parameters."""
    problem = facts.problem
    for row, offer in zip(pins.row.tolist(), pins.offer.tolist(), strict=True):
        rule = first_failing(facts, row, offer)
        if rule is not None:
            pair = {**_names(facts, row), "offer": problem.offers[offer].id}
            return {"code": Obstacle.PIN_NOT_ELIGIBLE, "params": {**pair, "rule": rule}}
        need = int(facts.row_need[row])
        if problem.rows.member[row] >= 0 and problem.least_members(need) > len(problem.needs[need].states):
            return {"code": Obstacle.PIN_SPLITS_GROUP, "params": {}}
    for row in np.flatnonzero(pins.per_row(facts) > facts.row_units).tolist():
        units = {"pinned": int(pins.per_row(facts)[row]), "units": int(facts.row_units[row])}
        return {"code": Obstacle.PIN_OVER_NEED, "params": {**_names(facts, row), **units}}
    for offer in np.flatnonzero(pins.per_offer(facts) > facts.offer_units).tolist():
        units = {"pinned": int(pins.per_offer(facts)[offer]), "units": int(facts.offer_units[offer])}
        return {"code": Obstacle.PIN_OVER_CAPACITY, "params": {"offer": problem.offers[offer].id, **units}}
    return None


def _names(facts: Facts, row: int) -> dict[str, object]:
    record = facts.problem.rows[row]
    return {"need": facts.problem.needs[record.need].id, "member": record.member}
