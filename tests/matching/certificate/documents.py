"""Problems that answers are checked against, and answers that claim to be the best."""

import random
from typing import Any

from matching.certificate import Verdict
from matching.certificate.digests import hash_of_problem
from matching.certificate.figures import objective, served
from matching.certificate.proposal import Proposal
from matching.certificate.reading import read
from matching.errors import InvalidProblem
from matching.pairs.document import PairsProblem
from tests.matching import brute
from tests.matching.pair_answers import Json, model_of, rehashed
from tests.matching.pair_draws import drawn_document


def document(objective: str = "equal_treatment") -> Json:
    """Quotas of every kind, a pin, a forbidden pair, a cap, a joint need; more is asked than there is."""
    return {
        "format": "matching/1",
        "objective": objective,
        "quarter": "2015-Q2",
        "needs": [
            {"id": "ALB-1", "state": "ALB", "units": 3},
            {"id": "ARM-1", "state": "ARM", "units": 2, "least": 1},
            {"id": "FJI-1", "state": "FJI", "units": 2},
            {"id": "FJI-2", "state": "FJI", "units": 1},
            {"id": "PIF-1", "state": None, "units": 1},
        ],
        "offers": [
            {"id": "AUS-1", "units": 2, "provider": "AUS"},
            {"id": "AUS-2", "units": 3, "provider": "AUS"},
            {"id": "CHE-1", "units": 2, "least": 1},
        ],
        "pairs": [
            {"need": "ALB-1", "offer": "AUS-1", "points": 9},
            {"need": "ALB-1", "offer": "AUS-2", "points": 8, "units": 1},
            {"need": "ALB-1", "offer": "CHE-1", "points": 1},
            {"need": "ARM-1", "offer": "AUS-1", "points": 3},
            {"need": "ARM-1", "offer": "CHE-1", "points": 3},
            {"need": "FJI-1", "offer": "AUS-2", "points": 6},
            {"need": "FJI-1", "offer": "CHE-1", "points": 7},
            {"need": "FJI-2", "offer": "AUS-2", "points": 6},
            {"need": "PIF-1", "offer": "AUS-1", "points": 2},
            {"need": "PIF-1", "offer": "AUS-2", "points": 4},
        ],
        "states": [
            {"id": "ALB", "group": "EEG", "received": 1, "most": 2},
            {"id": "ARM", "group": "EEG"},
            {"id": "FJI", "group": "APG", "least": 1},
        ],
        "regional_groups": [{"id": "EEG", "most": 3}],
        "providers": [{"id": "AUS", "most": 4}],
        "fairness": {"state": [6, 3, 1], "group": [2, 1, 0]},
        "pinned": [{"need": "FJI-2", "offer": "AUS-2", "units": 1}],
        "forbidden": [{"need": "FJI-1", "offer": "CHE-1"}],
    }


def conditioned() -> Json:
    """Two needs served together or not at all, of which the flow without that condition would serve one."""
    return {
        "objective": "points",
        "needs": [{"id": name, "state": name, "units": 1} for name in ("A", "B", "C")],
        "offers": [{"id": "X", "units": 2}],
        "pairs": [{"need": name, "offer": "X", "points": points} for name, points in (("A", 5), ("B", 1), ("C", 3))],
        "groups": [{"id": "both", "needs": ["A", "B"]}],
        "substitutes": [["A", "C"]],
    }


def codes(verdict: Verdict) -> set[str]:
    return {defect.code for defect in verdict.defects}


def drawn(seed: int, **limits: Any) -> Json | None:
    """The document of a seed, None where it contradicts itself."""
    drawn = drawn_document(random.Random(seed), **limits)
    try:
        PairsProblem.from_document(drawn)
    except InvalidProblem:
        return None
    return drawn


def allocations(problem: Json, fewest: int = 0) -> list[list[Json]]:
    """Feasible allocations of a problem, as answers list pairs; none where it contradicts itself."""
    try:
        checked = PairsProblem.from_document(problem)
    except InvalidProblem:
        return []
    needs, offers = [need.id for need in checked.needs], [offer.id for offer in checked.offers]
    return [
        [{"need": needs[i], "offer": offers[j], "units": x} for (i, j), x in sorted(units.items())]
        for units in brute.allocations(model_of(problem))
        if len(units) >= fewest
    ]


def pretended(problem: Json, pairs: list[Json], certificate: Any) -> Json:
    """An answer that is consistent in itself and says that these pairs are the best."""
    proposal = Proposal.of(read(problem), pairs)
    worth = objective(proposal)
    return rehashed(
        {
            "status": "optimal",
            "total": proposal.points,
            "objective": worth,
            "bound": worth,
            "units": proposal.units,
            "pairs": pairs,
            "served": served(proposal),
            "certificate": certificate,
            "input_hash": hash_of_problem(problem),
        }
    )
