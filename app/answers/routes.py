"""Answers: what providers said to the pairings that were proposed to them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.requests import Request as HttpRequest

from app.answers import service
from app.answers.examples import AMENDED_ANSWER, ANSWER, ANSWER_VERSION, WITHDRAWN_ANSWER
from app.answers.filters import AnswersQuery
from app.answers.schemas import AnswerAmend, AnswerRead, AnswerSubmit
from app.etags import require_match, respond
from app.events.history import VersionRead
from app.examples import example, listing
from app.paging import Listing, PageQuery, list_of, list_response
from app.parameters import KnownAt
from app.problems import CHANGE_REFUSALS, LIST_REFUSALS, SUBMIT_REFUSALS, InvalidParameter, NotFound, declare
from app.schemas import Withdrawal
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1/answers", tags=["answers"], route_class=ClosingRoute)

AnswerPath = Annotated[
    str, Path(description="Reference of an answer", openapi_examples={"answer": {"value": "A-NZL-2015-1"}})
]


@router.post(
    "",
    operation_id="submit_answer",
    status_code=201,
    response_model=AnswerRead,
    responses=SUBMIT_REFUSALS | example(ANSWER, 201),
)
def submit_answer(body: AnswerSubmit, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Record what a provider answered."""
    answer = service.submit(session, viewer, body)
    session.commit()
    return respond(http_request, answer, 201, {"Location": f"{router.prefix}/{answer.reference}"})


@router.get(
    "",
    operation_id="list_answers",
    response_model=Listing[AnswerRead],
    responses=LIST_REFUSALS | listing(ANSWER),
)
def list_answers(
    query: Annotated[AnswersQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List answers, withdrawn ones among them."""
    items, found = service.answers(session, viewer, query)
    return list_response(http_request, Listing[AnswerRead], items, found, query)


@router.get(
    "/{reference}",
    operation_id="read_answer",
    response_model=AnswerRead,
    responses=declare(NotFound, InvalidParameter) | example(ANSWER),
)
def read_answer(
    reference: AnswerPath,
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
    known_at: KnownAt = None,
) -> Response:
    """Read one answer, as it is or as it was known at an instant."""
    if known_at is not None:
        return respond(http_request, service.read_known_at(session, viewer, reference, known_at))
    return respond(http_request, service.read(session, viewer, reference))


@router.get(
    "/{reference}/history",
    operation_id="list_answer_versions",
    response_model=Listing[VersionRead],
    responses=LIST_REFUSALS | declare(NotFound) | listing(ANSWER_VERSION),
)
def list_answer_versions(
    reference: AnswerPath,
    query: Annotated[PageQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List the versions of an answer: when each became known, who made it so, and what it changed."""
    found = list_of(service.versions(session, viewer, reference), "number", query, of=reference)
    return list_response(http_request, Listing[VersionRead], found.rows, found, query)


@router.patch(
    "/{reference}",
    operation_id="amend_answer",
    response_model=AnswerRead,
    responses=CHANGE_REFUSALS | example(AMENDED_ANSWER),
)
def amend_answer(
    reference: AnswerPath, body: AnswerAmend, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Amend an answer: what is not sent stays, null clears."""
    require_match(http_request, service.read(session, viewer, reference, lock=True))
    answer = service.amend(session, viewer, reference, body)
    session.commit()
    return respond(http_request, answer)


@router.post(
    "/{reference}/withdraw",
    operation_id="withdraw_answer",
    response_model=AnswerRead,
    responses=CHANGE_REFUSALS | example(WITHDRAWN_ANSWER),
)
def withdraw_answer(
    reference: AnswerPath, body: Withdrawal, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Withdraw an answer. It stays readable, and can no longer be amended."""
    require_match(http_request, service.read(session, viewer, reference, lock=True))
    answer = service.withdraw(session, viewer, reference, body)
    session.commit()
    return respond(http_request, answer)
