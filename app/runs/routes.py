"""Runs: start a quarter's run, see where it stands, read what it proposes and why."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from starlette.requests import Request as HttpRequest

from app.etags import respond, respond_bytes
from app.examples import example, listing
from app.messages import SPOKEN
from app.paging import Codes, Listing, OneOf, PageQuery, list_response
from app.problems import Conflict, InvalidContent, InvalidCursor, InvalidParameter, NotFound, declare
from app.runs import proposals, service
from app.runs.examples import CANCELLED_RUN, PAIRING, PROBLEM, QUEUED_RUN, RESULT, RUN, UNMATCHED
from app.runs.models import RunState
from app.runs.proposals import PairingsQuery, UnmatchedQuery
from app.runs.schemas import PairingRead, RunRead, RunStart, UnmatchedRead
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1/runs", tags=["runs"], route_class=ClosingRoute)

LIST_REFUSALS = declare(InvalidParameter, InvalidCursor)

RunPath = Annotated[str, Path(description="Reference of a run", openapi_examples={"run": {"value": "RUN-2015-Q1"}})]


class RunsQuery(PageQuery):
    """Filters of the runs."""

    quarter: Codes
    state: OneOf[RunState]


def json_document(content: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """An answer that is a document of the engine's, with an example."""
    return {200: {"content": {"application/json": {"schema": {"type": "object"}, "example": content}}}}


@router.post(
    "",
    operation_id="start_run",
    status_code=202,
    response_model=RunRead,
    responses=declare(InvalidContent, NotFound, Conflict)
    | {200: {"description": "The quarter has this run already", "model": RunRead}}
    | example(QUEUED_RUN, 202),
)
def start_run(body: RunStart, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Start the run of a quarter: 202, and a worker does the rest. The same quarter again is the same run: 200.

    A run that failed or was cancelled begins again. To run anew a quarter that has a result, give a reason.
    """
    limit: int = http_request.app.state.settings.run_time_limit_s
    started = service.start(session, viewer, body, time_limit_s=limit)
    session.commit()
    status = 200 if started.outcome == "existing" else 202
    location = f"{router.prefix}/{started.run.reference}"
    return respond(http_request, started.run, status, SPOKEN | {"Location": location})


@router.get("", operation_id="list_runs", response_model=Listing[RunRead], responses=LIST_REFUSALS | listing(RUN))
def list_runs(
    query: Annotated[RunsQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List the runs, the newest quarter and revision first."""
    items, found = service.runs(session, viewer, query, query.quarter, query.state)
    return list_response(http_request, Listing[RunRead], items, found, query, headers=SPOKEN)


@router.get("/{reference}", operation_id="read_run", response_model=RunRead, responses=declare(NotFound) | example(RUN))
def read_run(reference: RunPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Read where a run stands and, once it is done, its figures and hashes."""
    return respond(http_request, service.read(session, viewer, reference), headers=SPOKEN)


@router.post(
    "/{reference}/cancel",
    operation_id="cancel_run",
    response_model=RunRead,
    responses=declare(NotFound, Conflict) | example(CANCELLED_RUN),
)
def cancel_run(reference: RunPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Cancel a run that waits, or ask the worker of one that is under way to stop, which takes about a second."""
    run = service.cancel(session, viewer, reference)
    session.commit()
    return respond(http_request, run, headers=SPOKEN)


@router.get(
    "/{reference}/problem",
    operation_id="read_run_problem",
    responses=declare(NotFound, Conflict) | json_document(PROBLEM),
)
def read_run_problem(reference: RunPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Read the snapshot of a finished run: the whole canonical problem, as it was solved."""
    return respond_bytes(http_request, proposals.document(session, viewer, reference, "problem"))


@router.get(
    "/{reference}/result",
    operation_id="read_run_result",
    responses=declare(NotFound, Conflict) | json_document(RESULT),
)
def read_run_result(reference: RunPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Read the whole canonical result of a finished run, in codes."""
    return respond_bytes(http_request, proposals.document(session, viewer, reference, "result"))


@router.get(
    "/{reference}/pairings",
    operation_id="list_run_pairings",
    response_model=Listing[PairingRead],
    responses=LIST_REFUSALS | declare(NotFound, Conflict) | listing(PAIRING),
)
def list_run_pairings(
    reference: RunPath,
    query: Annotated[PairingsQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List the pairings that a run proposes, with points by term and what they rest on, once it is done."""
    items, found = proposals.pairings(session, viewer, reference, query)
    return list_response(http_request, Listing[PairingRead], items, found, query, headers=SPOKEN)


@router.get(
    "/{reference}/unmatched",
    operation_id="list_run_unmatched",
    response_model=Listing[UnmatchedRead],
    responses=LIST_REFUSALS | declare(NotFound, Conflict) | listing(UNMATCHED),
)
def list_run_unmatched(
    reference: RunPath,
    query: Annotated[UnmatchedQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List the needs that a run leaves with units unserved, and why, once it is done."""
    items, found = proposals.unmatched(session, viewer, reference, query)
    return list_response(http_request, Listing[UnmatchedRead], items, found, query, headers=SPOKEN)
