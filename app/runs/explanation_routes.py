"""What a finished run says for itself: its proof, why a pair is not proposed, its offers, supply, and an archive."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.requests import Request as HttpRequest

from app.content import canonical
from app.etags import respond, respond_bytes
from app.examples import example, listing
from app.messages import SPOKEN
from app.paging import Listing, PageQuery, list_response
from app.problems import Conflict, InvalidCursor, InvalidParameter, NotFound, declare
from app.runs import explanations, take_home, why
from app.runs.examples import CERTIFICATE, OFFER_USE, PAIR, POOL, SHADOW
from app.runs.routes import RunPath, json_document
from app.runs.schemas import OfferUse, PairRead, PoolRead, ShadowRead
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1/runs", tags=["runs"], route_class=ClosingRoute)

LIST_REFUSALS = declare(InvalidParameter, InvalidCursor, NotFound, Conflict)
ZIP = "application/zip"

NeedPath = Annotated[str, Path(description="A need", openapi_examples={"need": {"value": "R-MNG-2015/1"}})]
OfferPath = Annotated[str, Path(description="An offer", openapi_examples={"offer": {"value": "O-NZL-2015"}})]
Member = Annotated[
    str | None, Query(max_length=3, description="ISO 3166-1 alpha-3 code, where a need is met member by member")
]


@router.get(
    "/{reference}/certificate",
    operation_id="read_run_certificate",
    responses=declare(NotFound, Conflict) | json_document(CERTIFICATE),
)
def read_run_certificate(
    reference: RunPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Read the prices that prove a run's result, and the checker's verdict. What they prove: docs/certificate.md."""
    return respond_bytes(http_request, canonical(explanations.certificate(session, viewer, reference)))


@router.get(
    "/{reference}/archive",
    operation_id="read_run_archive",
    response_class=Response,
    responses=declare(NotFound, Conflict)
    | {200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}},
)
def read_run_archive(reference: RunPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Take a run home: problem, strategy, result, certificate and a checker that needs nothing but Python."""
    answer = respond_bytes(http_request, take_home.archive(session, viewer, reference))
    if answer.status_code == 200:
        answer.headers["Content-Type"] = ZIP
        answer.headers["Content-Disposition"] = f'attachment; filename="{take_home.name(reference)}"'
    return answer


@router.get(
    "/{reference}/pairs/{need:path}/{offer}",
    operation_id="read_run_pair",
    response_model=PairRead,
    responses=declare(InvalidParameter, NotFound, Conflict) | example(PAIR),
)
def read_run_pair(
    reference: RunPath,
    need: NeedPath,
    offer: OfferPath,
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
    member: Member = None,
) -> Response:
    """Say why a run does not propose a pair: the rule that it fails, or what it would cost in all, and whom."""
    return respond(http_request, why.pair(session, viewer, reference, need, offer, member), headers=SPOKEN)


@router.get(
    "/{reference}/offers",
    operation_id="list_run_offers",
    response_model=Listing[OfferUse],
    responses=LIST_REFUSALS | listing(OFFER_USE),
)
def list_run_offers(
    reference: RunPath,
    query: Annotated[PageQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List what became of each offer: how many units are proposed, or why none are."""
    items, found = explanations.offers(session, viewer, reference, query)
    return list_response(http_request, Listing[OfferUse], items, found, query, headers=SPOKEN)


@router.get(
    "/{reference}/overlaps",
    operation_id="list_run_overlaps",
    response_model=Listing[OfferUse],
    responses=LIST_REFUSALS | listing(OFFER_USE),
)
def list_run_overlaps(
    reference: RunPath,
    query: Annotated[PageQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List the offers for whose needs others could stand in, the most replaceable first, and those never used."""
    items, found = explanations.overlaps(session, viewer, reference, query)
    return list_response(http_request, Listing[OfferUse], items, found, query, headers=SPOKEN)


@router.get(
    "/{reference}/shadow-prices",
    operation_id="list_run_shadow_prices",
    response_model=Listing[ShadowRead],
    responses=LIST_REFUSALS | listing(SHADOW),
)
def list_run_shadow_prices(
    reference: RunPath,
    query: Annotated[PageQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List what one more unit would add, by subject and subregion, the greatest gain first."""
    items, found = explanations.shadows(session, viewer, reference, query)
    return list_response(http_request, Listing[ShadowRead], items, found, query, headers=SPOKEN)


@router.get(
    "/{reference}/pooled-demand",
    operation_id="list_run_pooled_demand",
    response_model=Listing[PoolRead],
    responses=LIST_REFUSALS | listing(POOL),
)
def list_run_pooled_demand(
    reference: RunPath,
    query: Annotated[PageQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List joint activities that could stand for several national needs, and what would be gained."""
    items, found = explanations.pools(session, viewer, reference, query)
    return list_response(http_request, Listing[PoolRead], items, found, query, headers=SPOKEN)
