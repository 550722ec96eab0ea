"""What every answer has in common: a request id, safe headers, a bounded body, and no bare crash."""

import logging
import re
from collections.abc import Iterable

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.identifiers import uuid7
from app.problems import ForeignOrigin, InternalError, Misdirected, Problem, TooLarge, UnsupportedMediaType, render

log = logging.getLogger("assist1540.http")

REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
JSON_TYPE = re.compile(r"application/(?:json|[a-z0-9.-]+\+json)(?:\s*;.*)?", re.IGNORECASE)
CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)

#: Methods that change nothing. A browser sends any other, if it has no body, for whichever page asks it to; and it
#: says in Origin which page that is.
READING = frozenset({"GET", "HEAD", "OPTIONS"})

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Transport:
    """ASGI middleware around the whole application.

    ``hosts`` are the names this server answers for, without port: a page that had its own name pointed at
    loopback would otherwise read the record through its visitor's browser. ``max_body`` is in bytes.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], max_body: int) -> None:
        self.app = app
        self.hosts = frozenset(hosts)
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; anything else (lifespan) passes through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid7().hex
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                sent = MutableHeaders(scope=message)
                sent["X-Request-ID"] = request_id
                for name, value in SAFE_HEADERS.items():
                    sent[name] = value
                sent.setdefault("Cache-Control", "no-store")
            await send(message)

        # Every GET answers HEAD too: the server drops the body because the outer scope still says HEAD.
        inner = dict(scope, method="GET") if scope["method"] == "HEAD" else scope
        inner.setdefault("state", {})["request_id"] = request_id
        try:
            if refusal := self.refusal(scope, headers):
                await render(scope["path"], refusal)(inner, receive, dressed)
            else:
                await self.app(inner, self.bounded(receive), dressed)
        except Exception:
            log.exception("request %s: %s %s failed", request_id, scope["method"], scope["path"])
            if started:
                raise
            problem = InternalError(f"the server failed; its log has the reason under {request_id}")
            await render(scope["path"], problem)(inner, receive, dressed)

    def refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        """Why the head of the request alone is enough to refuse it, or None."""
        host = headers.get("host", "")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name.lower() not in self.hosts:
            return Misdirected("this server answers for " + ", ".join(sorted(self.hosts)))
        origin = headers.get("origin", f"{scope['scheme']}://{host}")
        if scope["method"] not in READING and origin != f"{scope['scheme']}://{host}":
            return ForeignOrigin(f"a page of {origin[:100]} asked for this change")
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > self.max_body:
            return self.too_large()
        has_body = length != "0" or "transfer-encoding" in headers
        return self.unreadable(headers) if has_body else None

    def unreadable(self, headers: Headers) -> UnsupportedMediaType | None:
        """Why a body that is sent with these headers would not be read as JSON in UTF-8, or None."""
        given = headers.get("content-type", "")
        if not JSON_TYPE.fullmatch(given):
            return UnsupportedMediaType(f"the body came with {given or 'no Content-Type'}; send application/json")
        charset = CHARSET.search(given)
        if charset and charset[1].lower() not in ("utf-8", "utf8"):
            return UnsupportedMediaType(f"the body came in {charset[1]}; send UTF-8")
        encoding = headers.get("content-encoding", "identity")
        if encoding.lower() != "identity":
            return UnsupportedMediaType(f"the body came with Content-Encoding {encoding}; send it as it is")
        return None

    def too_large(self) -> TooLarge:
        """The refusal of a body that is too large."""
        return TooLarge(f"a body may have {self.max_body} bytes at most")

    def bounded(self, receive: Receive) -> Receive:
        """``receive``, which refuses a body as soon as it has grown too large."""
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > self.max_body:
                raise HTTPException(413, str(self.too_large()))
            return message

        return counted
