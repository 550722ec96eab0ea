"""The result document: what a run proposes, why the rest is unserved, and the hashes of what went in and came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.canonical import hash_of_result
from matching.eligibility import RULES, Eligibility
from matching.explain import Pairings, Unmatched, rests_on
from matching.facts import Facts
from matching.scoring import Scoring

FORMAT = "matching-result/1"


@dataclass(frozen=True)
class Result:
    """A finished solve: its canonical document, with both hashes."""

    document: Mapping[str, Any]

    @property
    def input_hash(self) -> str:
        """SHA-256 of the canonical problem and strategy."""
        return str(self.document["input_hash"])

    @property
    def result_hash(self) -> str:
        """SHA-256 of the document without this hash."""
        return str(self.document["result_hash"])


@dataclass(frozen=True)
class Verdict:
    """How the solve ended: objective and bound are lists in lexicographic order, empty where nothing was found."""

    status: str
    objective: Sequence[int]
    bound: Sequence[int]
    reason: Mapping[str, Any] | None = None


def write(facts: Facts, eligibility: Eligibility, scoring: Scoring, pairings: Pairings, verdict: Verdict) -> Result:
    """The document of a solve that ended with these pairings, which are sorted by row, then offer."""
    problem = facts.problem
    document = {
        "format": FORMAT,
        "status": verdict.status,
        "objective": list(verdict.objective),
        "bound": list(verdict.bound),
        "reason": verdict.reason,
        "total": total_points(pairings),
        "units": int(pairings.units.sum()),
        "pairings": written_pairings(facts, scoring, pairings),
        "unmatched": list(Unmatched(facts, eligibility, scoring, pairings).entries()),
        "served": served(facts, pairings),
        "rules": removed_pairs(eligibility),
        "eligible_pairs": len(eligibility.row),
        "input_hash": problem.input_hash,
    }
    return Result({**document, "result_hash": hash_of_result(document)})


def total_points(pairings: Pairings) -> int:
    """Points times units, summed in integers of any size."""
    most = int(np.abs(pairings.points).max(initial=0)) * int(pairings.units.sum())
    if most < 2**63:
        return int(pairings.points @ pairings.units)
    return sum(p * u for p, u in zip(pairings.points.tolist(), pairings.units.tolist(), strict=True))


def written_pairings(facts: Facts, scoring: Scoring, pairings: Pairings) -> list[dict[str, Any]]:
    """Each pairing with its points by term (terms of no points left out) and the unstated facts it rests on."""
    problem = facts.problem
    rules = [rule for rule in RULES if problem.strategy.applies(rule)]
    terms = {str(term): values.tolist() for term, values in scoring.terms(pairings.row, pairings.offer).items()}
    written = []
    for number, (row, offer) in enumerate(zip(pairings.row.tolist(), pairings.offer.tolist(), strict=True)):
        record = problem.rows[row]
        need = problem.needs[record.need]
        earned = {term: values[number] for term, values in terms.items() if values[number]}
        written.append(
            {
                "need": need.id,
                "member": record.member,
                "offer": problem.offers[offer].id,
                "units": int(pairings.units[number]),
                "points": int(pairings.points[number]),
                "terms": earned,
                "rests_on": rests_on(need, problem.offers[offer], rules, earned),
            }
        )
    return written


def units_by_state(facts: Facts, pairings: Pairings) -> dict[str, int]:
    """Units served to each State that asks, joint activities aside."""
    units = np.zeros(len(facts.asking) + 1, dtype=np.int64)
    np.add.at(units, facts.row_asking[pairings.row], pairings.units)
    return dict(zip(facts.asking, units[:-1].tolist(), strict=True))


def served(facts: Facts, pairings: Pairings) -> dict[str, list[int]]:
    """Units served and units asked of each State that asks."""
    asked = facts.problem.asking
    return {state: [units, asked[state]] for state, units in sorted(units_by_state(facts, pairings).items())}


def removed_pairs(eligibility: Eligibility) -> dict[str, int]:
    """How many pairs each rule removed; rules that removed none are left out."""
    removed = eligibility.removed.sum(axis=0).tolist() if len(eligibility.removed) else [0] * len(RULES)
    return {str(rule): number for rule, number in zip(RULES, removed, strict=True) if number}
