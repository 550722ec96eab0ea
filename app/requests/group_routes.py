"""Group submissions: requests by a group for members of it, with each one's consent."""

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
from app.requests.examples import (
    AMENDED_GROUP_SUBMISSION,
    CONSENTED,
    GROUP_SUBMISSION,
    GROUP_VERSION,
    WITHDRAWN_GROUP_SUBMISSION,
)
from app.requests.filters import GroupSubmissionsQuery
from app.requests.schemas import ConsentSubmit, GroupSubmissionSubmit, RequestAmend, RequestRead
from app.schemas import Withdrawal
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1/group-submissions", tags=["group submissions"], route_class=ClosingRoute)

SubmissionPath = Annotated[
    str, Path(description="Reference of a group submission", openapi_examples={"submission": {"value": "G-ASEAN-2015"}})
]
StatePath = Annotated[
    str, Path(description="ISO 3166-1 alpha-3 code of a member", openapi_examples={"state": {"value": "VNM"}})
]


@router.post(
    "",
    operation_id="submit_group_submission",
    status_code=201,
    response_model=RequestRead,
    responses=SUBMIT_REFUSALS | example(GROUP_SUBMISSION, 201),
)
def submit_group_submission(
    body: GroupSubmissionSubmit, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Submit a request of a group for members of it, each with its consent."""
    submission = service.submit(session, viewer, body)
    session.commit()
    return respond(http_request, submission, 201, {"Location": f"{router.prefix}/{submission.reference}"})


@router.get(
    "",
    operation_id="list_group_submissions",
    response_model=Listing[RequestRead],
    responses=LIST_REFUSALS | listing(GROUP_SUBMISSION),
)
def list_group_submissions(
    query: Annotated[GroupSubmissionsQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List group submissions, withdrawn ones among them."""
    items, found = service.requests(session, viewer, query)
    return list_response(http_request, Listing[RequestRead], items, found, query)


@router.get(
    "/{reference}",
    operation_id="read_group_submission",
    response_model=RequestRead,
    responses=declare(NotFound, InvalidParameter) | example(GROUP_SUBMISSION),
)
def read_group_submission(
    reference: SubmissionPath,
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
    known_at: KnownAt = None,
) -> Response:
    """Read one group submission, as it is or as it was known at an instant."""
    if known_at is not None:
        return respond(http_request, service.read_known_at(session, viewer, reference, known_at, groups=True))
    return respond(http_request, service.read(session, viewer, reference, groups=True))


@router.get(
    "/{reference}/history",
    operation_id="list_group_submission_versions",
    response_model=Listing[VersionRead],
    responses=LIST_REFUSALS | declare(NotFound) | listing(GROUP_VERSION),
)
def list_group_submission_versions(
    reference: SubmissionPath,
    query: Annotated[PageQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List the versions of a group submission: when each became known, who made it so, and what it changed."""
    found = list_of(service.versions(session, viewer, reference, groups=True), "number", query, of=reference)
    return list_response(http_request, Listing[VersionRead], found.rows, found, query)


@router.patch(
    "/{reference}",
    operation_id="amend_group_submission",
    response_model=RequestRead,
    responses=CHANGE_REFUSALS | example(AMENDED_GROUP_SUBMISSION),
)
def amend_group_submission(
    reference: SubmissionPath, body: RequestAmend, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Amend a group submission: what is not sent stays, null clears."""
    require_match(http_request, service.read(session, viewer, reference, lock=True, groups=True))
    submission = service.amend(session, viewer, reference, body, groups=True)
    session.commit()
    return respond(http_request, submission)


@router.put(
    "/{reference}/beneficiaries/{state}",
    operation_id="put_consent",
    response_model=RequestRead,
    responses=CHANGE_REFUSALS | example(CONSENTED),
)
def put_consent(
    reference: SubmissionPath,
    state: StatePath,
    body: ConsentSubmit,
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """Note where a member stands; a member of the group that is no beneficiary yet becomes one."""
    require_match(http_request, service.read(session, viewer, reference, lock=True, groups=True))
    submission = service.consent(session, viewer, reference, state, body)
    session.commit()
    return respond(http_request, submission)


@router.post(
    "/{reference}/withdraw",
    operation_id="withdraw_group_submission",
    response_model=RequestRead,
    responses=CHANGE_REFUSALS | example(WITHDRAWN_GROUP_SUBMISSION),
)
def withdraw_group_submission(
    reference: SubmissionPath, body: Withdrawal, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Withdraw a group submission. It stays readable, and can no longer be amended."""
    require_match(http_request, service.read(session, viewer, reference, lock=True, groups=True))
    submission = service.withdraw(session, viewer, reference, body, groups=True)
    session.commit()
    return respond(http_request, submission)
