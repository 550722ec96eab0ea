"""The JSON of a body, read once and strictly: what two readers could take for different things is refused."""

import json
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.requests import Request as HttpRequest

from app.problems import MalformedRequest

#: Digits that a number may have; the greatest that means something here has ten.
MOST_DIGITS = 400


class JsonRequest(HttpRequest):
    """An HTTP request whose body is JSON in UTF-8, with every name once in its object."""

    async def json(self) -> Any:
        """The body; raises MalformedRequest, and JSONDecodeError where it is not JSON at all."""
        try:
            text = (await self.body()).decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedRequest(f"the body is not UTF-8: byte {error.start + 1} cannot be read") from error
        try:
            return json.loads(
                text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_whole, parse_float=_short_float
            )
        except RecursionError as error:
            raise MalformedRequest("the body has objects or lists inside each other too deep to be read") from error


class JsonRoute(APIRoute):
    """A route that reads its body so."""

    def get_route_handler(self) -> Callable[[HttpRequest], Coroutine[Any, Any, Response]]:
        """The framework's handler, given a request that reads strictly."""
        handle = super().get_route_handler()

        async def strict(http_request: HttpRequest) -> Response:
            return await handle(JsonRequest(http_request.scope, http_request.receive))

        return strict


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        [(name, times)] = Counter(name for name, _ in pairs).most_common(1)
        raise MalformedRequest(f"{name!r} stands {times} times in one object of the body; give each name once")
    return document


def _no_number(name: str) -> Any:
    raise MalformedRequest(f"the body is not JSON: {name} is no number")


def _whole(digits: str) -> int:
    return int(_short(digits))


def _short_float(digits: str) -> float:
    return float(_short(digits))


def _short(digits: str) -> str:
    if len(digits) > MOST_DIGITS:
        raise MalformedRequest(f"the body has a number of {len(digits)} digits; no number here needs so many")
    return digits
