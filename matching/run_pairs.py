"""A run of the attribute form as a problem of the pair form: its rows are needs, its eligible pairs have points."""

from typing import Any, NamedTuple

import numpy as np

from matching.certificate.attributes import name_of
from matching.eligibility import evaluate
from matching.facts import Facts, Ints
from matching.problem import Problem
from matching.scoring import Scoring
from matching.strategy import slopes_of


class EligiblePairs(NamedTuple):
    """Positions of rows and offers, and the points of a unit."""

    row: Ints
    offer: Ints
    points: Ints

    @classmethod
    def none(cls) -> "EligiblePairs":
        """No pairs."""
        return cls(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


def eligible_pairs(problem: Problem) -> EligiblePairs:
    """All pairs that the rules allow."""
    facts = Facts(problem)
    allowed = evaluate(facts)
    return EligiblePairs(allowed.row, allowed.offer, Scoring(facts).points(allowed.row, allowed.offer))


def pairs_of(problem: Problem, pairs: EligiblePairs) -> dict[str, Any]:
    """The document of the pair form that asks the same of these pairs. Its needs are the problem's rows, in order."""
    record, strategy = problem.record, problem.strategy
    state_slopes, group_slopes = slopes_of(strategy)
    names = [name_of(problem.needs[row.need].id, row.member) for row in problem.rows]
    return {
        "format": "matching/1",
        "objective": strategy.objective,
        "quarter": record.quarter,
        "needs": [
            {
                "id": name,
                "state": row.beneficiaries[0] if problem.counts_for_state(row) else None,
                "units": row.units,
            }
            for name, row in zip(names, problem.rows, strict=True)
        ],
        "offers": [{"id": offer.id, "units": offer.units, "provider": offer.provider} for offer in problem.offers],
        "pairs": {"need": pairs.row.tolist(), "offer": pairs.offer.tolist(), "points": pairs.points.tolist()},
        "states": [
            {
                "id": name,
                "group": problem.state_of[name].regional_group,
                "received": problem.state_of[name].received,
            }
            for name in sorted(problem.asking)
        ],
        "groups": _groups(problem, names),
        "providers": [{"id": provider.id, "most": provider.units} for provider in record.providers],
        "substitutes": [list(pair) for pair in record.substitutes],
        "fairness": {"state": list(state_slopes), "group": list(group_slopes)},
        "pinned": [
            {"need": name_of(pin.need, pin.member), "offer": pin.offer, "units": pin.units} for pin in record.pinned
        ],
    }


def _groups(problem: Problem, names: list[str]) -> list[dict[str, Any]]:
    """Members of each need that is delivered per member, with the least number of them."""
    return [
        {
            "id": problem.needs[need].id,
            "needs": [names[row] for row in rows],
            "least": problem.least_members(need),
        }
        for need, rows in sorted(problem.members_of.items())
    ]
