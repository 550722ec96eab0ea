"""Pooled demand: national needs that are alike, which one joint activity of an offer in the record could serve.

Each is proposed to the body that could submit it: the smallest group that all the States belong to. What would be
gained is what a new solve says with the joint need in the place of the national ones: a gain in points may be a loss
while more needs are met, and both are told. The joint need asks for nothing that the national ones do not, and is as
urgent as the least urgent of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from matching.attributes.columns import NeedReader
from matching.attributes.eligibility import evaluate
from matching.attributes.excerpt import excerpt
from matching.attributes.facts import Facts
from matching.attributes.problem import Problem
from matching.attributes.profiles import Compiled, judge, model_of
from matching.attributes.records import UNSPECIFIC, Need
from matching.model import Outcome
from matching.optimise import optimise
from matching.time_limit import TimeLeft, is_over, unlimited

Json = dict[str, Any]

SOLVES = 40
"""Joint needs tried at most: those of most States first."""
JOINT = "~JOINT"
"""The joint need and its request: a reference that no record has."""


@dataclass(frozen=True)
class Candidate:
    """National needs of the same domain that accept a form of assistance (None where no need names any), and the
    smallest group that their States belong to."""

    group: str
    domain: str
    modality: str | None
    needs: tuple[Need, ...]

    @property
    def states(self) -> tuple[str, ...]:
        """Their States, sorted."""
        return tuple(sorted({need.states[0] for need in self.needs}))


@dataclass(frozen=True)
class Pool:
    """A joint activity worth proposing: the offer that would serve it, how much more the optimum would then be worth
    (with leximin, in points alone), and how many needs of the problem receive something before and after, where each
    national need of the joint one counts.
    """

    candidate: Candidate
    offer: str
    gain: tuple[int, ...]
    met_before: int
    met_after: int


def pools(compiled: Compiled, outcome: Outcome, time_left: TimeLeft = unlimited) -> list[Pool]:
    """Joint activities that would meet more needs, or gain points, of those tried in time; the most more met first."""
    problem = compiled.judged.facts.problem
    decided = {pin.need for pin in problem.record.pinned} | {
        quota.id for quota in problem.strategy.quotas if quota.kind == "need"
    }
    found = []
    for candidate in list(candidates(problem))[:SOLVES]:
        if is_over(time_left):
            break
        # What the working group has decided about a need stays as it is.
        if decided.isdisjoint(need.id for need in candidate.needs):
            pool = _tried(problem, outcome, candidate, time_left)
            found += [pool] if pool is not None else []
    return sorted(found, key=lambda each: each.met_before - each.met_after)


def candidates(problem: Problem) -> Iterator[Candidate]:
    """Sets of at least two States' needs that one activity could meet, of most States first."""
    members: dict[str, set[str]] = {}
    for state in problem.states:
        for group in state.groups:
            members.setdefault(group, set()).add(state.id)
    smallest: dict[tuple[str, str | None, tuple[str, ...]], Candidate] = {}
    for (domain, modality), needs in sorted(_alike(problem).items(), key=lambda item: (item[0][0], item[0][1] or "")):
        for group in sorted(members, key=lambda name: (len(members[name]), name)):
            mine = tuple(need for need in needs if need.states[0] in members[group])
            candidate = Candidate(group, domain, modality, mine)
            if len(candidate.states) > 1:
                smallest.setdefault((domain, modality, tuple(need.id for need in mine)), candidate)
    yield from sorted(smallest.values(), key=lambda each: -len(each.states))


def joint_need(problem: Problem, candidate: Candidate) -> Json:
    """The need of a document that the group would submit."""
    needs = candidate.needs
    levels = problem.strategy.urgency.priority.levels

    def of_all(name: str) -> list[str]:
        return sorted({code for need in needs for code in getattr(need, name)})

    def latest(days: Sequence[date | None]) -> str | None:
        return None if None in days else max(day for day in days if day).isoformat()

    return {
        "id": f"{JOINT}/1",
        "request": JOINT,
        "requester": f"group:{candidate.group}",
        "states": list(candidate.states),
        "domain": candidate.domain,
        "modalities": [candidate.modality] if candidate.modality else [],
        "scopes": of_all("scopes"),
        "languages": of_all("languages"),
        "units": 1,
        "priority": min((need.priority for need in needs), key=lambda priority: (levels[priority - 1], priority)),
        "date": latest([need.date for need in needs]),
        "waiting_since": latest([need.waiting_since for need in needs]),
        "served_before": any(need.served_before for need in needs),
        "action_plan": all(need.action_plan for need in needs),
        "delivery": "joint",
    }


def with_joint(document: Mapping[str, Any], joint: Json, candidate: Candidate) -> Json:
    """A problem document with the joint need in the place of the national ones."""
    gone = {need.id for need in candidate.needs}
    result = {**document, "needs": [*(need for need in document["needs"] if need["id"] not in gone), joint]}
    for name in ("declined", "earlier", "forbidden"):
        result[name] = [pair for pair in document.get(name, ()) if pair["need"] not in gone]
    result["substitutes"] = [pair for pair in document.get("substitutes", ()) if gone.isdisjoint(pair)]
    return result


def _alike(problem: Problem) -> dict[tuple[str, str | None], list[Need]]:
    """National needs by domain and accepted form of assistance; those that name none go with every one."""
    national = [
        need
        for need in problem.needs
        if need.delivery is None and need.named and len(need.states) == 1 and need.domain != UNSPECIFIC
    ]
    by_domain: dict[str, list[Need]] = {}
    for need in national:
        by_domain.setdefault(need.domain, []).append(need)
    alike: dict[tuple[str, str | None], list[Need]] = {}
    for domain, mine in by_domain.items():
        named: list[str | None] = [*sorted({code for need in mine for code in need.modalities})]
        for modality in named or [None]:
            accepting = [need for need in mine if not need.modalities or modality in need.modalities]
            alike[domain, modality] = accepting
    return alike


def _tried(problem: Problem, outcome: Outcome, candidate: Candidate, time_left: TimeLeft) -> Pool | None:
    joint = joint_need(problem, candidate)
    if not len(evaluate(Facts(excerpt(problem, NeedReader().read([joint]), problem.offers))).offers(0)):
        return None
    extended = Problem.from_document(with_joint(problem.document, joint, candidate))
    anew = optimise(model_of(judge(extended)).model, time_left=time_left)
    if anew.status != "optimal":
        return None
    row = extended.rows.of(extended.position_of_need(joint["id"]), None)
    chosen = anew.allocation.offer[anew.allocation.need == row].tolist()
    if not chosen:
        return None
    # With other States asking, shares are not to be compared level by level; points are.
    levels = slice(-1, None) if problem.strategy.objective == "leximin" else slice(None)
    gain = tuple(now - was for now, was in zip(anew.objective[levels], outcome.objective[levels], strict=True))
    before = len(np.unique(problem.rows.need[outcome.allocation.need]))
    after = len(np.unique(extended.rows.need[anew.allocation.need])) - 1 + len(candidate.needs)
    if after <= before and not any(more > 0 for more in gain):
        return None
    return Pool(candidate, extended.offers[chosen[0]].id, gain, before, after)
