"""A run of the attribute form as a problem of the pair form: its rows are needs, its eligible pairs have points."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from matching.arrays import Ints
from matching.attributes.eligibility import evaluate
from matching.attributes.facts import Facts
from matching.attributes.problem import Problem
from matching.attributes.scoring import Scoring
from matching.attributes.strategy import Quota, slopes_of
from matching.certificate.attributes import name_of


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
    """All pairs that the rules allow, of rows that can be served at all."""
    facts = Facts(problem)
    allowed = evaluate(facts)
    can_be = ~facts.never_served[allowed.row]
    row, offer = allowed.row[can_be], allowed.offer[can_be]
    return EligiblePairs(row, offer, Scoring(facts).points(row, offer))


def pairs_of(problem: Problem, pairs: EligiblePairs) -> dict[str, Any]:
    """The document of the pair form that asks the same of these pairs. Its needs are the problem's rows, in order."""
    strategy = problem.strategy
    state_slopes, group_slopes = slopes_of(strategy)
    names, quotas = problem.rows.names(), _Quotas(problem)
    return {
        "format": "matching/1",
        "objective": strategy.objective,
        "quarter": problem.record.quarter,
        "needs": _needs(problem, names, quotas),
        "offers": [
            {"id": offer.id, "provider": offer.provider, **quotas.within("offer", offer.id, offer.units)}
            for offer in problem.offers
        ],
        "pairs": {"need": pairs.row.tolist(), "offer": pairs.offer.tolist(), "points": pairs.points.tolist()},
        "states": [
            {
                "id": state.id,
                "group": state.regional_group,
                "received": state.received,
                **quotas.limits("state", state.id),
            }
            for state in problem.states
            if state.id in problem.asking or state.id in quotas.of["state"]
        ],
        "regional_groups": [
            {"id": name, **quotas.limits("regional_group", name)} for name in quotas.of["regional_group"]
        ],
        "groups": _groups(problem, names),
        "providers": _providers(problem, quotas),
        "substitutes": [list(pair) for pair in problem.record.substitutes],
        "fairness": {"state": list(state_slopes), "group": list(group_slopes)},
        "pinned": [
            {"need": name_of(pin.need, pin.member), "offer": pin.offer, "units": pin.units}
            for pin in problem.record.pinned
        ],
    }


class _Quotas:
    """The quotas of a strategy by kind and id."""

    def __init__(self, problem: Problem) -> None:
        self.of: dict[str, dict[str, Quota]] = defaultdict(dict)
        for quota in problem.strategy.quotas:
            self.of[quota.kind][quota.id] = quota

    def limits(self, kind: str, name: str, most: int | None = None) -> dict[str, int]:
        """The least and the most of something, which has ``most`` anyhow, as far as they are limited."""
        quota = self.of[kind].get(name)
        least = quota.least if quota else None
        tops = [top for top in (most, quota.most if quota else None) if top is not None]
        return ({"least": least} if least else {}) | ({"most": min(tops)} if tops else {})

    def within(self, kind: str, name: str, units: int) -> dict[str, int]:
        """The units of a need or an offer, and how many of them are to be served or given."""
        limits = self.limits(kind, name, units)
        return {"units": limits.pop("most"), **limits}


def _needs(problem: Problem, names: Sequence[str], quotas: _Quotas) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "state": row.beneficiaries[0] if problem.counts_for_state(row) else None,
            **quotas.within("need", name, row.units),
        }
        for name, row in zip(names, problem.rows, strict=True)
    ]


def _providers(problem: Problem, quotas: _Quotas) -> list[dict[str, Any]]:
    most = {provider.id: provider.units for provider in problem.record.providers}
    return [
        {"id": name, **quotas.limits("provider", name, most.get(name))}
        for name in sorted(most.keys() | quotas.of["provider"].keys())
    ]


def _groups(problem: Problem, names: Sequence[str]) -> list[dict[str, Any]]:
    """Members of each need that is delivered per member, with the least number of them."""
    return [
        {"id": problem.needs.ids[need], "needs": [names[row] for row in rows], "least": problem.least_members(need)}
        for need, rows in sorted(problem.members_of.items())
        if problem.least_members(need) <= len(rows)
    ]
