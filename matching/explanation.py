"""Everything a run can say for itself beside its result, as data with codes: written once, stored, never hashed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matching.alternates import alternates
from matching.edits import NotWarm
from matching.model import Outcome
from matching.overlaps import reaches
from matching.pooling import pools
from matching.profiles import Compiled
from matching.regrets import Regret, Regrets
from matching.shadow import shadows
from matching.smallest import SmallestChanges
from matching.warm import Warm

Json = dict[str, Any]

FORMAT = "matching-explanation/1"
SHOWN = 5
"""Runner-ups, rivals and alternates written at most for each pairing."""


def explanation(compiled: Compiled, outcome: Outcome) -> Json:
    """The explanation of an optimal outcome.

    ``pairings`` is None where the problem is too large for a table of all losses; ask pair by pair then (`Warm`).
    """
    problem, warm = compiled.judged.facts.problem, Warm(compiled.model, outcome)
    return {
        "format": FORMAT,
        "conditions_kept": warm.conditions_kept,
        "pairings": _pairings(compiled, warm),
        "unmatched": _unmatched(compiled, outcome),
        "offers": [
            {"offer": problem.offers[reach.offer].id, "use": str(reach.use), "units": reach.units, "used": reach.used}
            | {"eligible": reach.eligible, "shared": reach.shared, "rules": reach.rules}
            for reach in reaches(compiled, outcome)
        ],
        "shadows": [
            {"domain": each.domain, "subregion": each.subregion, "gain": list(each.gain), "eligible": each.eligible}
            for each in shadows(problem, warm)
        ],
        "pools": [
            {
                "group": each.candidate.group,
                "domain": each.candidate.domain,
                "modality": each.candidate.modality,
                "needs": [need.id for need in each.candidate.needs],
                "offer": each.offer,
                "gain": list(each.gain),
                "met": [each.met_before, each.met_after],
            }
            for each in pools(compiled, outcome)
        ],
    }


def _pairings(compiled: Compiled, warm: Warm) -> list[Json] | None:
    """For each pairing: offers next in line for its need, needs next in line for its offer, and alternates."""
    try:
        regrets = Regrets(warm)
    except NotWarm:
        return None
    offers = compiled.judged.facts.problem.offers
    allocation = warm.outcome.allocation
    written = []
    for need, offer in zip(allocation.need.tolist(), allocation.offer.tolist(), strict=True):
        written.append(
            {
                **_row(compiled, need),
                "offer": offers[offer].id,
                "runner_ups": [
                    {"offer": offers[other].id, **_lost(compiled, regret)}
                    for other, regret in regrets.runner_ups(need)[:SHOWN]
                ],
                "rivals": [
                    {**_row(compiled, other), **_lost(compiled, regret)}
                    for other, regret in regrets.rivals(offer)[:SHOWN]
                ],
                "alternates": [
                    {"offer": offers[each.offer].id, "free": each.free, **_lost(compiled, each.regret)}
                    for each in alternates(regrets, need, offer)[:SHOWN]
                ],
            }
        )
    return written


def _unmatched(compiled: Compiled, outcome: Outcome) -> list[Json]:
    """The smallest change for each row that is not served in full."""
    smallest = SmallestChanges(compiled, outcome)
    served = np.zeros(compiled.model.n_needs, dtype=np.int64)
    np.add.at(served, outcome.allocation.need, outcome.allocation.units)
    short = np.flatnonzero(served < compiled.judged.facts.row_units).tolist()
    return [{**_row(compiled, row), **smallest.document(row)} for row in short]


def _row(compiled: Compiled, row: int) -> Json:
    problem = compiled.judged.facts.problem
    return {"need": problem.needs.ids[problem.rows.need[row]], "member": problem.rows.member_of(row)}


def _lost(compiled: Compiled, regret: Regret) -> Json:
    return {"loss": list(regret.loss), "losers": _losers(compiled, regret.losers)}


def _losers(compiled: Compiled, losers: Mapping[int, int]) -> Sequence[Json]:
    return [{**_row(compiled, need), "units": units} for need, units in sorted(losers.items())]
