"""The filters and orders of the list of requests."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from app.filters import RecordsQuery, one_of, order_of, recorded
from app.paging import Codes, OneOf
from app.parties.models import Party, PartyKind, StateFacts
from app.requests.models import Beneficiary, Channel, Need, Request, RequestKind
from app.requests.schemas import RequestStatus


class GroupSubmissionsQuery(RecordsQuery):
    """Filters of the group submissions: codes of one filter mean OR, several filters mean AND.

    Domain, modality and scope are about one and the same need.
    """

    kind: OneOf[RequestKind]
    status: OneOf[RequestStatus]
    requester: Codes
    beneficiary: Codes
    domain: Codes
    modality: Codes
    scope: Codes
    channel: OneOf[Channel]


class RequestsQuery(GroupSubmissionsQuery):
    """Filters of the requests, group submissions among them."""

    requester_kind: OneOf[PartyKind]
    subregion: Annotated[Codes, Field(description="M49 code of the requesting State's subregion")]
    regional_group: Annotated[Codes, Field(description="UN regional group of the requesting State")]


def filtered(
    statement: Select[Any], query: GroupSubmissionsQuery
) -> tuple[Select[Any], list[ColumnElement[Any]], bool]:
    """``statement`` with the filters of ``query``, its keys of order, and whether they descend."""
    statement = recorded(statement, Request, query)
    statement = one_of(
        statement, {Request.kind: query.kind, Party.reference: query.requester, Request.channel: query.channel}
    )
    if query.status:
        statement = statement.where(or_(*(_has_status(each) for each in query.status)))
    for clause in (_some_need(query), _some_beneficiary(query)):
        if clause is not None:
            statement = statement.where(clause)
    if isinstance(query, RequestsQuery):
        statement = one_of(statement, {Party.kind: query.requester_kind})
        if (clause := _requesting_state(query)) is not None:
            statement = statement.where(clause)
    else:
        statement = statement.where(Party.kind == PartyKind.GROUP)
    return statement, *order_of(Request, query.sort)


def _has_status(status: RequestStatus) -> ColumnElement[bool]:
    live = Request.withdrawn_on.is_(None)
    if status is RequestStatus.OPEN:
        return and_(live, Request.superseded_by_id.is_(None))
    if status is RequestStatus.SUPERSEDED:
        return and_(live, Request.superseded_by_id.is_not(None))
    return Request.withdrawn_on.is_not(None)


def _some_need(query: GroupSubmissionsQuery) -> ColumnElement[bool] | None:
    clauses: list[ColumnElement[bool]] = []
    if query.domain:
        clauses.append(Need.domain_code.in_(query.domain))
    if query.modality:
        clauses.append(Need.modalities.overlap(query.modality))
    if query.scope:
        clauses.append(Need.scopes.overlap(query.scope))
    return exists().where(Need.request_id == Request.id, *clauses) if clauses else None


def _some_beneficiary(query: GroupSubmissionsQuery) -> ColumnElement[bool] | None:
    if not query.beneficiary:
        return None
    of_state = select(Beneficiary.request_id).join(StateFacts, StateFacts.party_id == Beneficiary.state_id)
    return Request.id.in_(of_state.where(StateFacts.iso3.in_(query.beneficiary)))


def _requesting_state(query: RequestsQuery) -> ColumnElement[bool] | None:
    clauses: list[ColumnElement[bool]] = []
    if query.subregion:
        clauses.append(StateFacts.subregion_code.in_(query.subregion))
    if query.regional_group:
        clauses.append(StateFacts.regional_group.in_(query.regional_group))
    return exists().where(StateFacts.party_id == Request.requester_id, *clauses) if clauses else None
