"""Parties: States, organizations and groups, and who belongs to which group."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field
from starlette.requests import Request as HttpRequest

from app.etags import respond
from app.examples import GROUP, MEMBER, PARTY, example, listing
from app.paging import Codes, Listing, PageQuery, list_response
from app.parties import directory
from app.parties.models import PartyKind
from app.parties.schemas import MemberRead, PartyRead
from app.problems import LIST_REFUSALS, NotFound, declare
from app.schemas import Day
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1", tags=["parties"], route_class=ClosingRoute)


class PartiesQuery(PageQuery):
    """Filters of the parties; region codes are those of /v1/code-lists/regions."""

    kind: Annotated[list[PartyKind], Field(default_factory=list, description="state, organization or group")]
    code: Codes
    region: Codes
    subregion: Codes
    intermediate_region: Codes
    regional_group: Codes
    income_group: Codes
    group_kind: Codes
    ldc: bool | None = Field(None, description="Least developed country")
    lldc: bool | None = Field(None, description="Landlocked developing country")
    sids: bool | None = Field(None, description="Small island developing State")


class GroupsQuery(PageQuery):
    """Filters of the groups."""

    code: Codes
    group_kind: Codes


class MembersQuery(PageQuery):
    """Filters of a group's members."""

    status: Codes
    on: Day | None = Field(None, description="Only who belonged on this day")


PartyPath = Annotated[str, Path(description="Such as state:ALB", openapi_examples={"state": {"value": "state:ALB"}})]
GroupPath = Annotated[str, Path(description="Code of a group", openapi_examples={"group": {"value": "ASEAN"}})]


@router.get(
    "/parties",
    operation_id="list_parties",
    response_model=Listing[PartyRead],
    responses=LIST_REFUSALS | listing(PARTY),
)
def list_parties(
    query: Annotated[PartiesQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List States, organizations and groups, by reference."""
    wanted = {name: getattr(query, name) for name in directory.FILTERS}
    items, found = directory.parties(session, viewer, query, wanted)
    return list_response(http_request, Listing[PartyRead], items, found, query)


@router.get(
    "/parties/{reference}",
    operation_id="read_party",
    response_model=PartyRead,
    responses=declare(NotFound) | example(PARTY),
)
def read_party(reference: PartyPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Read one party."""
    return respond(http_request, directory.party(session, viewer, reference))


@router.get(
    "/groups",
    operation_id="list_groups",
    response_model=Listing[PartyRead],
    responses=LIST_REFUSALS | listing(GROUP),
)
def list_groups(
    query: Annotated[GroupsQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List the groups, by reference."""
    wanted = {"kind": PartyKind.GROUP, "code": query.code, "group_kind": query.group_kind}
    items, found = directory.parties(session, viewer, query, wanted)
    return list_response(http_request, Listing[PartyRead], items, found, query)


@router.get(
    "/groups/{code}",
    operation_id="read_group",
    response_model=PartyRead,
    responses=declare(NotFound) | example(GROUP),
)
def read_group(code: GroupPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Read one group."""
    return respond(http_request, directory.party(session, viewer, f"group:{code}"))


@router.get(
    "/groups/{code}/members",
    operation_id="list_group_members",
    response_model=Listing[MemberRead],
    responses=LIST_REFUSALS | declare(NotFound) | listing(MEMBER),
)
def list_group_members(
    code: GroupPath,
    query: Annotated[MembersQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List who belongs to a group, ever or on one day; ``counts`` tells who counts as a member."""
    items, found = directory.members(session, viewer, code, query, query.status, query.on)
    return list_response(http_request, Listing[MemberRead], items, found, query)
