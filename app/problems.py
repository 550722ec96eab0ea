"""Refusals as problem documents (RFC 9457): one class for each kind, rendered in one place."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any, ClassVar

from pydantic import BaseModel, Field
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"

#: A refusal that lists more valid names than this is not read.
MOST_NAMES = 60
#: Names that are suggested, and the share of characters in common that makes them near.
MOST_NEAR = 3
LEAST_LIKENESS = 0.6


@dataclass(frozen=True)
class Fault:
    """One thing wrong in what was sent: where (a JSON pointer into the body), its code, and how to mend it."""

    pointer: str
    code: str
    detail: str


@dataclass(frozen=True)
class ParameterFault:
    """One thing wrong in the address: in its query string, or in a part of its path."""

    parameter: str
    code: str
    detail: str


class Problem(Exception):
    """A refusal the client can act on. Its text is the detail; subclasses set the rest."""

    status: ClassVar[int]
    slug: ClassVar[str]
    title: ClassVar[str]
    #: What the help page tells the client to do.
    remedy: ClassVar[str]

    def __init__(
        self,
        detail: str,
        errors: Iterable[Fault | ParameterFault] = (),
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra


class ForeignOrigin(Problem):
    status, slug, title = 403, "foreign-origin", "A page of another origin may change nothing here"
    remedy = "Send changes from a program, or from a page that this server itself serves."


class NotFound(Problem):
    status, slug, title = 404, "not-found", "Nothing here"
    remedy = "Check the path and the reference; lists under /v1 show what exists."


class MethodNotAllowed(Problem):
    status, slug, title = 405, "method-not-allowed", "Method not allowed here"
    remedy = "Use a method that the Allow header names. Nothing is ever deleted: withdraw it with POST …/withdraw."


class MalformedRequest(Problem):
    status, slug, title = 400, "malformed-request", "The request cannot be read"
    remedy = "Send well-formed JSON in UTF-8, and no control characters in the address."


class InvalidParameter(Problem):
    status, slug, title = 400, "invalid-parameter", "A query parameter cannot be used"
    remedy = "errors names each parameter and its valid form; GET /v1/openapi.json lists all of them."


class InvalidCursor(Problem):
    status, slug, title = 400, "invalid-cursor", "The cursor cannot be used"
    remedy = "Follow links.next as it was given, with the same filters, or start again without a cursor."


class InvalidContent(Problem):
    status, slug, title = 422, "invalid-content", "The content cannot be accepted"
    remedy = "errors points at each field and says what it may be; nothing was stored."


class StrictlyConfidential(Problem):
    status, slug, title = 422, "strictly-confidential", "Strictly confidential material is not accepted"
    remedy = "Do not send it here. Send an unclassified or confidential version of the record."


class StrategyRefused(Problem):
    status, slug, title = 422, "invalid-strategy", "The strategy cannot be used"
    remedy = "errors points at the wrong value; GET /v1/strategies shows documents that are valid."


class ReferenceTaken(Problem):
    status, slug, title = 409, "reference-taken", "The reference is in use"
    remedy = "Choose another reference, leave it out to have one made, or amend the record that has it."


class Conflict(Problem):
    status, slug, title = 409, "conflict", "The record's state does not allow this"
    remedy = "Read the record again; detail says what stands in the way."


class PreconditionFailed(Problem):
    status, slug, title = 412, "precondition-failed", "The record has changed since it was read"
    remedy = "GET the record again, look at what changed, and repeat with its new ETag in If-Match."


class PreconditionRequired(Problem):
    status, slug, title = 428, "precondition-required", "If-Match is required"
    remedy = "GET the record and send its ETag in If-Match, so that nobody's change is lost."


class TooLarge(Problem):
    status, slug, title = 413, "too-large", "The body is too large"
    remedy = "Send less at once; detail says how much is accepted."


class UnsupportedMediaType(Problem):
    status, slug, title = 415, "unsupported-media-type", "The body is not JSON"
    remedy = "Send JSON with Content-Type: application/json."


class Misdirected(Problem):
    status, slug, title = 421, "misdirected-request", "This server does not answer for that host"
    remedy = "Address the server by the name or address that it listens on."


class InternalError(Problem):
    status, slug, title = 500, "internal-error", "Something went wrong here"
    remedy = "Report it with the X-Request-ID of the answer, which finds it in the server's log."


class Unavailable(Problem):
    status, slug, title = 503, "database-unavailable", "The database cannot do this now"
    remedy = "Try again after the seconds that Retry-After names; nothing was half-written."


class TookTooLong(Problem):
    status, slug, title = 503, "took-too-long", "The database took too long"
    remedy = "Ask for less at once (a smaller limit, more filters), or try again later."


class NotReady(Problem):
    status, slug, title = 503, "database-not-ready", "The database is not set up"
    remedy = "Run `assist1540 init` on this database, then try again."


def catalogue() -> dict[str, type[Problem]]:
    """Every kind of problem by slug, in alphabetical order."""
    kinds: list[type[Problem]] = []
    waiting = [Problem]
    while waiting:
        children = waiting.pop().__subclasses__()
        kinds.extend(children)
        waiting.extend(children)
    return {kind.slug: kind for kind in sorted(kinds, key=lambda kind: kind.slug)}


class FaultRead(BaseModel):
    """One thing wrong: a JSON pointer into the body, or the name of a parameter of the address."""

    pointer: str | None = Field(None, description="JSON pointer (RFC 6901) into the body")
    parameter: str | None = Field(None, description="Name of the parameter of the address")
    code: str
    detail: str


class ProblemRead(BaseModel):
    """A problem document (RFC 9457). ``type`` resolves to a page that says how to mend it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FaultRead] | None = Field(None, description="Each thing that is wrong, where there are several")


