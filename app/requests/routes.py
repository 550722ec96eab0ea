"""Requests: what States and organizations ask for, group submissions among them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.requests import Request as HttpRequest

from app.etags import require_match, respond
from app.events.history import VersionRead
from app.examples import example, listing
from app.paging import Listing, PageQuery, list_of, list_response
from app.parameters import KnownAt
from app.problems import CHANGE_REFUSALS, LIST_REFUSALS, SUBMIT_REFUSALS, InvalidParameter, NotFound, declare
from app.requests import service
from app.requests.examples import AMENDED_REQUEST, REQUEST, REQUEST_VERSION, WITHDRAWN_REQUEST
from app.requests.filters import RequestsQuery
from app.requests.schemas import RequestAmend, RequestRead, RequestSubmit
from app.schemas import Withdrawal
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1/requests", tags=["requests"], route_class=ClosingRoute)

RequestPath = Annotated[
    str, Path(description="Reference of a request", openapi_examples={"request": {"value": "R-MNG-2015"}})
]


@router.post(
    "",
    operation_id="submit_request",
    status_code=201,
    response_model=RequestRead,
    responses=SUBMIT_REFUSALS | example(REQUEST, 201),
)
def submit_request(body: RequestSubmit, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Submit a request, by a State for itself or by an organization for States that consent."""
    request = service.submit(session, viewer, body)
    session.commit()
    return respond(http_request, request, 201, {"Location": f"{router.prefix}/{request.reference}"})


@router.get(
    "",
    operation_id="list_requests",
    response_model=Listing[RequestRead],
    responses=LIST_REFUSALS | listing(REQUEST),
)
def list_requests(
    query: Annotated[RequestsQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List requests and group submissions, withdrawn ones among them."""
    items, found = service.requests(session, viewer, query)
    return list_response(http_request, Listing[RequestRead], items, found, query)


@router.get(
    "/{reference}",
    operation_id="read_request",
    response_model=RequestRead,
    responses=declare(NotFound, InvalidParameter) | example(REQUEST),
)
def read_request(
    reference: RequestPath,
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
    known_at: KnownAt = None,
) -> Response:
    """Read one request, as it is or as it was known at an instant."""
    if known_at is not None:
        return respond(http_request, service.read_known_at(session, viewer, reference, known_at))
    return respond(http_request, service.read(session, viewer, reference))


@router.get(
    "/{reference}/history",
    operation_id="list_request_versions",
    response_model=Listing[VersionRead],
    responses=LIST_REFUSALS | declare(NotFound) | listing(REQUEST_VERSION),
)
def list_request_versions(
    reference: RequestPath,
    query: Annotated[PageQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List the versions of a request: when each became known, who made it so, and what it changed."""
    found = list_of(service.versions(session, viewer, reference), "number", query, of=reference)
    return list_response(http_request, Listing[VersionRead], found.rows, found, query)


@router.patch(
    "/{reference}",
    operation_id="amend_request",
    response_model=RequestRead,
    responses=CHANGE_REFUSALS | example(AMENDED_REQUEST),
)
def amend_request(
    reference: RequestPath, body: RequestAmend, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Amend a request: what is not sent stays, null clears."""
    require_match(http_request, service.read(session, viewer, reference, lock=True))
    request = service.amend(session, viewer, reference, body)
    session.commit()
    return respond(http_request, request)


@router.post(
    "/{reference}/withdraw",
    operation_id="withdraw_request",
    response_model=RequestRead,
    responses=CHANGE_REFUSALS | example(WITHDRAWN_REQUEST),
)
def withdraw_request(
    reference: RequestPath, body: Withdrawal, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Withdraw a request. It stays readable, and can no longer be amended."""
    require_match(http_request, service.read(session, viewer, reference, lock=True))
    request = service.withdraw(session, viewer, reference, body)
    session.commit()
    return respond(http_request, request)
