"""How a run ends: with a result, stored whole in one transaction, or with the reason why there is none."""

import gzip
import platform
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from sqlalchemy import func, insert, update
from sqlalchemy.orm import Session

from app.content import canonical
from app.events.service import seal
from app.runs.child import Solution, SolveFailed
from app.runs.claims import Claim
from app.runs.models import Pairing, Run, RunDocument, RunState, Unmatched
from app.runs.snapshot import Snapshot

#: Packages whose versions are kept beside a result, and that no hash covers.
TOOK_PART = ("assist1540", "pylmcf", "numpy", "scipy", "networkx")
#: What an explanation has on a pairing, on how firm it is, and on what would get a need served.
NEXT_IN_LINE = ("runner_ups", "rivals", "alternates")
OF_FIRMNESS = ("stays", "settings", "spread", "fragile_below", "fragile")
OF_CHANGE = ("code", "complete", "changes")


def store_result(
    session: Session, claim: Claim, snapshot: Snapshot, solution: Solution, seconds: Mapping[str, float]
) -> bool:
    """Store what a solve found as the run's outcome; False if somebody else has taken the run over.

    The caller commits, and must not have written in this transaction: the log is sealed first, so that its head
    stands for everything that the run could see.
    """
    head = seal(session)
    result = solution.result
    finished = session.scalar(
        update(Run)
        .where(claim.holds())
        .values(
            state=RunState.DONE,
            stage=None,
            progress=1,
            status=result["status"],
            known_at=snapshot.known_at,
            input_hash=result["input_hash"],
            result_hash=result["result_hash"],
            summary=summary(snapshot, result) | verdict_and_gaps(solution),
            circumstances=circumstances({**seconds, **solution.seconds}),
            chain_head={"number": head.number, "link": head.link},
            failure=None,
            finished_at=func.clock_timestamp(),
        )
        .returning(Run.id)
    )
    if finished is None:
        return False
    documents = {
        "problem": snapshot.document,
        "result": result,
        "verdict": solution.verdict,
        "explanation": solution.explanation,
    }
    for kind, document in documents.items():
        if document is not None:
            session.execute(insert(RunDocument), [stored_document(claim, kind, document)])
    explained = solution.explanation or {"pairings": [], "firmness": [], "unmatched": []}
    tables = (
        (Pairing, pairings(snapshot, result, explained["pairings"], explained["firmness"])),
        (Unmatched, unmatched(snapshot, result, explained["unmatched"])),
    )
    for table, rows in tables:
        if found := [{"run_id": claim.run_id} | row for row in rows]:
            session.execute(insert(table), found)
    return True


def store_failure(session: Session, claim: Claim, failed: SolveFailed) -> None:
    """Store why the run has no result. The caller commits."""
    cancelled = failed.code in ("cancelled", "interrupted")
    session.execute(
        update(Run)
        .where(claim.holds())
        .values(
            state=RunState.CANCELLED if cancelled else RunState.FAILED,
            failure=failed.document,
            finished_at=func.clock_timestamp(),
        )
    )


def stored_document(claim: Claim, kind: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """A row of run_documents. Without a time in the archive, equal documents are equal bytes."""
    content = canonical(document)
    return {
        "run_id": claim.run_id,
        "kind": kind,
        "sha256": sha256(content).hexdigest(),
        "content": gzip.compress(content, mtime=0),
    }


def pairings(
    snapshot: Snapshot,
    result: Mapping[str, Any],
    explained: Iterable[Mapping[str, Any]] = (),
    firmness: Iterable[Mapping[str, Any]] = (),
) -> Iterator[dict[str, Any]]:
    """The pairings of ``result`` by the names of their columns, with what the explanation has on each."""
    told, firm = ({_pair(each): each for each in entries} for entries in (explained, firmness))
    needs = {need["id"]: need for need in snapshot.document["needs"]}
    providers = {offer["id"]: offer["provider"] for offer in snapshot.document["offers"]}
    for pairing in result["pairings"]:
        entry, stays = told.get(_pair(pairing), {}), firm.get(_pair(pairing))
        yield {
            **_whose(needs[pairing["need"]], pairing["member"]),
            "offer_reference": pairing["offer"],
            "provider": providers[pairing["offer"]],
            "units": pairing["units"],
            "points": pairing["points"],
            "terms": pairing["terms"],
            "rests_on": pairing["rests_on"],
            "conditions": snapshot.conditions.get(pairing["offer"]),
            **{name: entry.get(name) for name in NEXT_IN_LINE},
            "firmness": stays and {name: stays[name] for name in OF_FIRMNESS},
        }


def _pair(entry: Mapping[str, Any]) -> tuple[str, str | None, str]:
    """What a pairing is known by."""
    return entry["need"], entry["member"], entry["offer"]


def unmatched(
    snapshot: Snapshot, result: Mapping[str, Any], explained: Iterable[Mapping[str, Any]] = ()
) -> Iterator[dict[str, Any]]:
    """The needs that ``result`` leaves with units unserved, by the names of their columns, with what would help."""
    told = {(each["need"], each["member"]): {name: each[name] for name in OF_CHANGE} for each in explained}
    needs = {need["id"]: need for need in snapshot.document["needs"]}
    for left in result["unmatched"]:
        yield {
            **_whose(needs[left["need"]], left["member"]),
            "units": left["units"],
            "code": left["code"],
            "eligible": left["eligible"],
            "rules": left["rules"],
            "taken_by": left["taken_by"],
            "change": told.get((left["need"], left["member"])),
        }


def verdict_and_gaps(solution: Solution) -> dict[str, Any]:
    """What the run's figures say of the checker's verdict, and of what the explanation lacks."""
    verdict = solution.verdict
    return {
        "price_of_fairness": solution.result["price_of_fairness"],
        "verdict": verdict and {name: value for name, value in verdict.items() if name != "defects"},
        "unexplained": solution.explanation["missing"] if solution.explanation else {},
    }


def _whose(need: Mapping[str, Any], member: str | None) -> dict[str, Any]:
    """What every row about a need says of it."""
    return {
        "need_reference": need["id"],
        "member": member or "",
        "requester": need["requester"],
        "states": [member] if member else need["states"],
        "domain": need["domain"],
    }


def summary(snapshot: Snapshot, result: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a run. Units are counted for each member where a need is delivered to each."""
    needs, offers = snapshot.document["needs"], snapshot.document["offers"]
    return {
        "requests": len({need["request"] for need in needs}),
        "needs": len(needs),
        "needs_met": len(snapshot.needs_met),
        "offers": len(offers),
        "intentions": [
            {"reference": intention.reference, "party": intention.party} for intention in snapshot.intentions
        ],
        "eligible_pairs": result["eligible_pairs"],
        "rules": result["rules"],
        "pairings": len(result["pairings"]),
        "units_asked": result["units"] + sum(left["units"] for left in result["unmatched"]),
        "units_served": result["units"],
        "points": result["total"],
        "unmatched": dict(sorted(Counter(left["code"] for left in result["unmatched"]).items())),
        "obstacle": result["reason"],
    }


def circumstances(seconds: Mapping[str, float]) -> dict[str, Any]:
    """Versions of what took part, the machine and the time taken: beside the hashes, in neither."""
    return {
        "python": platform.python_version(),
        "packages": {name: version(name) for name in TOOK_PART if _installed(name)},
        "platform": f"{sys.platform} {platform.machine()}",
        "host": platform.node(),
        "seconds": dict(seconds),
    }


def _installed(name: str) -> bool:
    try:
        version(name)
    except ImportError:
        return False
    return True
