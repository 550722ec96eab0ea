"""Preview: what would become of a need if it were submitted now."""

from fastapi import APIRouter, Response
from starlette.requests import Request as HttpRequest

from app.etags import respond
from app.examples import example
from app.messages import SPOKEN
from app.problems import Conflict, InvalidContent, NotFound, declare
from app.runs.examples import PREVIEW
from app.runs.preview import PreviewTookTooLong, TooManyPreviews, preview
from app.runs.preview_examples import PREVIEW_IN_RUN
from app.runs.preview_schemas import PreviewInRun, PreviewInRunAsk
from app.runs.routes import RunPath
from app.runs.schemas import PreviewAsk, PreviewRead
from app.runs.warm_preview import preview_in
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1", tags=["runs"], route_class=ClosingRoute)


@router.post(
    "/preview",
    operation_id="preview_needs",
    response_model=PreviewRead,
    responses=declare(InvalidContent, PreviewTookTooLong, TooManyPreviews) | example(PREVIEW),
)
def preview_needs(body: PreviewAsk, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Say who would serve these needs in the coming run if they were submitted now, or why nobody would.

    Nothing is stored. The record is taken as it stands, and the run as if its cut-off were today.
    """
    return respond(http_request, preview(session, viewer, body), headers=SPOKEN)


@router.post(
    "/runs/{reference}/preview",
    operation_id="preview_in_run",
    response_model=PreviewInRun,
    responses=declare(InvalidContent, NotFound, Conflict, PreviewTookTooLong, TooManyPreviews)
    | example(PREVIEW_IN_RUN),
)
def preview_in_run(
    reference: RunPath, body: PreviewInRunAsk, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Say what one need or offer, new or changed, would have changed in a finished run: who would be served, by whom,
    displacing whom, and the exact gain.

    Nothing is stored. The run's optimum is kept warm, so that the second question takes milliseconds; where only a new
    solve can tell, one is made.
    """
    return respond(http_request, preview_in(session, viewer, reference, body), headers=SPOKEN)
