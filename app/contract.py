"""The API's contract as an OpenAPI document: FastAPI's, with what every operation shares declared for all of them."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.problems import (
    MEDIA_TYPE,
    ForeignOrigin,
    InternalError,
    InvalidParameter,
    MalformedRequest,
    Misdirected,
    NotFound,
    NotReady,
    Problem,
    ProblemRead,
    TookTooLong,
    TooLarge,
    Unavailable,
    UnsupportedMediaType,
    declare,
)

Json = dict[str, Any]

SUMMARY = "Requests for assistance under Security Council resolution 1540 (2004), offers, and the runs that match them"
DESCRIPTION = """\
Every answer is JSON; every refusal is a problem document (RFC 9457) whose `type` resolves to a page that says what
to do. Filters take exact codes: several codes of one filter mean OR, several filters mean AND. Lists are paged by
keyset: follow `links.next`. Changes need `If-Match`. Nothing is ever deleted. See docs/api.md.
"""
TAGS = [
    {"name": "service", "description": "What this is, whether it works, what refusals mean"},
    {"name": "code lists", "description": "What the codes in every other body mean"},
    {"name": "parties", "description": "States, organizations, groups and their members"},
    {"name": "requests", "description": "What is asked for"},
    {"name": "group submissions", "description": "Requests of groups for members of them"},
    {"name": "offers", "description": "What can be given"},
    {"name": "exclusions", "description": "Who is not served by whom"},
    {"name": "answers", "description": "What providers said to proposed pairings"},
    {"name": "strategies", "description": "Rules and weights, versioned"},
    {"name": "runs", "description": "A quarter's run and what it proposed"},
]

#: Operations that do not ask the database.
WITHOUT_DATABASE = {"read_service", "check_health", "list_problem_kinds", "read_problem_kind"}

ETAG = {"description": "Strong entity tag of this answer", "schema": {"type": "string"}}
NEXT = {"description": 'The next page as `<...>; rel="next"`, where there is one', "schema": {"type": "string"}}
LOCATION = {"description": "Path of the new record", "schema": {"type": "string"}}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "ETag of the version that the change was made from",
    "schema": {"type": "string"},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETag of the answer that the client has: 304 if it is still the same",
    "schema": {"type": "string"},
}


def describe(app: FastAPI) -> Json:
    """The OpenAPI document of ``app``, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _described(app)
    return app.openapi_schema


def _described(app: FastAPI) -> Json:
    made = get_openapi(
        title=app.title,
        version=app.version,
        summary=SUMMARY,
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
    )
    schemas = made["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = ProblemRead.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"ProblemRead": problem}
    shared: Json = {}
    routes = {route.operation_id: route for route in app.state.routes}
    for path in made["paths"].values():
        for method, operation in path.items():
            _restore_examples(operation, routes[operation["operationId"]])
            _complete(operation, method, schemas)
            _share(operation, shared)
    made["components"]["responses"] = shared
    for schema in schemas.values():
        schema.pop("example", None)
    return made


def _restore_examples(operation: Json, route: APIRoute) -> None:
    """Put back the nulls in the examples of answers, which FastAPI takes out with the absent parts of its own."""
    for status, declared in route.responses.items():
        for media_type, content in declared.get("content", {}).items():
            if "example" in content:
                operation["responses"][str(status)]["content"][media_type]["example"] = content["example"]


def _complete(operation: Json, method: str, schemas: Json) -> None:
    """Declare of one operation what it shares with all others of its form."""
    responses: Json = operation["responses"]
    if "HTTPValidationError" in json.dumps(responses.get("422", {})):
        del responses["422"]
    for status, declared in declare(*_shared_problems(operation, method)).items():
        _merge(responses, str(status), declared)
    parameters: list[Json] = operation.setdefault("parameters", [])
    if "428" in responses:
        parameters.append(IF_MATCH)
    if method == "get":
        parameters.append(IF_NONE_MATCH)
        responses["304"] = {"description": "The client has this answer already", "headers": {"ETag": ETAG}}
    for status in {"200", "201", "202"} & set(responses):
        headers = responses[status].setdefault("headers", {})
        headers["ETag"] = ETAG
        if status != "200":
            headers["Location"] = LOCATION
        if method == "get" and operation["operationId"].startswith("list_"):
            headers["Link"] = NEXT
    _give_example(operation, schemas)
    operation["responses"] = dict(sorted(responses.items()))


def _shared_problems(operation: Json, method: str) -> list[type[Problem]]:
    shared: list[type[Problem]] = [InvalidParameter, TooLarge, UnsupportedMediaType, Misdirected, InternalError]
    if method != "get":
        shared.append(ForeignOrigin)
    if "requestBody" in operation:
        shared.append(MalformedRequest)
    if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
        shared.append(NotFound)
    if operation["operationId"] not in WITHOUT_DATABASE:
        shared += [Unavailable, NotReady, TookTooLong]
    return shared


def _merge(responses: Json, status: str, declared: Json) -> None:
    """Add the problems of ``declared`` to what the operation itself declares for ``status``."""
    if status not in responses:
        responses[status] = declared
        return
    for media_type, content in declared["content"].items():
        examples = responses[status]["content"][media_type]["examples"]
        responses[status]["content"][media_type]["examples"] = content["examples"] | examples


def _share(operation: Json, shared: Json) -> None:
    """Move each refusal to the components, named for the problems it may be, and refer to it."""
    for status, response in operation["responses"].items():
        if MEDIA_TYPE in response.get("content", {}):
            name = ".".join(sorted(response["content"][MEDIA_TYPE]["examples"]))
            shared[name] = response
            operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def _give_example(operation: Json, schemas: Json) -> None:
    """Show the example of the body's schema where tools look for it: at the operation."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        reference = content["schema"].get("$ref")
        if reference and "example" not in content and "examples" not in content:
            schema = schemas[reference.rpartition("/")[2]]
            if "example" in schema:
                content["example"] = schema["example"]


def rendered(document: Json) -> str:
    """``document`` as text: the same from the same code, whatever the machine."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
