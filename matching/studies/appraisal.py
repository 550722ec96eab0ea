"""What given pairs are worth under the strategy of a problem, whether or not anything proposes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching.attributes.eligibility import first_failing
from matching.attributes.facts import Facts
from matching.attributes.problem import Problem
from matching.attributes.scoring import Scoring
from matching.studies.changes import Pair


@dataclass(frozen=True)
class Appraisal:
    """Points of one unit and the terms that they are the sum of (those of no points left out).

    Where a rule keeps need and offer apart, ``rule`` is its code, and there are neither points nor terms.
    """

    rule: str | None
    points: int | None
    terms: Mapping[str, int]


def appraise(document: Mapping[str, Any], pairs: Sequence[Pair]) -> list[Appraisal]:
    """Appraise pairs of a problem document. Raises InvalidProblem, or KeyError for a pair that is not in it.

    Only the needs and offers of the pairs are read, so that a few pairs of a large problem take no time.
    """
    problem = Problem.from_document(_about(document, pairs))
    facts = Facts(problem)
    rows = np.array([problem.row_of[need, member or None] for need, member, _ in pairs], dtype=np.int64)
    offers = np.array([problem.offer_of[offer] for _, _, offer in pairs], dtype=np.int64)
    terms = {str(term): values.tolist() for term, values in Scoring(facts).terms(rows, offers).items()}
    appraised = []
    for place, (row, offer) in enumerate(zip(rows.tolist(), offers.tolist(), strict=True)):
        rule = first_failing(facts, row, offer)
        if rule is None:
            earned = {term: values[place] for term, values in terms.items() if values[place]}
            appraised.append(Appraisal(None, sum(earned.values()), earned))
        else:
            appraised.append(Appraisal(str(rule), None, {}))
    return appraised


def _about(document: Mapping[str, Any], pairs: Iterable[Pair]) -> dict[str, Any]:
    """The part of a problem that is about the needs and offers of ``pairs``; nothing in it is decided."""
    needs, offers = {need for need, _, _ in pairs}, {offer for _, _, offer in pairs}
    kept = dict(document)
    kept["needs"] = [need for need in document["needs"] if need["id"] in needs]
    kept["offers"] = [offer for offer in document["offers"] if offer["id"] in offers]
    kept["pinned"] = []
    for name in ("declined", "earlier", "forbidden"):
        kept[name] = [pair for pair in document.get(name, ()) if pair["need"] in needs and pair["offer"] in offers]
    kept["exclusions"] = [
        each for each in document.get("exclusions", ()) if each.get("offer") is None or each["offer"] in offers
    ]
    return kept
