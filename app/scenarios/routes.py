"""Studies of scenarios: ask what would be under other strategies, follow the work, read what comes of it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.requests import Request as HttpRequest

from app.etags import respond
from app.examples import example, listing
from app.messages import SPOKEN
from app.paging import Codes, Listing, OneOf, PageQuery, list_response
from app.problems import (
    Conflict,
    InvalidContent,
    InvalidCursor,
    InvalidParameter,
    NotFound,
    ReferenceTaken,
    StrategyRefused,
    declare,
)
from app.scenarios import results, service
from app.scenarios.examples import CANCELLED_STUDY, CHANGES, FIRMNESS, QUEUED_STUDY, SCENARIO, STUDY
from app.scenarios.models import StudyKind
from app.scenarios.results import ScenariosQuery
from app.scenarios.schemas import ChangesRead, FirmnessRead, ScenarioRead, StudyRead, StudyStart
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1/scenarios", tags=["scenarios"], route_class=ClosingRoute)

LIST_REFUSALS = declare(InvalidParameter, InvalidCursor)

StudyPath = Annotated[
    str, Path(description="Reference of a study", openapi_examples={"study": {"value": STUDY["reference"]}})
]
NumberPath = Annotated[
    int, Path(description="Number of a scenario", ge=1, le=999_999, openapi_examples={"second": {"value": 2}})
]


class StudiesQuery(PageQuery):
    """Filters of the studies."""

    kind: OneOf[StudyKind]
    run: Codes


@router.post(
    "",
    operation_id="start_study",
    status_code=202,
    response_model=StudyRead,
    responses=declare(InvalidContent, StrategyRefused, NotFound, ReferenceTaken, Conflict) | example(QUEUED_STUDY, 202),
)
def start_study(body: StudyStart, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Start a study: a what-if, a backtest, or how firm or how sensitive a run is. Workers do the rest.

    Each scenario is solved by itself, and kept as soon as it is done. Nothing of it enters the record.
    """
    limit: int = http_request.app.state.settings.run_time_limit_s
    started = service.start(session, viewer, body, time_limit_s=limit)
    session.commit()
    return respond(http_request, started.study, 202, {"Location": f"{router.prefix}/{started.study.reference}"})


@router.get(
    "", operation_id="list_studies", response_model=Listing[StudyRead], responses=LIST_REFUSALS | listing(STUDY)
)
def list_studies(
    query: Annotated[StudiesQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List the studies, the newest first."""
    items, found = service.studies(session, viewer, query, query.kind, query.run)
    return list_response(http_request, Listing[StudyRead], items, found, query)


@router.get(
    "/{reference}",
    operation_id="read_study",
    response_model=StudyRead,
    responses=declare(NotFound) | example(STUDY),
)
def read_study(reference: StudyPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Read what a study asks and how far it is."""
    return respond(http_request, service.read(session, viewer, reference))


@router.post(
    "/{reference}/cancel",
    operation_id="cancel_study",
    response_model=StudyRead,
    responses=declare(NotFound, Conflict) | example(CANCELLED_STUDY),
)
def cancel_study(reference: StudyPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Cancel what a study has still to do. What is done is kept, and the study can be resumed."""
    study = service.cancel(session, viewer, reference)
    session.commit()
    return respond(http_request, study)


@router.post(
    "/{reference}/resume",
    operation_id="resume_study",
    status_code=202,
    response_model=StudyRead,
    responses=declare(NotFound) | example(QUEUED_STUDY, 202),
)
def resume_study(reference: StudyPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Do again what failed or was cancelled, and what was interrupted. What is done stays."""
    resumed = service.resume(session, viewer, reference)
    session.commit()
    return respond(http_request, resumed.study, 202)


@router.get(
    "/{reference}/results",
    operation_id="list_study_results",
    response_model=Listing[ScenarioRead],
    responses=LIST_REFUSALS | declare(NotFound) | listing(SCENARIO),
)
def list_study_results(
    reference: StudyPath,
    query: Annotated[ScenariosQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List the scenarios of a study with what each has come to so far."""
    items, found = results.scenarios(session, viewer, reference, query)
    return list_response(http_request, Listing[ScenarioRead], items, found, query, headers=SPOKEN)


@router.get(
    "/{reference}/results/{number}/changes",
    operation_id="read_study_changes",
    response_model=ChangesRead,
    responses=declare(NotFound, Conflict) | example(CHANGES),
)
def read_study_changes(
    reference: StudyPath, number: NumberPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Read the pairings in which a scenario differs from its baseline, and what each is worth under both."""
    return respond(http_request, results.changes(session, viewer, reference, number), headers=SPOKEN)


@router.get(
    "/{reference}/firmness",
    operation_id="read_study_firmness",
    response_model=FirmnessRead,
    responses=declare(NotFound, Conflict) | example(FIRMNESS),
)
def read_study_firmness(
    reference: StudyPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Read under how many of the other scenarios each pairing of the first one stays, with no fewer units."""
    return respond(http_request, results.firmness_of(session, viewer, reference))
