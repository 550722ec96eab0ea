"""Code lists: what the codes in every other body mean."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.requests import Request as HttpRequest

from app.examples import CODE_LIST, DOMAIN, GROUP_KIND, MODALITY, REGION, RELATEDNESS, WEAPON_SCOPE, listing
from app.paging import Codes, Listing, PageQuery, list_response
from app.problems import LIST_REFUSALS
from app.reference import lists
from app.reference.schemas import (
    CodeListRead,
    CodeRead,
    DomainRead,
    GroupKindRead,
    ModalityRead,
    RegionRead,
    RelatednessRead,
)
from app.sessions import ClosingRoute, SessionDep, ViewerDep

router = APIRouter(prefix="/v1/code-lists", tags=["code lists"], route_class=ClosingRoute)


class CodesQuery(PageQuery):
    """Filters of a code list."""

    code: Codes


class RelatednessQuery(PageQuery):
    """Filters of the pairs of related domains."""

    domain: Codes


@router.get(
    "",
    operation_id="list_code_lists",
    response_model=Listing[CodeListRead],
    responses=LIST_REFUSALS | listing(CODE_LIST),
)
def list_code_lists(
    query: Annotated[PageQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List every version of every code list that is loaded."""
    found = lists.versions(session, viewer, query)
    items = [CodeListRead.model_validate(row) for row in found.rows]
    return list_response(http_request, Listing[CodeListRead], items, found, query)


def _answer(
    name: str,
    model: type[CodeRead],
    query: CodesQuery,
    session: SessionDep,
    viewer: ViewerDep,
    http_request: HttpRequest,
) -> Response:
    found = lists.codes(session, viewer, name, query, query.code)
    items = [model.model_validate(row) for row in found.rows]
    return list_response(http_request, Listing[model], items, found, query)  # type: ignore[valid-type]


@router.get(
    "/domains",
    operation_id="list_domains",
    response_model=Listing[DomainRead],
    responses=LIST_REFUSALS | listing(DOMAIN),
)
def list_domains(
    query: Annotated[CodesQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List the domains: the subjects of assistance."""
    return _answer("domains", DomainRead, query, session, viewer, http_request)


@router.get(
    "/modalities",
    operation_id="list_modalities",
    response_model=Listing[ModalityRead],
    responses=LIST_REFUSALS | listing(MODALITY),
)
def list_modalities(
    query: Annotated[CodesQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List the modalities: the forms of assistance, each with a real example."""
    return _answer("modalities", ModalityRead, query, session, viewer, http_request)


@router.get(
    "/weapon-scopes",
    operation_id="list_weapon_scopes",
    response_model=Listing[CodeRead],
    responses=LIST_REFUSALS | listing(WEAPON_SCOPE),
)
def list_weapon_scopes(
    query: Annotated[CodesQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List the weapon scopes."""
    return _answer("weapon-scopes", CodeRead, query, session, viewer, http_request)


@router.get(
    "/regions",
    operation_id="list_regions",
    response_model=Listing[RegionRead],
    responses=LIST_REFUSALS | listing(REGION),
)
def list_regions(
    query: Annotated[CodesQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List the M49 regions, subregions and intermediate regions."""
    return _answer("regions", RegionRead, query, session, viewer, http_request)


@router.get(
    "/group-kinds",
    operation_id="list_group_kinds",
    response_model=Listing[GroupKindRead],
    responses=LIST_REFUSALS | listing(GROUP_KIND),
)
def list_group_kinds(
    query: Annotated[CodesQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List the kinds of group, and which membership statuses count in each."""
    return _answer("group-kinds", GroupKindRead, query, session, viewer, http_request)


@router.get(
    "/relatedness",
    operation_id="list_relatedness",
    response_model=Listing[RelatednessRead],
    responses=LIST_REFUSALS | listing(RELATEDNESS),
)
def list_relatedness(
    query: Annotated[RelatednessQuery, Query()], session: SessionDep, viewer: ViewerDep, http_request: HttpRequest
) -> Response:
    """List how far an offer in one domain serves a need in another."""
    found = lists.relatedness(session, viewer, query, query.domain)
    items = [RelatednessRead.model_validate(row) for row in found.rows]
    return list_response(http_request, Listing[RelatednessRead], items, found, query)
