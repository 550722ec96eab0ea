"""A preview: what the coming run would do with needs if they were submitted now. Nothing is written."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from pydantic import ValidationError
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.parties.models import PartyKind
from app.parties.roll import roll
from app.problems import Fault, Problem
from app.quarters import Quarter, last_instant
from app.records import refuse, today
from app.requests.models import Channel, Consent
from app.requests.schemas import BeneficiarySubmit, GroupSubmissionSubmit, RequestSubmit
from app.requests.submission import Whole, draft
from app.runs import sentences
from app.runs.asked import need_document
from app.runs.child import SolveFailed, solve
from app.runs.confidence import Doubtful
from app.runs.outcomes import pairings, unmatched
from app.runs.proposals import pairing_read, unmatched_read
from app.runs.schemas import Displaced, PreviewAsk, PreviewRead, StrategyVersion
from app.runs.snapshot import Snapshot, frozen, take
from app.strategies import service as strategies
from app.visibility import Viewer

#: Reference of the request that the previewed needs would make: one that no request can have. It comes after all of
#: them, so that of two needs that are worth the same the previewed one waits.
PREVIEW = "~PREVIEW"
#: Seconds that a preview may take, waiting for others included.
TIME_LIMIT_S = 20.0
#: Seconds that a preview gets although it has waited for others until its time was over.
LEAST_S = 1.0
#: Previews at once: each solves in one or two processes of its own.
AT_ONCE = 2
#: Previews that may wait for a turn: each holds one of the threads that answer everybody else.
WAITING = 6

_turns = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)
RETRY = {"Retry-After": "30"}


class PreviewTookTooLong(Problem):
    """The preview was given up."""

    status, slug, title = 503, "preview-took-too-long", "The preview took too long"
    remedy = "Try again later, or submit the needs and see what the next run does with them."


class TooManyPreviews(Problem):
    """So many previews wait already that this one would keep other requests from being answered."""

    status, slug, title = 503, "too-many-previews", "Too many previews at once"
    remedy = "Try again after the seconds that Retry-After names."


def preview(session: Session, viewer: Viewer, body: PreviewAsk) -> PreviewRead:
    """What the coming run would do with the needs of ``body``.

    Raises InvalidContent, PreviewTookTooLong or TooManyPreviews.
    """
    with _place():
        return _previewed(session, viewer, body)


def solved(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The result of a problem document that is previewed; raises as `preview` does, and SolveFailed."""
    with _place():
        [result] = _results(document)
    return result


@contextmanager
def _place() -> Iterator[None]:
    """One of the places that there are; raises TooManyPreviews."""
    if not _places.acquire(blocking=False):
        raise TooManyPreviews(f"{AT_ONCE + WAITING} previews are under way or waiting", headers=RETRY)
    try:
        yield
    finally:
        _places.release()


def _previewed(session: Session, viewer: Viewer, body: PreviewAsk) -> PreviewRead:
    documents = drafted_needs(session, body)
    strategy = strategies.read(session, viewer, strategies.DEFAULT)
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    session.rollback()  # a connection must not be held while the solver works
    quarter = Quarter.of(today())
    with frozen(engine) as still:
        after = take(still, viewer, quarter, last_instant(today()), strategy.document, documents)
    mine = {need["id"] for need in documents}
    others = [need for need in after.document["needs"] if need["id"] not in mine]
    before = replace(after, document=after.document | {"needs": others})
    without, with_mine = _results(before.document, after.document)
    proposed = [SimpleNamespace(**row) for row in pairings(after, with_mine) if row["need_reference"] in mine]
    left = [SimpleNamespace(**row) for row in unmatched(after, with_mine) if row["need_reference"] in mine]
    names = sentences.Names.read(session, viewer, left)
    doubtful = Doubtful.read(session, viewer, proposed)
    return PreviewRead(
        quarter=str(quarter),
        as_of=today(),
        strategy=StrategyVersion(name=strategy.name, version=strategy.version, sha256=strategy.sha256),
        gain=with_mine["objective"][0] - without["objective"][0],
        pairings=[pairing_read(row, doubtful, names, strategy.document["objective"]) for row in proposed],
        unmatched=[unmatched_read(row, names) for row in left],
        displaced=list(_displaced(before, without, with_mine)),
    )


