"""What FastAPI and the database refuse, told as problem documents with the place and the remedy."""

from collections.abc import Sequence
from typing import Any, get_args, get_origin

from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from psycopg import errors as postgres
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.routing import Match, Route

from app.faults import fault_of, summary
from app.problems import (
    InternalError,
    InvalidContent,
    InvalidParameter,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    NotReady,
    ParameterFault,
    Problem,
    StrictlyConfidential,
    TookTooLong,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
    render,
    suggest,
)
from app.wording import said_of

RETRY = {"Retry-After": "5"}


async def known_parameters(http_request: HttpRequest) -> None:
    """Refuse what no route would read: unknown parameters, a single one given twice, control characters.

    A parameter that is silently ignored gives an answer to another question than the one asked.
    """
    path = http_request.url.path
    if any(
        ord(character) < 32 or ord(character) == 127
        for value in http_request.path_params.values()
        for character in str(value)
    ):
        raise NotFound("no reference holds control characters")
    declared = query_parameters(http_request.scope["route"])
    faults = []
    for name in dict.fromkeys(http_request.query_params):
        values = http_request.query_params.getlist(name)
        if name not in declared:
            faults.append(
                ParameterFault(
                    name, "unknown_parameter", f"{path} has no parameter {name!r}; {suggest(name, declared)}"
                )
            )
        elif any(ord(character) < 32 or ord(character) == 127 for value in values for character in value):
            faults.append(ParameterFault(name, "control_character", f"{name} holds a control character; remove it"))
        elif len(values) > 1 and not is_list(declared[name]):
            faults.append(ParameterFault(name, "given_twice", f"{name} was given {len(values)} times; give it once"))
    if faults:
        raise InvalidParameter("; ".join(fault.detail for fault in faults), faults)


def query_parameters(route: APIRoute) -> dict[str, Any]:
    """The annotations of a route's query parameters by name, those inside a model of parameters too."""
    found: dict[str, Any] = {}
    for field in route.dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found |= {name: info.annotation for name, info in annotation.model_fields.items()}
        else:
            found[field.alias] = annotation
    return found


def is_list(annotation: Any) -> bool:
    """Whether a parameter of this annotation may be repeated."""
    return get_origin(annotation) is list or any(is_list(part) for part in get_args(annotation))


def answer_validation(http_request: HttpRequest, error: Exception) -> Response:
    """Exception handler for a body, parameter or path that does not have the declared form."""
    assert isinstance(error, RequestValidationError)
    return render(http_request.url.path, problem_of(http_request, error.errors()))


def problem_of(http_request: HttpRequest, errors: Sequence[Any]) -> Problem:
    """The problem that Pydantic's errors amount to."""
    if any(error["type"] == "strictly_confidential" for error in errors):
        return StrictlyConfidential("strictly confidential material is not accepted here; nothing was stored")
    if any(error["loc"][0] == "path" for error in errors):
        return NotFound(f"there is nothing at {http_request.url.path}")
    if any(error["type"] == "json_invalid" for error in errors):
        reason = errors[0].get("ctx", {}).get("error", "not JSON")
        return MalformedRequest(f"the body is not JSON: {reason} at character {errors[0]['loc'][-1]}")
    of_query = [error for error in errors if error["loc"][0] == "query"]
    if of_query:
        named = [
            ParameterFault(str(error["loc"][1]), error["type"], f"{error['loc'][1]}: {said_of(error)}")
            for error in of_query
        ]
        return InvalidParameter("; ".join(fault.detail for fault in named), named)
    body = body_model(http_request.scope["route"])
    faults = [fault_of(error, body) for error in errors]
    return InvalidContent(summary(faults), faults)


def body_model(route: object) -> type[BaseModel] | None:
    """The model of a route's body, if it has one."""
    field = route.body_field if isinstance(route, APIRoute) else None
    annotation = field.field_info.annotation if field else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def answer_http(http_request: HttpRequest, error: Exception) -> Response:
    """Exception handler for what the framework itself refuses."""
    assert isinstance(error, HTTPException)
    path = http_request.url.path
    problem: Problem
    if isinstance(error.__cause__, Problem):
        # Raised while the body was read, which the framework takes for any failure to read it.
        problem = error.__cause__
    elif error.status_code == 404:
        problem = NotFound(f"there is nothing at {path}")
    elif error.status_code == 405:
        allowed = methods_at(http_request)
        problem = MethodNotAllowed(
            f"{http_request.method} is not possible at {path}; {', '.join(allowed)} are",
            headers={"Allow": ", ".join(allowed)},
        )
    elif error.status_code == 413:
        problem = TooLarge(str(error.detail))
    elif error.status_code == 415:
        problem = UnsupportedMediaType(str(error.detail))
    elif error.status_code < 500:
        problem = MalformedRequest("the request cannot be read: it is not well-formed JSON in UTF-8")
    else:
        problem = InternalError("the server failed")
    return render(path, problem)


def methods_at(http_request: HttpRequest) -> list[str]:
    """Every method that some route answers at this path; the framework names the first route's only."""
    routes: Sequence[Route] = http_request.app.state.routes
    allowed = set()
    for route in routes:
        match, _ = route.matches(dict(http_request.scope))
        if match is not Match.NONE:
            allowed |= set(route.methods or ())
    return sorted(allowed | ({"HEAD"} if "GET" in allowed else set()))


def answer_database(http_request: HttpRequest, error: Exception) -> Response:
    """Exception handler for what the database or the way to it refuses."""
    path = http_request.url.path
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, postgres.QueryCanceled):
        return render(path, TookTooLong("the database stopped the query at its time limit", headers=RETRY))
    if isinstance(cause, postgres.UndefinedTable | postgres.UndefinedColumn | postgres.UndefinedFunction):
        return render(path, NotReady("the database lacks tables that this version needs", headers=RETRY))
    if isinstance(cause, postgres.OperationalError | postgres.InterfaceError | TimeoutError) or not isinstance(
        error, DBAPIError
    ):
        return render(path, Unavailable(_said_of(cause), headers=RETRY))
    raise error


def _said_of(cause: BaseException | None) -> str:
    """Why the database cannot do a thing now."""
    if isinstance(cause, postgres.DeadlockDetected | postgres.SerializationFailure):
        return "two changes met in the database and this one gave way"
    if isinstance(cause, postgres.DiskFull):
        return "the database's disk is full"
    return "the database does not answer"
