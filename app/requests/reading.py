"""Reading requests whole: from their tables, any number in three queries, or from rows of the history."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from app.parties.models import GroupFacts, Party, PartyKind, StateFacts
from app.records import Row, hold, table_of
from app.requests.models import Beneficiary, Need, Request
from app.requests.schemas import RequestRead, RequestStatus
from app.requests.submission import Whole
from app.visibility import Viewer, visible

REQUESTS = table_of(Request)
NEEDS = table_of(Need)
BENEFICIARIES = table_of(Beneficiary)

#: The request that supersedes another.
SUPERSEDING = aliased(Request)


def requests() -> Select[Any]:
    """Every request: its columns, its requester's reference, the kind of its group and what supersedes it."""
    return (
        select(
            *REQUESTS.columns,
            Party.reference.label("requester"),
            GroupFacts.group_kind,
            SUPERSEDING.reference.label("superseded_by"),
        )
        .join(Party, Party.id == REQUESTS.c.requester_id)
        .outerjoin(GroupFacts, GroupFacts.party_id == Party.id)
        .outerjoin(SUPERSEDING, SUPERSEDING.id == REQUESTS.c.superseded_by_id)
    )


def whole(
    session: Session, viewer: Viewer, reference: str, *, lock: bool = False, groups: bool = False
) -> Whole | None:
    """The request called ``reference``, if ``viewer`` may see it and, with ``groups``, if a group submitted it."""
    if lock:
        hold(session, REQUESTS, reference)
    statement = visible(requests(), viewer).where(REQUESTS.c.reference == reference)
    if groups:
        statement = statement.where(Party.kind == PartyKind.GROUP)
    row = session.execute(statement).one_or_none()
    return wholes(session, [row._mapping])[0] if row else None


def wholes(session: Session, rows: Sequence[Mapping[Any, Any]]) -> list[Whole]:
    """The requests ``rows`` with their needs and beneficiaries."""
    found = {row["id"]: Whole(dict(row), [], []) for row in rows}
    lines = select(NEEDS).where(NEEDS.c.request_id.in_(found)).order_by(NEEDS.c.request_id, NEEDS.c.number)
    for need in session.execute(lines):
        found[need.request_id].needs.append(dict(need._mapping))
    states = (
        select(*BENEFICIARIES.columns, StateFacts.iso3.label("state"))
        .join(StateFacts, StateFacts.party_id == BENEFICIARIES.c.state_id)
        .where(BENEFICIARIES.c.request_id.in_(found))
        .order_by(BENEFICIARIES.c.request_id, StateFacts.iso3)
    )
    for beneficiary in session.execute(states):
        found[beneficiary.request_id].beneficiaries.append(dict(beneficiary._mapping))
    return [found[row["id"]] for row in rows]


def history_keys(current: Whole) -> dict[str, list[str]]:
    """The names in the history of every row that the request has or had: no need or beneficiary is ever removed."""
    request = current.request
    return {
        "requests": [request["reference"]],
        "needs": [need["reference"] for need in current.needs],
        "beneficiaries": [f"{request['id']},{each['state_id']}" for each in current.beneficiaries],
    }


def recalled(session: Session, current: Whole, rows: Mapping[str, Iterable[Row]]) -> Whole:
    """The request that history ``rows``, by table, amount to; ``current`` is what it is now."""
    [request] = rows["requests"]
    superseded_by = None
    if request["superseded_by_id"]:
        superseded_by = session.scalar(select(Request.reference).where(Request.id == UUID(request["superseded_by_id"])))
    unchanging = {name: current.request[name] for name in ("requester", "group_kind")}
    states = {str(each["state_id"]): each["state"] for each in current.beneficiaries}
    beneficiaries = [each | {"state": states[each["state_id"]]} for each in rows.get("beneficiaries", ())]
    return Whole(
        request | unchanging | {"superseded_by": superseded_by},
        sorted(rows.get("needs", ()), key=lambda need: need["number"]),
        sorted(beneficiaries, key=lambda each: each["state"]),
    )


def as_read(found: Whole) -> RequestRead:
    """The request as it is answered."""
    request = found.request
    status = RequestStatus.OPEN
    if request["withdrawn_on"] is not None:
        status = RequestStatus.WITHDRAWN
    elif request["superseded_by"] is not None:
        status = RequestStatus.SUPERSEDED
    return RequestRead.model_validate(
        {
            **request,
            "status": status,
            "needs": [{**need, "domain": need["domain_code"]} for need in found.needs],
            "beneficiaries": found.beneficiaries,
        }
    )
