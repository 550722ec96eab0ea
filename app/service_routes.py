"""About the service itself: what it is, whether it works, what its refusals mean, the head of its log."""

import html
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from app.contract import rendered
from app.etags import respond, respond_bytes
from app.events.service import n_unsealed, seal
from app.examples import HEAD, HEALTH, PROBLEM_KIND, READY, SERVICE, example
from app.migration import UnusableDatabase, newest, require_ready
from app.problems import NotFound, NotReady, Problem, catalogue, declare, suggest
from app.sessions import ClosingRoute, SessionDep

router = APIRouter(tags=["service"], route_class=ClosingRoute)


class ServiceRead(BaseModel):
    """What this is, and where to go on."""

    service: str
    version: str
    spec: str = Field(description="The OpenAPI document of this version")
    code_lists: str
    problems: str = Field(description="What each kind of refusal means")
    licence: str = Field(description="SPDX identifier")
    status: str = Field(description="Where to ask whether the service can work")


class HealthRead(BaseModel):
    """The process runs."""

    status: str


class ReadyRead(BaseModel):
    """The database answers and has the schema of this version."""

    status: str
    schema_revision: str


class HeadRead(BaseModel):
    """The newest sealed event: keep ``head``, and a log that is cut short can no longer pass for whole."""

    number: int
    link: str = Field(description="SHA-256 in hexadecimal")
    head: str = Field(description="As `assist1540 doctor` takes it: NUMBER:HASH")
    unsealed: int = Field(description="Events that are not sealed yet, since older transactions still run")


class ProblemKindRead(BaseModel):
    """A kind of refusal, and what to do about it."""

    type: str
    title: str
    status: int
    remedy: str


class ProblemKindsRead(BaseModel):
    """Every kind of refusal."""

    data: list[ProblemKindRead]


SlugPath = Annotated[
    str, Path(description="Last part of a problem's type", openapi_examples={"problem": {"value": "reference-taken"}})
]


@router.get("/v1", operation_id="read_service", response_model=ServiceRead, responses=example(SERVICE))
def read_service(http_request: Request) -> Response:
    """Say what this service is, which version of it, and where to go on."""
    answer = ServiceRead(
        service="assist1540",
        version=http_request.app.version,
        spec="/v1/openapi.json",
        code_lists="/v1/code-lists",
        problems="/problems",
        licence="Apache-2.0",
        status="/ready",
    )
    return respond(http_request, answer)


@router.get("/v1/openapi.json", include_in_schema=False)
def read_openapi(http_request: Request) -> Response:
    """The OpenAPI document."""
    return respond_bytes(http_request, rendered(http_request.app.openapi()).encode())


@router.get("/health", operation_id="check_health", response_model=HealthRead, responses=example(HEALTH))
def check_health(http_request: Request) -> Response:
    """Say that the process runs, without asking the database."""
    return respond(http_request, HealthRead(status="ok"))


@router.get(
    "/ready", operation_id="check_ready", response_model=ReadyRead, responses=declare(NotReady) | example(READY)
)
def check_ready(session: SessionDep, http_request: Request) -> Response:
    """Say that the database answers and has the schema of this version."""
    try:
        require_ready(session.connection())
    except UnusableDatabase as error:
        raise NotReady(str(error), headers={"Retry-After": "5"}) from error
    return respond(http_request, ReadyRead(status="ready", schema_revision=newest()))


@router.get("/v1/events/head", operation_id="read_log_head", response_model=HeadRead, responses=example(HEAD))
def read_log_head(session: SessionDep, http_request: Request) -> Response:
    """Seal what can be sealed of the event log, and name its head."""
    head = seal(session)
    session.commit()
    answer = HeadRead(number=head.number, link=head.link, head=str(head), unsealed=n_unsealed(session))
    return respond(http_request, answer)


@router.get(
    "/problems",
    operation_id="list_problem_kinds",
    response_model=ProblemKindsRead,
    responses=example({"data": [PROBLEM_KIND]}),
)
def list_problem_kinds(http_request: Request) -> Response:
    """List every kind of refusal."""
    return respond(http_request, ProblemKindsRead(data=[_kind_read(kind) for kind in catalogue().values()]))


@router.get(
    "/problems/{slug}",
    operation_id="read_problem_kind",
    response_model=ProblemKindRead,
    responses=declare(NotFound) | example(PROBLEM_KIND, also={"text/html": {"schema": {"type": "string"}}}),
)
def read_problem_kind(slug: SlugPath, http_request: Request) -> Response:
    """Say what a kind of refusal means and what to do about it, as JSON, or as a page for a browser."""
    kind = catalogue().get(slug)
    if kind is None:
        raise NotFound(f"there is no kind of problem {slug}; {suggest(slug, catalogue())}")
    if "text/html" in http_request.headers.get("accept", ""):
        return Response(_page(kind), media_type="text/html", headers={"Vary": "Accept", "Content-Language": "en"})
    return respond(http_request, _kind_read(kind), headers={"Vary": "Accept"})


def _kind_read(kind: type[Problem]) -> ProblemKindRead:
    return ProblemKindRead(type=f"/problems/{kind.slug}", title=kind.title, status=kind.status, remedy=kind.remedy)


def _page(kind: type[Problem]) -> str:
    title, remedy = html.escape(kind.title), html.escape(kind.remedy)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>Status {kind.status}, type <code>/problems/{kind.slug}</code>.</p>"
        f"<h2>What to do</h2><p>{remedy}</p></html>\n"
    )