def drafted_needs(session: Session, body: PreviewAsk) -> list[dict[str, Any]]:
    """The needs of ``body`` as the engine reads them; raises InvalidContent as submitting them would."""
    return _documents(session, _drafted(session, body))


def _drafted(session: Session, body: PreviewAsk) -> Whole:
    """The request that ``body`` would make; raises InvalidContent as submitting it would."""
    kind, _, code = body.requester.partition(":")
    of_group = kind == PartyKind.GROUP
    if of_group and not body.beneficiaries:
        refuse([Fault("/beneficiaries", "no_beneficiary", "name the members of the group that would take part")])
    given: dict[str, Any] = {
        "channel": Channel.TEMPLATE,
        "dated_on": today(),
        "action_plan": body.action_plan,
        "needs": body.needs,
        "beneficiaries": [BeneficiarySubmit(state=state, consent=Consent.CONFIRMED) for state in body.beneficiaries],
    }
    try:
        submission = (
            GroupSubmissionSubmit(group=code, **given) if of_group else RequestSubmit(requester=body.requester, **given)
        )
    except ValidationError:
        refuse([Fault("/requester", "unknown_party", f"there is no party {body.requester}")])
        raise
    whole, faults = draft(session, submission, None)
    refuse([_relocated(fault) for fault in faults])
    whole.call(PREVIEW)
    return whole


def _relocated(fault: Fault) -> Fault:
    """A fault of a submission at its place in the body of a preview, which names parties more briefly."""
    place = "/requester" if fault.pointer == "/group" else fault.pointer
    if place.startswith("/beneficiaries/"):
        place = place.removesuffix("/state")
    return replace(fault, pointer=place)


def _documents(session: Session, whole: Whole) -> list[dict[str, Any]]:
    """The needs of a drafted request as the engine reads them."""
    requester = roll(session).parties[whole.request["requester"]]
    asked = {
        "request": PREVIEW,
        "requester": requester.reference,
        "matchable": requester.matchable,
        "dated_on": whole.request["dated_on"],
        "authenticated_on": None,
        "action_plan": whole.request["action_plan"],
    }
    states = sorted(each["state"] for each in whole.beneficiaries) if requester.matchable else []
    return [
        need_document(SimpleNamespace(**need, **asked), states, need["units"], False, today()) for need in whole.needs
    ]


def _results(*documents: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The best results of problems, solved side by side; raises PreviewTookTooLong."""
    too_long = PreviewTookTooLong(f"previews were given up after {TIME_LIMIT_S:.0f} seconds", headers=RETRY)
    deadline = time.monotonic() + TIME_LIMIT_S
    if not _turns.acquire(timeout=TIME_LIMIT_S):
        raise too_long
    try:
        limit = max(deadline - time.monotonic(), LEAST_S)
        with ThreadPoolExecutor(len(documents)) as pool:
            results = list(pool.map(lambda document: _result(document, limit), documents))
    except SolveFailed as failed:
        if failed.code == "time_limit":
            raise too_long from failed
        raise
    finally:
        _turns.release()
    # Of results that were cut short, what one has and the other has not says nothing about the needs.
    if any(result["status"] == "time_limit" for result in results):
        raise too_long
    return results


def _result(document: Mapping[str, Any], time_limit_s: float) -> Mapping[str, Any]:
    return solve(document, time_limit_s, report=lambda _stage, _share: None).result


def _displaced(before: Snapshot, without: Mapping[str, Any], with_mine: Mapping[str, Any]) -> Iterator[Displaced]:
    """Needs of others that lose units."""
    lost = _served(without)
    lost.subtract(_served(with_mine))
    requesters = {need["id"]: need["requester"] for need in before.document["needs"]}
    for (need, member), units in sorted(lost.items()):
        if units > 0:
            yield Displaced(need=need, member=member or None, requester=requesters[need], units=units)


def _served(result: Mapping[str, Any]) -> Counter[tuple[str, str]]:
    units: Counter[tuple[str, str]] = Counter()
    for pairing in result["pairings"]:
        units[pairing["need"], pairing["member"] or ""] += pairing["units"]
    return units
