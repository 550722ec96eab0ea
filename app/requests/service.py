"""Submitting, reading, amending and withdrawing requests and group submissions."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import and_, update
from sqlalchemy.orm import Session

from app.events import history
from app.events.history import VersionRead
from app.paging import Page, page
from app.parties.roll import roll
from app.problems import Conflict, Fault, InvalidContent, NotFound, ParameterFault, suggest
from app.records import (
    Origin,
    Outcome,
    Refusals,
    Row,
    insert_rows,
    next_version,
    refuse,
    refuse_numbered,
    require_live,
    sign,
    take_references,
    taken_meanwhile,
    update_row,
    withdrawn_row,
)
from app.requests import amendment, reading
from app.requests.filters import GroupSubmissionsQuery, filtered
from app.requests.reading import BENEFICIARIES, NEEDS, REQUESTS, as_read, history_keys, recalled, whole, wholes
from app.requests.schemas import ConsentSubmit, RequestAmend, RequestRead
from app.requests.submission import Submission, Whole, draft, member_fault
from app.schemas import Withdrawal
from app.visibility import Viewer, visible

#: Constraint -> what its violation means. The content is checked before; what is left is a race.
REFUSALS: Refusals = {"uq_requests_reference": taken_meanwhile}


def submit(session: Session, viewer: Viewer, body: Submission, origin: Origin | None = None) -> RequestRead:
    """Store a new request or group submission; raises InvalidContent or ReferenceTaken."""
    made, faults = draft(session, body, origin)
    refuse(faults)
    [reference] = _store(session, viewer, [made])
    return read(session, viewer, reference)


def submit_batch(
    session: Session, viewer: Viewer, bodies: Sequence[Submission], origins: Sequence[Origin] | None = None
) -> list[str]:
    """Store many new requests, all or none, and return their references.

    Raises as ``submit`` does; pointers then begin with the number of the body, from 0.
    """
    drafts = [draft(session, body, origins[number] if origins else None) for number, body in enumerate(bodies)]
    refuse_numbered(faults for _, faults in drafts)
    return _store(session, viewer, [made for made, _ in drafts])


def examine(session: Session, bodies: Sequence[Submission]) -> list[Sequence[Fault]]:
    """What is wrong with each of ``bodies``, and nothing stored."""
    return [draft(session, body, None)[1] for body in bodies]


def _store(session: Session, viewer: Viewer, drafts: list[Whole]) -> list[str]:
    references = take_references(session, REQUESTS.c.reference, "REQ", [made.request["reference"] for made in drafts])
    for made, reference in zip(drafts, references, strict=True):
        made.call(reference)
        made.request["content_hash"] = made.digest()
    sign(session, viewer)
    insert_rows(session, REQUESTS, [made.request for made in drafts], REFUSALS)
    # Needs last: the database holds them to the beneficiaries that are there.
    insert_rows(session, BENEFICIARIES, [each for made in drafts for each in made.beneficiaries], {})
    insert_rows(session, NEEDS, [need for made in drafts for need in made.needs], {})
    return references


def restate(session: Session, viewer: Viewer, body: Submission, origin: Origin) -> Outcome:
    """Store the request, or bring the one of this reference to what ``body`` says; unchanged content changes nothing.

    Raises as ``submit`` does, and Conflict where the stored request is withdrawn or another party's.
    """
    before = whole(session, viewer, body.reference, lock=True) if body.reference else None
    if before is None:
        submit(session, viewer, body, origin)
        return Outcome.CREATED
    fresh, faults = draft(session, body, origin)
    refuse(faults)
    return Outcome.AMENDED if _keep(session, viewer, amendment.restated(before, fresh), before) else Outcome.UNCHANGED


def already_stated(session: Session, viewer: Viewer, bodies: Sequence[Submission]) -> set[str]:
    """References of those ``bodies`` that say what is stored already: ``restate`` would change nothing."""
    statement = visible(reading.requests(), viewer).where(REQUESTS.c.reference.in_([body.reference for body in bodies]))
    stored = wholes(session, [row._mapping for row in session.execute(statement)])
    before = {each.request["reference"]: each for each in stored}
    found = set()
    for body in bodies:
        if earlier := before.get(body.reference or ""):
            fresh, _ = draft(session, body, None)
            with suppress(Conflict):
                if amendment.restated(earlier, fresh).digest() == earlier.request["content_hash"]:
                    found.add(earlier.request["reference"])
    return found


def read(session: Session, viewer: Viewer, reference: str, *, lock: bool = False, groups: bool = False) -> RequestRead:
    """The request called ``reference``; raises NotFound.

    ``lock`` keeps it from changing until the transaction ends; ``groups`` finds group submissions only.
    """
    return as_read(_required(session, viewer, reference, lock=lock, groups=groups))


def read_known_at(
    session: Session, viewer: Viewer, reference: str, instant: datetime, *, groups: bool = False
) -> RequestRead:
    """The request as it was known at ``instant``; raises NotFound, also when it was not known yet."""
    current = _required(session, viewer, reference, groups=groups)
    rows = history.known_at(history.changes(session, history_keys(current), "requests"), instant)
    if rows is None:
        raise history.not_known_yet(reference, instant)
    return as_read(recalled(session, current, rows))


def versions(session: Session, viewer: Viewer, reference: str, *, groups: bool = False) -> list[VersionRead]:
    """Every version of the request, the first first; raises NotFound."""
    current = _required(session, viewer, reference, groups=groups)
    found = history.changes(session, history_keys(current), "requests")
    return history.versions(found, lambda rows: as_read(recalled(session, current, rows)))


def requests(session: Session, viewer: Viewer, query: GroupSubmissionsQuery) -> tuple[list[RequestRead], Page[Any]]:
    """One page of the requests that every filter of ``query`` leaves."""
    statement, keys, descending = filtered(visible(reading.requests(), viewer), query)
    found = page(session, statement, keys, query, descending=descending)
    return [as_read(each) for each in wholes(session, [row._mapping for row in found.rows])], found


def amend(session: Session, viewer: Viewer, reference: str, body: RequestAmend, *, groups: bool = False) -> RequestRead:
    """Change the fields that ``body`` sends; raises NotFound, InvalidContent, or Conflict when it is withdrawn."""
    before = _required(session, viewer, reference, lock=True, groups=groups)
    require_live(before.request)
    after, faults = amendment.amended(session, viewer, before, body)
    refuse(faults)
    _keep(session, viewer, after, before)
    return read(session, viewer, reference)


def withdraw(
    session: Session, viewer: Viewer, reference: str, withdrawal: Withdrawal, *, groups: bool = False
) -> RequestRead:
    """Withdraw the request; raises NotFound, or Conflict when it is withdrawn already."""
    before = _required(session, viewer, reference, lock=True, groups=groups)
    after = Whole(withdrawn_row(before.request, withdrawal), before.needs, before.beneficiaries)
    _keep(session, viewer, after, before)
    return read(session, viewer, reference)


def consent(session: Session, viewer: Viewer, reference: str, state: str, body: ConsentSubmit) -> RequestRead:
    """Note where a member stands to a group submission; one that is no beneficiary yet becomes one.

    Raises NotFound, InvalidContent for a State that did not belong to the group, or Conflict when it is withdrawn.
    """
    before = _required(session, viewer, reference, lock=True, groups=True)
    require_live(before.request)
    known = roll(session)
    if state not in known.states:
        raise NotFound(f"there is no State {state}; {suggest(state, known.states)}")
    if state not in {each["state"] for each in before.beneficiaries}:
        group = known.parties[before.request["requester"]]
        for stranger in member_fault(session, group, state, before.request, ()):
            raise InvalidContent(stranger.detail, [ParameterFault("state", stranger.code, stranger.detail)])
    after, faults = amendment.answered(session, before, state, body)
    refuse(faults)
    _keep(session, viewer, after, before)
    return read(session, viewer, reference)


def _keep(session: Session, viewer: Viewer, after: Whole, before: Whole) -> bool:
    """Write what differs between ``after`` and ``before``, and say whether any content does."""
    version = next_version(after.request, after.digest())
    if version is None:
        return False
    require_live(before.request)
    sign(session, viewer)
    update_row(session, REQUESTS, version, before.request, REFUSALS)
    states = {each["state"]: each for each in before.beneficiaries}
    for each in after.beneficiaries:
        if each["state"] in states and each != states[each["state"]]:
            _update_beneficiary(session, each)
    insert_rows(session, BENEFICIARIES, [each for each in after.beneficiaries if each["state"] not in states], {})
    needs = {need["number"]: need for need in before.needs}
    for need in after.needs:
        if need["number"] in needs:
            update_row(session, NEEDS, need, needs[need["number"]], {})
    insert_rows(session, NEEDS, [need for need in after.needs if need["number"] not in needs], {})
    return True


def _update_beneficiary(session: Session, row: Row) -> None:
    columns = BENEFICIARIES.c
    consent = {name: row[name] for name in ("consent", "consent_basis", "consent_on", "consent_document")}
    session.execute(
        update(BENEFICIARIES)
        .where(and_(columns.request_id == row["request_id"], columns.state_id == row["state_id"]))
        .values(consent)
    )


def _required(session: Session, viewer: Viewer, reference: str, *, lock: bool = False, groups: bool = False) -> Whole:
    found = whole(session, viewer, reference, lock=lock, groups=groups)
    if found is None:
        raise NotFound(f"there is no {'group submission' if groups else 'request'} {reference}")
    return found
