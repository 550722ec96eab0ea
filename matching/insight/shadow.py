"""What one more unit would add, by subject and subregion: where outreach, a programme or a fund would do most.

The unit is that of a stated *standard offer*: this domain, this subregion, every form of assistance, weapon scope and
language, no condition, of a provider that is nobody in the record. What it adds is the best residual path from the
ground to a need it may serve; potentials are those distances, so degenerate optima are told exactly too.
"""

from dataclasses import dataclass

import numpy as np

from matching.arrays import Bools, Ints
from matching.attributes.eligibility import evaluate
from matching.attributes.excerpt import excerpt
from matching.attributes.facts import Facts
from matching.attributes.problem import Problem
from matching.attributes.records import UNSPECIFIC, Offer
from matching.attributes.scoring import Scoring
from matching.insight.warm import Warm

NOBODYS = "organization:~STANDARD"
"""The provider of standard offers: a reference that no party has."""


@dataclass(frozen=True)
class Shadow:
    """What a unit of a domain in a subregion adds to the optimum, level by level, and how many rows it might serve."""

    domain: str
    subregion: str
    gain: tuple[int, ...]
    eligible: int


def shadows(problem: Problem, warm: Warm) -> list[Shadow]:
    """The shadow price of each domain that is asked for in each subregion that asks, by domain, then subregion.

    ``warm`` is the optimum of the problem's model, whose needs are the problem's rows.
    """
    offers = standard_offers(problem)
    if not offers:
        return []
    facts = Facts(excerpt(problem, problem.needs, offers))
    eligibility, scoring = evaluate(facts), Scoring(facts)
    rows, columns = eligibility.row, eligibility.offer
    point = warm.circulation.weights.scale.point
    distance, possible = _rows(warm)
    affinity = scoring.points(rows, columns) - warm.model.needs.urgency[rows]
    weight = affinity.astype(distance.dtype) * point - distance[rows]
    best = np.zeros(len(offers), dtype=distance.dtype)
    np.maximum.at(best, columns[possible[rows]], weight[possible[rows]])
    counted = np.bincount(columns, minlength=len(offers)).tolist()
    levels = warm.circulation.weights.scale.levels
    return [
        Shadow(offer.domains[0], offer.regions[0], levels(int(gain)), number)
        for offer, gain, number in zip(offers, best.tolist(), counted, strict=True)
    ]


def standard_offers(problem: Problem) -> list[Offer]:
    """The standard offer of one unit of each domain asked for in each subregion with a beneficiary."""

    def codes(name: str) -> tuple[str, ...]:
        return tuple(sorted({code for wanted in problem.needs.column(name).values for code in wanted}))

    domains = sorted({*problem.needs.column("domain").values} - {UNSPECIFIC})
    states = {code for beneficiaries in problem.rows.sets for code in beneficiaries}
    subregions = sorted({problem.state_of[code].subregion for code in states})
    return [
        Offer(
            id=f"~{domain}~{subregion}",
            provider=NOBODYS,
            domains=(domain,),
            regions=(subregion,),
            units=1,
            modalities=codes("modalities"),
            scopes=codes("scopes"),
            languages=codes("languages"),
        )
        for domain in domains
        for subregion in subregions
    ]


def _rows(warm: Warm) -> tuple[Ints, Bools]:
    """The shortest residual way from the ground to one more unit for each need, and for which there is one.

    A need that is served passes a unit on to whoever gains most in its profile; one that is not has to be served.
    """
    at, n = warm.circulation, warm.model.n_needs
    needs, known = at.needs, at.reached
    head, tail = needs.head[:n], needs.tail[:n]
    served = needs.flow[:n] > 0
    distance = np.where(served, at.potential[head], at.potential[tail] - needs.up[:n])
    return distance, np.where(served, known[head], known[tail] & (needs.most[:n] > 0))
