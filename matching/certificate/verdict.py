"""The verdict on an answer: whether it keeps the rules, tells the truth about itself, and is the best there is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from matching.certificate.bound import Replies
from matching.certificate.digests import hash_of_answer, hash_of_problem
from matching.certificate.feasible import broken_limits
from matching.certificate.figures import wrong_figures
from matching.certificate.proof import Proof, prove
from matching.certificate.proposal import Defect, Proposal, faults_of_form, faults_of_names
from matching.certificate.reading import Document, read
from matching.certificate.witness import refuted

Proved = Literal["optimal", "within", "infeasible", "nothing"]


@dataclass(frozen=True)
class Verdict:
    """What was found out about an answer.

    ``proved`` is what follows from the problem and the prices alone: that no allocation is better, that none is better
    by more than ``gap`` (at the first level where bound and objective differ), that there is none, or nothing.
    ``bound`` is the proved bound. ``claimed`` says that the solver's word, which is not checked, goes further: to a
    lower bound, or to infeasibility.
    """

    feasible: bool
    proved: Proved
    bound: Sequence[int] = ()
    gap: int | None = None
    claimed: bool = False
    defects: Sequence[Defect] = field(default=())

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with the answer."""
        return not self.defects

    @property
    def document(self) -> dict[str, Any]:
        """The verdict as JSON."""
        return {
            "sound": self.sound,
            "feasible": self.feasible,
            "proved": self.proved,
            "bound": list(self.bound),
            "gap": self.gap,
            "claimed": self.claimed,
            "defects": [defect._asdict() for defect in self.defects],
        }


def check_answer(problem: Document, answer: Any) -> Verdict:
    """The verdict on an answer to a problem of the pair form, both as parsed JSON.

    Raises Unreadable where the problem is none; whatever is wrong with the answer is a defect.
    """
    reading = read(problem)
    defects = list(faults_of_form(answer)) or list(faults_of_names(reading, answer["pairs"]))
    if defects:
        return Verdict(False, "nothing", defects=defects)
    defects = list(_wrong_hashes(problem, answer))
    proposal = Proposal.of(reading, answer["pairs"])
    if answer["status"] == "infeasible":
        return _infeasible(proposal, answer, defects)
    defects += wrong_figures(proposal, answer)
    if not answer["objective"]:
        defects += _nothing_found(answer)
        return Verdict(False, "nothing", defects=defects)
    broken = list(broken_limits(proposal))
    if broken:
        return Verdict(False, "nothing", defects=[*defects, *broken])
    judged = judge(proposal, answer)
    return replace(judged, defects=[*defects, *judged.defects])


def _wrong_hashes(problem: Document, answer: Document) -> Iterator[Defect]:
    if answer["input_hash"] != hash_of_problem(problem):
        yield Defect("INPUT_HASH", "this is not an answer to this problem", "/input_hash")
    if answer["result_hash"] != hash_of_answer(answer):
        yield Defect("RESULT_HASH", "the answer is not the one that was hashed", "/result_hash")


def _infeasible(proposal: Proposal, answer: Document, defects: list[Defect]) -> Verdict:
    if answer["pairs"] or answer["objective"]:
        defects.append(Defect("WRONG_STATUS", "pairs are proposed although there are said to be none", "/pairs"))
    defects += wrong_figures(proposal, answer)
    holds, wrong = refuted(proposal.reading, answer.get("reason") or {})
    proved: Proved = "infeasible" if holds else "nothing"
    return Verdict(False, proved, claimed=not holds and not wrong, defects=[*defects, *wrong])


def _nothing_found(answer: Document) -> Iterator[Defect]:
    if answer["status"] != "time_limit":
        yield Defect("WRONG_STATUS", f"an answer that is {answer['status']} has an objective", "/objective")
    if answer["pairs"]:
        yield Defect("WRONG_STATUS", "pairs are proposed although none are said to be found", "/pairs")


def judge(proposal: Proposal, answer: Document, replies: Replies | None = None) -> Verdict:
    """How good a feasible proposal is proved to be, by the certificate of an answer whose figures are right.

    Looks at nothing but the answer's status, objective, bound, ``solver_bound`` and certificate; for ``replies`` see
    `bound`.
    """
    certificate = answer.get("certificate")
    reading, proof = proposal.reading, Proof()
    if certificate is not None:
        proof = prove(proposal, certificate, replies)
    elif not reading.has_conditions:
        proof.defects.append(Defect("NO_CERTIFICATE", "nothing proves that no answer is better", "/certificate"))
    claim = answer.get("solver_bound") if reading.has_conditions else None
    defects = [*proof.defects, *_wrong_bound(answer, proof, claim)]
    if proof.bound is None:
        return Verdict(True, "nothing", claimed=reading.has_conditions, defects=defects)
    gap = next((best - own for best, own in zip(proof.bound, answer["objective"], strict=False) if best != own), 0)
    claimed = claim is not None and claim < proof.bound
    return Verdict(True, "within" if gap else "optimal", proof.bound, gap, claimed, defects)


def _wrong_bound(answer: Document, proof: Proof, claim: Sequence[int] | None) -> Iterator[Defect]:
    """What is wrong with an answer's status and bound; ``claim`` is the solver's own bound where it may have one."""
    objective, bound, status = answer["objective"], answer["bound"], answer["status"]
    if status not in ("optimal", "time_limit"):
        yield Defect("WRONG_STATUS", f"there is no status {status}", "/status")
    if len(bound) != len(objective):
        yield Defect("WRONG_BOUND", "bound and objective have one value for each level", "/bound")
    elif bound < objective:
        yield Defect("WRONG_BOUND", "the objective exceeds the bound", "/bound")
    elif proof.bound is not None and proof.bound != bound and not (status == "time_limit" and proof.bound < bound):
        # A search cut short may know less than its prices prove; a bound that is too high is still one.
        yield Defect("WRONG_BOUND", f"the prices prove the bound {proof.bound}", "/bound")
    if claim is not None and claim < objective:
        yield Defect("WRONG_BOUND", "the objective exceeds the bound that the solver claims", "/solver_bound")
    elif status == "optimal" and objective not in (bound, claim):
        yield Defect("WRONG_BOUND", "what is optimal has its objective for a bound, proved or claimed", "/bound")


def explained(verdict: Verdict, answer: Mapping[str, Any]) -> str:
    """The verdict in sentences."""
    lines = [f"{defect.code} at {defect.where or '/'}: {defect.message}" for defect in verdict.defects]
    if lines:
        return "\n".join(["The answer is NOT sound.", *lines])
    return f"The answer is sound. {_finding(verdict, answer)}"


def _finding(verdict: Verdict, answer: Mapping[str, Any]) -> str:
    by_solver = " The solver claims more than that; its claim is not checked." if verdict.claimed else ""
    if verdict.proved == "optimal":
        return f"It is proved that nothing is better than {answer['objective']}."
    if verdict.proved == "within":
        return f"It is proved that nothing is better by more than {verdict.gap}.{by_solver}"
    if verdict.proved == "infeasible":
        return f"It is proved that nothing is feasible: {answer['reason']['code']}."
    return f"Nothing is proved of how good it is.{by_solver}"
