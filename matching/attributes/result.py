"""The result document: what a run proposes, why the rest is unserved, and the hashes of what went in and came out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matching.arrays import totals
from matching.attributes.eligibility import RULES, Eligibility
from matching.attributes.explain import Pairings, Unmatched, rests_on
from matching.attributes.facts import Facts
from matching.attributes.profiles import Compiled, Judged
from matching.attributes.scoring import Scoring
from matching.canonical import hash_of_result
from matching.model import Allocation, Outcome
from matching.optimum.exact import product

FORMAT = "matching-result/1"


@dataclass(frozen=True)
class Solved:
    """A model and its optimum, for questions about them (`explanation`)."""

    compiled: Compiled
    outcome: Outcome


@dataclass(frozen=True)
class Result:
    """A finished solve: its canonical document, with both hashes; and what was solved, if to the optimum."""

    document: Mapping[str, Any]
    solved: Solved | None = field(default=None, repr=False, compare=False)

    @property
    def input_hash(self) -> str:
        """SHA-256 of the canonical problem and strategy."""
        return str(self.document["input_hash"])

    @property
    def result_hash(self) -> str:
        """SHA-256 of the document without this hash, and without what proves it."""
        return str(self.document["result_hash"])


@dataclass(frozen=True)
class Told:
    """What is told of a search beside its outcome.

    ``reason`` is the obstacle, where there is one. ``certificate`` is the proof by ids. ``points_alone`` is the total
    that the objective ``points`` would reach, None where that is not known.
    """

    reason: Mapping[str, Any] | None = None
    certificate: Mapping[str, Any] | None = None
    points_alone: int | None = None


def write(judged: Judged, outcome: Outcome, told: Told) -> Result:
    """The document of a search that ended like this."""
    facts, eligibility, scoring = judged.facts, judged.eligibility, judged.scoring
    pairings = pairings_of(outcome.allocation)
    total = product(pairings.points, pairings.units)
    price = None if told.points_alone is None else {"points": told.points_alone, "total": total}
    document = {
        "format": FORMAT,
        "status": outcome.status,
        "objective": list(outcome.objective),
        "bound": list(outcome.bound),
        "solver_bound": None if outcome.solver_bound is None else list(outcome.solver_bound),
        "reason": told.reason,
        "total": total,
        "units": int(pairings.units.sum()),
        "price_of_fairness": price,
        "pairings": written_pairings(facts, scoring, pairings),
        "unmatched": list(Unmatched(facts, eligibility, scoring, pairings).entries()),
        "served": served(facts, pairings),
        "rules": removed_pairs(eligibility),
        "eligible_pairs": eligibility.n_pairs,
        "certificate": told.certificate,
        "input_hash": facts.problem.input_hash,
    }
    return Result({**document, "result_hash": hash_of_result(document)})


def pairings_of(allocation: Allocation) -> Pairings:
    """An allocation of a problem's model: its needs are the problem's rows."""
    return Pairings(allocation.need, allocation.offer, allocation.units, allocation.points)


def written_pairings(facts: Facts, scoring: Scoring, pairings: Pairings) -> list[dict[str, Any]]:
    """Each pairing with its points by term (terms of no points left out) and the unstated facts it rests on."""
    problem = facts.problem
    rules = [rule for rule in RULES if problem.strategy.applies(rule)]
    terms = {str(term): values.tolist() for term, values in scoring.terms(pairings.row, pairings.offer).items()}
    written = []
    for number, (row, offer) in enumerate(zip(pairings.row.tolist(), pairings.offer.tolist(), strict=True)):
        need = problem.needs[int(problem.rows.need[row])]
        earned = {term: values[number] for term, values in terms.items() if values[number]}
        written.append(
            {
                "need": need.id,
                "member": problem.rows.member_of(row),
                "offer": problem.offers[offer].id,
                "units": int(pairings.units[number]),
                "points": int(pairings.points[number]),
                "terms": earned,
                "rests_on": rests_on(need, problem.offers[offer], rules, earned),
            }
        )
    return written


def served(facts: Facts, pairings: Pairings) -> dict[str, list[int]]:
    """Units served and units asked of each State that asks, joint activities aside."""
    units = totals(facts.row_asking[pairings.row], pairings.units, len(facts.asking))
    asked = facts.problem.asking
    return {state: [number, asked[state]] for state, number in zip(facts.asking, units.tolist(), strict=True)}


def removed_pairs(eligibility: Eligibility) -> dict[str, int]:
    """How many pairs each rule removed; rules that removed none are left out."""
    return {
        str(rule): number for rule, number in zip(RULES, eligibility.removed_pairs().tolist(), strict=True) if number
    }