def document(problem: Problem, path: str) -> dict[str, Any]:
    """The problem document, without members that say nothing."""
    body: dict[str, Any] = {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": str(problem),
        "instance": path,
    }
    if problem.errors:
        body["errors"] = [asdict(error) for error in problem.errors]
    return body | problem.extra


def render(path: str, problem: Problem) -> Response:
    """The answer that carries ``problem``."""
    # A name or path may hold an unpaired surrogate: written as an escape it stays valid JSON.
    text = json.dumps(document(problem, path), ensure_ascii=False, default=str)
    headers = {"Content-Language": "en", "Cache-Control": "no-store", **problem.headers}
    return Response(text.encode("utf-8", "backslashreplace"), problem.status, headers, MEDIA_TYPE)


def answer_problem(http_request: HttpRequest, problem: Exception) -> Response:
    """Exception handler for every Problem that a route or a service raises."""
    assert isinstance(problem, Problem)
    return render(http_request.url.path, problem)


def declare(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """What an operation may answer besides success, for OpenAPI: the kinds by status, with an example each."""
    declared: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = declared.setdefault(kind.status, {"description": kind.title, "content": {MEDIA_TYPE: {"examples": {}}}})
        entry["content"][MEDIA_TYPE]["schema"] = {"$ref": "#/components/schemas/ProblemRead"}
        entry["content"][MEDIA_TYPE]["examples"][kind.slug] = {
            "value": {
                "type": f"/problems/{kind.slug}",
                "title": kind.title,
                "status": kind.status,
                "detail": kind.remedy,
                "instance": "/v1",
            }
        }
    return declared


#: What the operations of every kind of record may refuse, besides what all operations may.
SUBMIT_REFUSALS = declare(InvalidContent, StrictlyConfidential, ReferenceTaken)
LIST_REFUSALS = declare(InvalidParameter, InvalidCursor)
CHANGE_REFUSALS = declare(
    NotFound, Conflict, InvalidContent, StrictlyConfidential, PreconditionFailed, PreconditionRequired
)


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901) to the place that ``parts`` lead to."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def suggest(given: str, valid: Iterable[str]) -> str:
    """The end of a sentence that names the nearest valid names, or all of them when none is near and they are few."""
    names = sorted(valid)
    if near := nearest(given, names):
        return f"did you mean {' or '.join(near)}?"
    if len(names) > MOST_NAMES:
        return f"there are {len(names)} valid ones, such as {', '.join(names[:3])}"
    return f"valid are {', '.join(names)}" if names else "none is valid here"


def nearest(given: str, valid: Sequence[str]) -> list[str]:
    """Up to three of ``valid``, the nearest first; the one that differs in capitals only stands alone.

    Of equally similar ones, that which begins like ``given`` for longer is nearer.
    """
    folded = given.casefold()
    matcher = SequenceMatcher(b=folded, autojunk=False)
    found = []
    for name in valid:
        matcher.set_seq1(name.casefold())
        if min(matcher.real_quick_ratio(), matcher.quick_ratio()) >= LEAST_LIKENESS:
            likeness = matcher.ratio()
            if likeness == 1:
                return [name]
            if likeness >= LEAST_LIKENESS:
                alike = takewhile(lambda pair: pair[0] == pair[1], zip(name.casefold(), folded, strict=False))
                found.append((-likeness, -len(list(alike)), name))
    return [name for _, _, name in sorted(found)[:MOST_NEAR]]
