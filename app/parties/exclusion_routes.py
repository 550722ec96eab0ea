"""Exclusions: who is not served by whom, in general or under one offer, and why."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.requests import Request as HttpRequest

from app.etags import require_match, respond
from app.examples import example, listing
from app.paging import Listing, list_response
from app.parties import exclusions
from app.parties.examples import AMENDED_EXCLUSION, EXCLUSION, WITHDRAWN_EXCLUSION
from app.parties.exclusions import ExclusionsQuery
from app.parties.schemas import ExclusionAmend, ExclusionRead, ExclusionSubmit
from app.problems import (
    CHANGE_REFUSALS,
    LIST_REFUSALS,
    Conflict,
    InvalidContent,
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
    responses=declare(NotFound) | example(EXCLUSION),
)
def read_exclusion(
    reference: ExclusionPath,
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """Read one exclusion."""
    return respond(http_request, exclusions.read(session, viewer, reference))


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
