"""Exclusions: who is not served by whom, in general or under one offer, and why."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.requests import Request as HttpRequest

from app.etags import require_match, respond
from app.events.history import VersionRead
from app.examples import example, listing
from app.paging import Listing, PageQuery, list_of, list_response
from app.parameters import KnownAt
from app.parties import exclusions
from app.parties.examples import AMENDED_EXCLUSION, EXCLUSION, EXCLUSION_VERSION, WITHDRAWN_EXCLUSION
from app.parties.exclusions import ExclusionsQuery
from app.parties.schemas import ExclusionAmend, ExclusionRead, ExclusionSubmit
from app.problems import (
    CHANGE_REFUSALS,
    LIST_REFUSALS,
    Conflict,
    InvalidContent,
    InvalidParameter,
    NotFound,
    ReferenceTaken,
    StrictlyConfidential,
    declare,
)
from app.schemas import Withdrawal
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1/exclusions", tags=["exclusions"], route_class=ClosingRoute)

ExclusionPath = Annotated[
    str, Path(description="Reference of an exclusion", openapi_examples={"exclusion": {"value": "X-AUS-NZL-2016"}})
]


@router.post(
    "",
    operation_id="submit_exclusion",
    status_code=201,
    response_model=ExclusionRead,
    responses=declare(InvalidContent, StrictlyConfidential, ReferenceTaken, Conflict) | example(EXCLUSION, 201),
)
def submit_exclusion(
    body: ExclusionSubmit, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Record that one party is not served by another."""
    exclusion = exclusions.submit(session, viewer, body)
    session.commit()
    return respond(http_request, exclusion, 201, {"Location": f"{router.prefix}/{exclusion.reference}"})


@router.get(
    "",
    operation_id="list_exclusions",
    response_model=Listing[ExclusionRead],
    responses=LIST_REFUSALS | listing(EXCLUSION),
)
def list_exclusions(
    query: Annotated[ExclusionsQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List exclusions, withdrawn ones among them."""
    items, found = exclusions.exclusions(session, viewer, query)
    return list_response(http_request, Listing[ExclusionRead], items, found, query)


@router.get(
    "/{reference}",
    operation_id="read_exclusion",
    response_model=ExclusionRead,
    responses=declare(NotFound, InvalidParameter) | example(EXCLUSION),
)
def read_exclusion(
    reference: ExclusionPath,
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
    known_at: KnownAt = None,
) -> Response:
    """Read one exclusion, as it is or as it was known at an instant."""
    if known_at is not None:
        return respond(http_request, exclusions.read_known_at(session, viewer, reference, known_at))
    return respond(http_request, exclusions.read(session, viewer, reference))


@router.get(
    "/{reference}/history",
    operation_id="list_exclusion_versions",
    response_model=Listing[VersionRead],
    responses=LIST_REFUSALS | declare(NotFound) | listing(EXCLUSION_VERSION),
)
def list_exclusion_versions(
    reference: ExclusionPath,
    query: Annotated[PageQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List the versions of an exclusion: when each became known, who made it so, and what it changed."""
    found = list_of(exclusions.versions(session, viewer, reference), "number", query, of=reference)
    return list_response(http_request, Listing[VersionRead], found.rows, found, query)


@router.patch(
    "/{reference}",
    operation_id="amend_exclusion",
    response_model=ExclusionRead,
    responses=CHANGE_REFUSALS | example(AMENDED_EXCLUSION),
)
def amend_exclusion(
    reference: ExclusionPath, body: ExclusionAmend, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Amend an exclusion: what is not sent stays, null clears."""
    require_match(http_request, exclusions.read(session, viewer, reference, lock=True))
    exclusion = exclusions.amend(session, viewer, reference, body)
    session.commit()
    return respond(http_request, exclusion)


@router.post(
    "/{reference}/withdraw",
    operation_id="withdraw_exclusion",
    response_model=ExclusionRead,
    responses=CHANGE_REFUSALS | example(WITHDRAWN_EXCLUSION),
)
def withdraw_exclusion(
    reference: ExclusionPath, body: Withdrawal, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Withdraw an exclusion. It stays readable, and can no longer be amended."""
    require_match(http_request, exclusions.read(session, viewer, reference, lock=True))
    exclusion = exclusions.withdraw(session, viewer, reference, body)
    session.commit()
    return respond(http_request, exclusion)
