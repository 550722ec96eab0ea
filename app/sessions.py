"""The database session of one HTTP request, and who acts in it."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy.orm import Session
from starlette.requests import Request as HttpRequest

from app.json_body import JsonRoute
from app.visibility import LOCAL, Viewer


async def current_viewer(http_request: HttpRequest) -> Viewer:
    """Who asks: the local viewer, since the server listens on loopback only."""
    return LOCAL


ViewerDep = Annotated[Viewer, Depends(current_viewer)]


async def lazy_session(http_request: HttpRequest) -> Session:
    """A session that takes a connection with its first query. ``ClosingRoute`` closes it."""
    return Session(http_request.app.state.engine, expire_on_commit=False)


# A lazy session, opened by the first query in the handler's own thread: a generator dependency costs three
# thread hops a request, and ends only after the response has gone out, so that a client would read 201
# for a row whose COMMIT then fails. So a route that writes commits, last thing before it answers.
SessionDep = Annotated[Session, Depends(lazy_session)]


def closing(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """``endpoint``, whose session is closed in the same thread, after it has made its whole answer."""

    @wraps(endpoint)
    def closed(*args: Any, **named: Any) -> Any:
        session = named.get("session")
        try:
            return endpoint(*args, **named)
        finally:
            if isinstance(session, Session):
                session.close()

    return closed


class ClosingRoute(JsonRoute):
    """A route whose session does not outlive its handler."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, closing(endpoint), **options)
