"""Offers: what providers can deliver, to whom, how much of it and until when."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.requests import Request as HttpRequest

from app.etags import require_match, respond
from app.events.history import VersionRead
from app.examples import example, listing
from app.offers import service
from app.offers.examples import AMENDED_OFFER, OFFER, OFFER_VERSION, WITHDRAWN_OFFER
from app.offers.filters import OffersQuery
from app.offers.schemas import OfferAmend, OfferRead, OfferSubmit
from app.paging import Listing, PageQuery, list_of, list_response
from app.parameters import KnownAt
from app.problems import CHANGE_REFUSALS, LIST_REFUSALS, SUBMIT_REFUSALS, InvalidParameter, NotFound, declare
from app.schemas import Withdrawal
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1/offers", tags=["offers"], route_class=ClosingRoute)

OfferPath = Annotated[
    str, Path(description="Reference of an offer", openapi_examples={"offer": {"value": "O-NZL-2015"}})
]


@router.post(
    "",
    operation_id="submit_offer",
    status_code=201,
    response_model=OfferRead,
    responses=SUBMIT_REFUSALS | example(OFFER, 201),
)
def submit_offer(body: OfferSubmit, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Submit an offer."""
    offer = service.submit(session, viewer, body)
    session.commit()
    return respond(http_request, offer, 201, {"Location": f"{router.prefix}/{offer.reference}"})


@router.get(
    "",
    operation_id="list_offers",
    response_model=Listing[OfferRead],
    responses=LIST_REFUSALS | listing(OFFER),
)
def list_offers(
    query: Annotated[OffersQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List offers, withdrawn ones among them."""
    items, found = service.offers(session, viewer, query)
    return list_response(http_request, Listing[OfferRead], items, found, query)


@router.get(
    "/{reference}",
    operation_id="read_offer",
    response_model=OfferRead,
    responses=declare(NotFound, InvalidParameter) | example(OFFER),
)
def read_offer(
    reference: OfferPath,
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
    known_at: KnownAt = None,
) -> Response:
    """Read one offer, as it is or as it was known at an instant."""
    if known_at is not None:
        return respond(http_request, service.read_known_at(session, viewer, reference, known_at))
    return respond(http_request, service.read(session, viewer, reference))


@router.get(
    "/{reference}/history",
    operation_id="list_offer_versions",
    response_model=Listing[VersionRead],
    responses=LIST_REFUSALS | declare(NotFound) | listing(OFFER_VERSION),
)
def list_offer_versions(
    reference: OfferPath,
    query: Annotated[PageQuery, Query()],
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    """List the versions of an offer: when each became known, who made it so, and what it changed."""
    found = list_of(service.versions(session, viewer, reference), "number", query, of=reference)
    return list_response(http_request, Listing[VersionRead], found.rows, found, query)


@router.patch(
    "/{reference}",
    operation_id="amend_offer",
    response_model=OfferRead,
    responses=CHANGE_REFUSALS | example(AMENDED_OFFER),
)
def amend_offer(
    reference: OfferPath, body: OfferAmend, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Amend an offer: what is not sent stays, null clears."""
    require_match(http_request, service.read(session, viewer, reference, lock=True))
    offer = service.amend(session, viewer, reference, body)
    session.commit()
    return respond(http_request, offer)


@router.post(
    "/{reference}/withdraw",
    operation_id="withdraw_offer",
    response_model=OfferRead,
    responses=CHANGE_REFUSALS | example(WITHDRAWN_OFFER),
)
def withdraw_offer(
    reference: OfferPath, body: Withdrawal, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Withdraw an offer. It stays readable, and can no longer be amended."""
    require_match(http_request, service.read(session, viewer, reference, lock=True))
    offer = service.withdraw(session, viewer, reference, body)
    session.commit()
    return respond(http_request, offer)
