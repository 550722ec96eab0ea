"""The checker: verifies a result from the problem alone, need by need.

It shares the rules, the points and the explanations with the engine, and nothing of networks or solving. That no better
proposal exists it proves from the prices of the certificate (`certificate`, `row_replies`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from matching.attributes.eligibility import RULES, evaluate, first_failing
from matching.attributes.explain import Pairings, Unmatched, rests_on
from matching.attributes.facts import Facts
from matching.attributes.pins import Pins, obstacle
from matching.attributes.problem import Problem
from matching.attributes.row_replies import RowReplies
from matching.attributes.run_pairs import EligiblePairs, eligible_pairs, pairs_of
from matching.attributes.scoring import Scoring
from matching.canonical import hash_of_result
from matching.certificate import Defect
from matching.certificate.attributes import name_of
from matching.certificate.feasible import broken_limits
from matching.certificate.figures import objective
from matching.certificate.proposal import Proposal
from matching.certificate.reading import read
from matching.certificate.verdict import Verdict, judge
from matching.certificate.witness import refuted
from matching.codes import Obstacle
from matching.documents import Document, faults_of


class PairingRecord(Document):
    """A pairing as results list it."""

    need: str
    member: str | None
    offer: str
    units: int = Field(ge=1)
    points: int
    terms: dict[str, int]
    rests_on: list[dict[str, str]]


class UnmatchedRecord(Document):
    """Unserved units of a need, or of one member of it, as results list them."""

    need: str
    member: str | None
    units: int
    code: str
    rules: dict[str, int]
    eligible: int
    takers: int
    taken_by: list[dict[str, str | int | None]]


class ResultDocument(Document):
    """The form of a result."""

    format: Literal["matching-result/1"]
    status: Literal["optimal", "infeasible", "time_limit"]
    objective: list[int]
    bound: list[int]
    solver_bound: list[int] | None = None
    certificate: dict[str, Any] | None = None
    price_of_fairness: dict[str, int] | None = None
    reason: dict[str, Any] | None
    total: int
    units: int
    pairings: list[PairingRecord]
    unmatched: list[UnmatchedRecord]
    served: dict[str, list[int]]
    rules: dict[str, int]
    eligible_pairs: int
    input_hash: str
    result_hash: str


def check(problem: Problem, document: Mapping[str, Any]) -> list[Defect]:
    """Every defect of a result document; none means that it keeps all rules and says the truth about itself."""
    return list(verdict(problem, document).defects)


def verdict(problem: Problem, document: Mapping[str, Any]) -> Verdict:
    """The verdict on a result document: its defects, and how good it is proved to be."""
    try:
        result = ResultDocument.model_validate(document)
    except ValidationError as error:
        defects = [Defect("FORM", fault.detail, fault.pointer) for fault in faults_of(error, ResultDocument)]
        return Verdict(False, "nothing", defects=defects)
    checker = _Checker(problem, result)
    defects = [*_hashes(problem, result, document), *checker.names()]
    if not all(defect.code.endswith("HASH") for defect in defects):
        return Verdict(False, "nothing", defects=defects)
    defects += [*checker.status(), *checker.pairs(), *checker.figures(), *checker.unmatched()]
    judged = checker.worth() if result.objective else checker.obstructed()
    return replace(judged, defects=[*defects, *judged.defects])


def _hashes(problem: Problem, result: ResultDocument, document: Mapping[str, Any]) -> Iterator[Defect]:
    if result.input_hash != problem.input_hash:
        yield Defect("INPUT_HASH", "this is not a result of this problem and strategy", "/input_hash")
    if result.result_hash != hash_of_result(document):
        yield Defect("RESULT_HASH", "the document is not the one that was hashed", "/result_hash")


class _Checker:
    """One problem and one well-formed result."""

    def __init__(self, problem: Problem, result: ResultDocument) -> None:
        self._problem, self._result = problem, result
        self._facts = Facts(problem)
        self._scoring = Scoring(self._facts)
        self._pins = Pins.of(self._facts)

    def names(self) -> Iterator[Defect]:
        """Pairings of things that exist, each once, in order."""
        keys = [(pairing.need, pairing.member or "", pairing.offer) for pairing in self._result.pairings]
        for number, pairing in enumerate(self._result.pairings):
            at = f"/pairings/{number}"
            if pairing.need not in self._problem.need_of:
                yield Defect("UNKNOWN_NEED", f"there is no need {pairing.need}", f"{at}/need")
            elif (pairing.need, pairing.member) not in self._problem.row_of:
                yield Defect("UNKNOWN_MEMBER", f"{pairing.member} is no member of {pairing.need}", f"{at}/member")
            if pairing.offer not in self._problem.offer_of:
                yield Defect("UNKNOWN_OFFER", f"there is no offer {pairing.offer}", f"{at}/offer")
            if number and keys[number] == keys[number - 1]:
                yield Defect("DUPLICATE", f"{pairing.need} with {pairing.offer} is there twice", at)
            if number and keys[number] < keys[number - 1]:
                yield Defect("ORDER", "pairings are sorted by need, member and offer", at)

    def status(self) -> Iterator[Defect]:
        """A status that the problem bears out, or an objective with nothing in its way."""
        result, impossible = self._result, obstacle(self._facts, self._pins)
        claimed = (result.reason or {}).get("code")
        if impossible is not None and (result.status != "infeasible" or result.reason != impossible):
            yield Defect("WRONG_STATUS", f"the pins cannot be kept: {impossible['code']}", "/status")
        if impossible is None and result.status == "infeasible":
            yield from (Defect("WRONG_STATUS", defect.message, defect.where) for defect in self._refuted[1])
        if claimed == Obstacle.PIN_SPLITS_GROUP and all(pin.member is None for pin in self._problem.record.pinned):
            yield Defect("WRONG_STATUS", "no member of a group is pinned", "/reason")
        found_nothing = result.status == "infeasible" or claimed == Obstacle.NOTHING_FOUND
        if found_nothing and (result.pairings or result.objective):
            yield Defect("WRONG_STATUS", "pairings are proposed although there are said to be none", "/pairings")
        if result.status == "optimal" and not result.objective:
            yield Defect("WRONG_OBJECTIVE", "an optimal result has an objective", "/objective")

    def obstructed(self) -> Verdict:
        """Whether it is proved that nothing is feasible, or is the solver's word, as that a pin splits a group is."""
        if self._result.status != "infeasible":
            return Verdict(False, "nothing")
        holds = obstacle(self._facts, self._pins) is not None or self._refuted[0]
        return Verdict(False, "infeasible" if holds else "nothing", claimed=not holds)

    @cached_property
    def _refuted(self) -> tuple[bool, Sequence[Defect]]:
        """Whether the reason proves that nothing is feasible, and what is wrong with it."""
        reason = self._result.reason or {}
        if reason.get("code") == Obstacle.PIN_SPLITS_GROUP:
            return False, []
        return refuted(read(pairs_of(self._problem, eligible_pairs(self._problem))), reason)

    def pairs(self) -> Iterator[Defect]:
        """Each pairing eligible, with the points, terms and unstated facts that belong to it."""
        rules = [rule for rule in RULES if self._problem.strategy.applies(rule)]
        for number, pairing in enumerate(self._result.pairings):
            at = f"/pairings/{number}"
            row, offer = self._problem.row_of[pairing.need, pairing.member], self._problem.offer_of[pairing.offer]
            rule = first_failing(self._facts, row, offer)
            if rule is not None:
                yield Defect("INELIGIBLE", f"{pairing.need} with {pairing.offer} fails {rule}", at)
            all_terms = self._scoring.terms(np.array([row]), np.array([offer]))
            terms = {str(term): int(values[0]) for term, values in all_terms.items() if values[0]}
            if pairing.terms != terms:
                yield Defect("WRONG_TERMS", f"the terms are {terms}", f"{at}/terms")
            if pairing.points != sum(terms.values()):
                yield Defect("WRONG_POINTS", f"the terms sum to {sum(terms.values())}", f"{at}/points")
            need = self._problem.needs[self._problem.need_of[pairing.need]]
            if pairing.rests_on != rests_on(need, self._problem.offers[offer], rules, terms):
                yield Defect("WRONG_RESTS_ON", "the facts it rests on are others", f"{at}/rests_on")

    def figures(self) -> Iterator[Defect]:
        """Total, units, and what each State was served."""
        result, proposal = self._result, self._proposal
        if result.total != proposal.points:
            yield Defect("WRONG_TOTAL", f"points times units sum to {proposal.points}", "/total")
        if result.units != proposal.units:
            yield Defect("WRONG_UNITS", f"the units sum to {proposal.units}", "/units")
        units = dict(zip(proposal.reading.states.ids, proposal.of_state, strict=True))
        if result.served != {state: [units[state], asked] for state, asked in self._problem.asking.items()}:
            yield Defect("WRONG_SERVED", "units served and asked by State are others", "/served")
        price = result.price_of_fairness
        if price is not None and (price["total"] != result.total or price["points"] < result.total):
            yield Defect("WRONG_PRICE", "points alone cannot come to less than these pairings", "/price_of_fairness")

    def worth(self) -> Verdict:
        """Limits and conditions kept; the objective what the pairings are worth; a bound that the prices prove."""
        if broken := list(broken_limits(self._proposal)):
            defects = [defect._replace(where=defect.where.replace("/pairs", "/pairings")) for defect in broken]
            return Verdict(False, "nothing", defects=defects)
        if self._result.objective != (worth := objective(self._proposal)):
            wrong = Defect("WRONG_OBJECTIVE", f"these pairings are worth {worth}", "/objective")
            return Verdict(True, "nothing", defects=[wrong])
        claims = self._result.model_dump(include={"status", "objective", "bound", "solver_bound", "certificate"})
        return judge(self._proposal, claims, RowReplies(self._facts, self._scoring, self._proposal.reading))

    @cached_property
    def _proposal(self) -> Proposal:
        """What the result proposes, in a reading of the problem that holds no other pairs."""
        listed, found = self._result.pairings, self._pairings()
        pairs = EligiblePairs(found.row, found.offer, found.points)
        named = [{"need": name_of(p.need, p.member), "offer": p.offer, "units": p.units} for p in listed]
        return Proposal.of(read(pairs_of(self._problem, pairs)), named)

    def unmatched(self) -> Iterator[Defect]:
        """Everything unserved is listed, with its reason and counts, and nothing else is."""
        eligibility = evaluate(self._facts, self._scoring.kinds)
        removed = dict(zip(map(str, RULES), eligibility.removed_pairs().tolist(), strict=True))
        if self._result.rules != {rule: number for rule, number in removed.items() if number}:
            yield Defect("WRONG_RULES", "the pairs that each rule removed are others", "/rules")
        if self._result.eligible_pairs != eligibility.n_pairs:
            yield Defect("WRONG_RULES", f"{eligibility.n_pairs} pairs are eligible", "/eligible_pairs")
        explained = Unmatched(self._facts, eligibility, self._scoring, self._pairings()).entries()
        true = {(entry["need"], entry["member"]): entry for entry in explained}
        seen = set()
        for number, entry in enumerate(self._result.unmatched):
            at, key = f"/unmatched/{number}", (entry.need, entry.member)
            if key in seen:
                yield Defect("DUPLICATE", f"{entry.need} is listed twice", at)
            elif key not in true:
                yield Defect("NOT_UNMATCHED", f"{entry.need} has no units left unserved", at)
            elif entry.model_dump() != true[key]:
                yield Defect("WRONG_REASON", f"{entry.need} is unserved for another reason", at)
            seen.add(key)
        for need, _ in sorted(true.keys() - seen, key=str):
            yield Defect("UNMATCHED_MISSING", f"{need} has units left unserved and is not listed", "/unmatched")
        if [key for key in true if key in seen] != [
            (e.need, e.member) for e in self._result.unmatched if (e.need, e.member) in true
        ]:
            yield Defect("ORDER", "unmatched needs are sorted by need and member", "/unmatched")

    def _pairings(self) -> Pairings:
        """The result's pairings as positions, with the points that the problem gives them."""
        listed = self._result.pairings
        row = np.array([self._problem.row_of[p.need, p.member] for p in listed], dtype=np.int64)
        offer = np.array([self._problem.offer_of[p.offer] for p in listed], dtype=np.int64)
        units = np.array([p.units for p in listed], dtype=np.int64)
        return Pairings(row, offer, units, self._scoring.points(row, offer))
