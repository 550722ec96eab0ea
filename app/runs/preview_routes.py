"""Preview: what would become of a need if it were submitted now."""

from fastapi import APIRouter, Response
from starlette.requests import Request as HttpRequest

from app.etags import respond
from app.examples import example
from app.problems import InvalidContent, declare
from app.runs.examples import PREVIEW
from app.runs.preview import PreviewTookTooLong, TooManyPreviews, preview
from app.runs.routes import SPOKEN
from app.runs.schemas import PreviewAsk, PreviewRead
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1/preview", tags=["runs"], route_class=ClosingRoute)


@router.post(
    "",
    operation_id="preview_needs",
    response_model=PreviewRead,
    responses=declare(InvalidContent, PreviewTookTooLong, TooManyPreviews) | example(PREVIEW),
)
def preview_needs(body: PreviewAsk, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Say who would serve these needs in the coming run if they were submitted now, or why nobody would.

    Nothing is stored. The record is taken as it stands, and the run as if its cut-off were today.
    """
    return respond(http_request, preview(session, viewer, body), headers=SPOKEN)
