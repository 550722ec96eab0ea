"""The checker: verifies a result from the problem alone, need by need.

It shares the rules, the points and the explanations with the engine, and nothing of networks or solving. That no better
proposal exists it proves from the prices of the certificate (`certificate`, `row_replies`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from matching.canonical import hash_of_result
from matching.certificate import Defect
from matching.certificate.attributes import name_of
from matching.certificate.proposal import Proposal
from matching.certificate.reading import read
from matching.certificate.verdict import judge
from matching.codes import Obstacle
from matching.documents import Document, faults_of
from matching.eligibility import RULES, evaluate, first_failing
from matching.explain import Pairings, Unmatched, rests_on
from matching.facts import Facts
from matching.fairness import Fairness
from matching.pins import Pins, obstacle
from matching.problem import Problem
from matching.row_replies import RowReplies
from matching.run_pairs import EligiblePairs, pairs_of
from matching.scoring import Scoring


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
    try:
        result = ResultDocument.model_validate(document)
    except ValidationError as error:
        return [Defect("FORM", fault.detail, fault.pointer) for fault in faults_of(error, ResultDocument)]
    checker = _Checker(problem, result)
    defects = [*_hashes(problem, result, document), *checker.names()]
    if not defects or all(defect.code.endswith("HASH") for defect in defects):
        defects += [*checker.status(), *checker.pairs(), *checker.limits(), *checker.joint_limits()]
        defects += [*checker.figures(), *checker.unmatched()]
    if not defects and result.objective and result.certificate is not None:
        defects += checker.proof()
    return defects


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
        """A status that the problem bears out, with objective and bound to match."""
        result, impossible = self._result, obstacle(self._facts, self._pins)
        claimed = (result.reason or {}).get("code")
        if impossible is not None and (result.status != "infeasible" or result.reason != impossible):
            yield Defect("WRONG_STATUS", f"the pins cannot be kept: {impossible['code']}", "/status")
        if impossible is None and result.status == "infeasible" and claimed != Obstacle.PIN_SPLITS_GROUP:
            yield Defect("WRONG_STATUS", "nothing makes this problem infeasible", "/status")
        if claimed == Obstacle.PIN_SPLITS_GROUP and all(pin.member is None for pin in self._problem.record.pinned):
            yield Defect("WRONG_STATUS", "no member of a group is pinned", "/reason")
        if result.status == "optimal" and result.objective != result.bound:
            yield Defect("WRONG_BOUND", "an optimal result has its objective for a bound", "/bound")
        if result.objective > result.bound:
            yield Defect("WRONG_BOUND", "the objective exceeds the bound", "/bound")
        found_nothing = result.status == "infeasible" or claimed == Obstacle.NOTHING_FOUND
        if found_nothing and (result.pairings or result.objective):
            yield Defect("WRONG_STATUS", "pairings are proposed although there are said to be none", "/pairings")

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

    def limits(self) -> Iterator[Defect]:
        """Units within what is asked and what is left; members whole, groups at their least number; pins kept."""
        of_row = Counter[tuple[str, str | None]]()
        of_offer = Counter[str]()
        of_pair = Counter[tuple[str, str | None, str]]()
        for pairing in self._result.pairings:
            of_row[pairing.need, pairing.member] += pairing.units
            of_offer[pairing.offer] += pairing.units
            of_pair[pairing.need, pairing.member, pairing.offer] += pairing.units
        for offer in self._problem.offers:
            if of_offer[offer.id] > offer.units:
                detail = f"{offer.id} has {offer.units} units and gives {of_offer[offer.id]}"
                yield Defect("OVERFULL_OFFER", detail, "/pairings")
        for (need, member), units in of_row.items():
            asked = self._problem.rows[self._problem.row_of[need, member]].units
            if units > asked:
                yield Defect("OVERSERVED_NEED", f"{need} asks for {asked} units and gets {units}", "/pairings")
            if member is not None and units < asked:
                yield Defect("SPLIT_MEMBER", f"{member} of {need} gets {units} of {asked} units", "/pairings")
        for position in self._problem.members_of:
            group, least = self._problem.needs[position], self._problem.least_members(position)
            members = len([state for state in group.states if (group.id, state) in of_row])
            if 0 < members < least:
                detail = f"{group.id} serves {members} members of at least {least}"
                yield Defect("LEAST_NOT_REACHED", detail, "/pairings")
        if self._result.objective:
            for pin in self._problem.record.pinned:
                if of_pair[pin.need, pin.member, pin.offer] < pin.units:
                    yield Defect("PIN_NOT_KEPT", f"{pin.need} with {pin.offer} is pinned", "/pairings")

    def joint_limits(self) -> Iterator[Defect]:
        """Providers within what they give in all; of a national need and the joint one that covers it, one served."""
        of_provider = Counter[str]()
        for pairing in self._result.pairings:
            of_provider[self._problem.offers[self._problem.offer_of[pairing.offer]].provider] += pairing.units
        for provider in self._problem.record.providers:
            if of_provider[provider.id] > provider.units:
                detail = f"{provider.id} has {provider.units} units in all and gives {of_provider[provider.id]}"
                yield Defect("OVERFULL_PROVIDER", detail, "/pairings")
        served = {pairing.need for pairing in self._result.pairings}
        for national, joint in self._problem.record.substitutes:
            if served >= {national, joint}:
                yield Defect("BOTH_SUBSTITUTES", f"{joint} covers {national}, and both are served", "/pairings")

    def figures(self) -> Iterator[Defect]:
        """Total, units, objective, and what each State was served."""
        result, problem = self._result, self._problem
        served = dict.fromkeys(problem.asking, 0)
        total = units = 0
        for pairing in result.pairings:
            total += pairing.points * pairing.units
            units += pairing.units
            row = problem.rows[problem.row_of[pairing.need, pairing.member]]
            if problem.counts_for_state(row):
                served[row.beneficiaries[0]] += pairing.units
        if result.total != total:
            yield Defect("WRONG_TOTAL", f"points times units sum to {total}", "/total")
        if result.units != units:
            yield Defect("WRONG_UNITS", f"the units sum to {units}", "/units")
        if result.objective and result.objective != [total + Fairness(problem).gain(served)]:
            yield Defect("WRONG_OBJECTIVE", "the objective is not what these pairings are worth", "/objective")
        if result.status == "optimal" and not result.objective:
            yield Defect("WRONG_OBJECTIVE", "an optimal result has an objective", "/objective")
        if result.served != {state: [number, problem.asking[state]] for state, number in served.items()}:
            yield Defect("WRONG_SERVED", "units served and asked by State are others", "/served")

    def unmatched(self) -> Iterator[Defect]:
        """Everything unserved is listed, with its reason and counts, and nothing else is."""
        eligibility = evaluate(self._facts)
        removed = dict(zip(map(str, RULES), eligibility.removed.sum(axis=0).tolist(), strict=True))
        if self._result.rules != {rule: number for rule, number in removed.items() if number}:
            yield Defect("WRONG_RULES", "the pairs that each rule removed are others", "/rules")
        if self._result.eligible_pairs != len(eligibility.row):
            yield Defect("WRONG_RULES", f"{len(eligibility.row)} pairs are eligible", "/eligible_pairs")
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

    def proof(self) -> Sequence[Defect]:
        """A bound that the prices of the certificate prove, of a result that is right otherwise."""
        reading = read(pairs_of(self._problem, EligiblePairs.none()))
        pairs = [
            {"need": name_of(pairing.need, pairing.member), "offer": pairing.offer, "units": pairing.units}
            for pairing in self._result.pairings
        ]
        replies = RowReplies(self._facts, self._scoring)
        return judge(Proposal.of(reading, pairs), self._result.model_dump(), replies).defects

    def _pairings(self) -> Pairings:
        """The result's pairings as positions, with the points that the problem gives them."""
        listed = self._result.pairings
        row = np.array([self._problem.row_of[p.need, p.member] for p in listed], dtype=np.int64)
        offer = np.array([self._problem.offer_of[p.offer] for p in listed], dtype=np.int64)
        units = np.array([p.units for p in listed], dtype=np.int64)
        return Pairings(row, offer, units, self._scoring.points(row, offer))
