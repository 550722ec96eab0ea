"""Strategies: what turns facts into points, in versions that never change."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response
from starlette.requests import Request as HttpRequest

from app.etags import respond
from app.examples import example, listing
from app.paging import Codes, Listing, PageQuery, list_response
from app.problems import InvalidCursor, InvalidParameter, NotFound, StrategyRefused, declare
from app.sessions import ClosingRoute, SessionDep, ViewerDep
from app.strategies import service
from app.strategies.examples import STRATEGY, SUBMITTED, SUMMARY
from app.strategies.schemas import StrategyRead, StrategySummary

router = APIRouter(prefix="/v1/strategies", tags=["strategies"], route_class=ClosingRoute)

NamePath = Annotated[str, Path(description="Name of a strategy", openapi_examples={"default": {"value": "default"}})]
VersionPath = Annotated[
    int, Path(description="Number of a version", ge=1, le=999_999_999, openapi_examples={"first": {"value": 1}})
]
Document = Annotated[
    dict[str, Any],
    Body(description="A document of the format matching-strategy/1", openapi_examples={"trial": {"value": SUBMITTED}}),
]


class StrategiesQuery(PageQuery):
    """Filters of the strategies."""

    name: Codes


@router.get(
    "",
    operation_id="list_strategies",
    response_model=Listing[StrategySummary],
    responses=declare(InvalidParameter, InvalidCursor) | listing(SUMMARY),
)
def list_strategies(
    query: Annotated[StrategiesQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List every version of every strategy, by name and version."""
    items, found = service.strategies(session, viewer, query, query.name)
    return list_response(http_request, Listing[StrategySummary], items, found, query)


@router.post(
    "",
    operation_id="submit_strategy",
    status_code=201,
    response_model=StrategyRead,
    responses=declare(StrategyRefused)
    | {200: {"description": "The newest version says exactly this", "model": StrategyRead}}
    | example(STRATEGY | {"name": "trial", "document": SUBMITTED, "title": SUBMITTED["title"]}, 201),
)
def submit_strategy(document: Document, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Store a document as the next version of the strategy that it names.

    Every number needs its reason, and one that favours somebody the decision that set it.
    """
    strategy, created = service.submit(session, viewer, document)
    session.commit()
    location = f"{router.prefix}/{strategy.name}/versions/{strategy.version}"
    return respond(http_request, strategy, 201 if created else 200, {"Location": location})


@router.get(
    "/{name}",
    operation_id="read_strategy",
    response_model=StrategyRead,
    responses=declare(NotFound) | example(STRATEGY),
)
def read_strategy(name: NamePath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest) -> Response:
    """Read the newest version of a strategy."""
    return respond(http_request, service.read(session, viewer, name))


@router.get(
    "/{name}/versions/{version}",
    operation_id="read_strategy_version",
    response_model=StrategyRead,
    responses=declare(NotFound) | example(STRATEGY),
)
def read_strategy_version(
    name: NamePath, version: VersionPath, session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """Read one version of a strategy."""
    return respond(http_request, service.read(session, viewer, f"{name}/{version}"))
