"""Strong entity tags: the hash of the bytes that are sent, so that equal tags mean equal bodies."""

import hashlib
from collections.abc import Mapping

from pydantic import BaseModel
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from app.problems import PreconditionFailed, PreconditionRequired


def body_of(answer: BaseModel) -> bytes:
    """The JSON that is sent for ``answer``."""
    return answer.model_dump_json(by_alias=True).encode()


def etag_of(body: bytes) -> str:
    """The strong entity tag of ``body``, quotes included."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def listed(header: str) -> list[str]:
    """The tags of an If-Match or If-None-Match header; tags of ours hold no comma."""
    return [tag.strip() for tag in header.split(",") if tag.strip()]


def respond(
    http_request: HttpRequest, answer: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Send ``answer`` with its ETag, or 304 where the client has it already."""
    return respond_bytes(http_request, body_of(answer), status, headers)


def respond_bytes(
    http_request: HttpRequest, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """The same for JSON that is made already."""
    tag = etag_of(body)
    sent = {"ETag": tag, **(headers or {})}
    if status == 200 and http_request.method in ("GET", "HEAD"):
        known = [each.removeprefix("W/") for each in listed(http_request.headers.get("if-none-match", ""))]
        if tag in known or "*" in known:
            return Response(None, 304, sent)
    return Response(body, status, sent, "application/json")


def require_match(http_request: HttpRequest, current: BaseModel) -> None:
    """Hold a change to the version it was made from: raises PreconditionRequired or PreconditionFailed.

    ``current`` is the record as this client would read it now, under a row lock: of two changes made from
    the same version, the second waits for the first and then fails here.
    """
    given = http_request.headers.get("if-match")
    if given is None:
        raise PreconditionRequired("this change needs If-Match with the ETag of the version it was made from")
    tag = etag_of(body_of(current))
    if "*" not in listed(given) and tag not in listed(given):
        raise PreconditionFailed(f"If-Match names {given[:100]}, the record is now {tag}")
