"""Lists in pages by keyset: a total order that ends in the reference, and a cursor that is its last key."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_
from sqlalchemy.orm import Session
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from app.content import canonical
from app.etags import respond
from app.problems import InvalidCursor

Item = TypeVar("Item")

MAXIMUM = 1000


def split(values: Any) -> Any:
    """Commas inside a repeated parameter mean OR, as repeating it does. An empty code would filter nothing."""
    if not isinstance(values, list):
        return values
    codes = [part for value in values for part in str(value).split(",")]
    if not all(codes):
        raise PydanticCustomError("empty_code", "holds an empty code; give one, or leave the filter out")
    return codes


#: A filter by exact codes: repeat it or separate with commas for OR.
Codes = Annotated[
    list[Annotated[str, Field(max_length=200)]],
    BeforeValidator(split),
    Field(default_factory=list, max_length=100, description="Exact codes; repeat or separate with commas for OR"),
]


Choice = TypeVar("Choice", bound=StrEnum)
#: The same, where the codes are few and fixed.
OneOf = Annotated[
    list[Choice],
    BeforeValidator(split),
    Field(default_factory=list, max_length=20, description="Repeat or separate with commas for OR"),
]


class PageQuery(BaseModel):
    """What every list understands; a list adds its filters, and all filters together mean AND."""

    limit: int = Field(100, ge=0, le=MAXIMUM, description="Items on a page; 0 gives only the count")
    cursor: str | None = Field(None, max_length=2000, description="As given by links.next")
    total: bool = Field(False, description="Count all items that the filters leave, in meta.total")

    def filters(self, of: str = "") -> dict[str, Any]:
        """The list, and every parameter that decides what is listed and in which order.

        ``of`` tells apart the lists that have the same parameters: which code list, whose history.
        """
        chosen = self.model_dump(mode="json", exclude={"limit", "cursor", "total"})
        return {"list": type(self).__name__, "of": of} | {
            name: value for name, value in chosen.items() if value not in (None, [], "")
        }


class Meta(BaseModel):
    """About the list."""

    limit: int
    total: int | None = Field(None, description="All items that the filters leave; given on total=true or limit=0")


class Links(BaseModel):
    """Where this page is, and the next."""

    self: str
    next: str | None = None


class Listing(BaseModel, Generic[Item]):
    """One page of a list."""

    data: list[Item]
    meta: Meta
    links: Links


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Rows of one page, the cursor after them if there are more, and the total if it was asked for."""

    rows: Sequence[Item]
    cursor: str | None
    total: int | None


def digest(key: list[Any], filters: Mapping[str, Any]) -> str:
    """Ties a cursor to its list: found wanting when a character or a filter was changed."""
    return hashlib.sha256(canonical([key, filters])).hexdigest()[:16]


def encode(key: Sequence[Any], filters: Mapping[str, Any]) -> str:
    """The cursor after the row whose sort key is ``key``."""
    plain = json.loads(canonical(list(key)))
    return base64.urlsafe_b64encode(canonical([plain, digest(plain, filters)])).decode().rstrip("=")


def decode(cursor: str, filters: Mapping[str, Any]) -> list[Any]:
    """The sort key that ``cursor`` holds; raises InvalidCursor."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key, check = json.loads(raw)
        sound = isinstance(key, list) and check == digest(key, filters) and encode(key, filters) == cursor
    except (binascii.Error, ValueError, TypeError, RecursionError):
        sound = False
    if not sound:
        raise InvalidCursor("this cursor was not given for this list, its filters and its order")
    return list(key)


def typed(value: Any, column: ColumnElement[Any]) -> Any:
    """A key's value as the type of its column; raises InvalidCursor for one that cannot have come from it."""
    kind = column.type.python_type
    try:
        found = kind.fromisoformat(value) if kind in (date, datetime) else value
    except (TypeError, ValueError):
        found = None
    if not isinstance(found, kind) or (isinstance(found, str) and "\0" in found):
        raise InvalidCursor("this cursor was not given for this list")
    return found


def page(
    session: Session,
    statement: Select[Any],
    keys: Sequence[ColumnElement[Any]],
    query: PageQuery,
    *,
    of: str = "",
    descending: bool = False,
) -> Page[Row[Any]]:
    """Read one page of ``statement``, the list ``of`` something, in the order of ``keys``, the last of them unique.

    Rows inserted, amended or withdrawn meanwhile neither repeat nor hide a row whose key stays: the next page
    begins after a key, not at a number.
    """
    filters = query.filters(of)
    total = None
    if query.total or query.limit == 0:
        total = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
    if query.limit == 0:
        return Page([], None, total)
    if query.cursor is not None:
        values = decode(query.cursor, filters)
        if len(values) != len(keys):
            raise InvalidCursor("this cursor was not given for this list")
        after = tuple_(*(typed(value, column) for value, column in zip(values, keys, strict=True)))
        statement = statement.where(tuple_(*keys) < after if descending else tuple_(*keys) > after)
    order = [column.desc() if descending else column.asc() for column in keys]
    keyed = statement.add_columns(*(column.label(f"key_{n}") for n, column in enumerate(keys)))
    rows = session.execute(keyed.order_by(*order).limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    cursor = None
    if len(rows) > query.limit:
        cursor = encode([getattr(shown[-1], f"key_{n}") for n in range(len(keys))], filters)
    return Page(shown, cursor, total)


def list_of(items: Sequence[Item], key: str, query: PageQuery, *, of: str) -> Page[Item]:
    """One page of ``items``, the list ``of`` something, in the order of the numbers in their attribute ``key``."""
    filters = query.filters(of)
    total = len(items) if query.total or query.limit == 0 else None
    if query.cursor is not None:
        values = decode(query.cursor, filters)
        if len(values) != 1 or not isinstance(values[0], int):
            raise InvalidCursor("this cursor was not given for this list")
        items = [item for item in items if getattr(item, key) > values[0]]
    shown = items[: query.limit]
    more = 0 < len(shown) < len(items)
    return Page(shown, encode([getattr(shown[-1], key)], filters) if more else None, total)


def list_response(
    http_request: HttpRequest,
    listing: type[Listing[Any]],
    items: Sequence[Any],
    found: Page[Any],
    query: PageQuery,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Send ``items`` as one page of ``listing``, with Link rel=next where there is more."""
    path = http_request.url.path
    given = [(name, value) for name, value in http_request.query_params.multi_items() if name != "cursor"]
    here = given + ([("cursor", query.cursor)] if query.cursor else [])
    links = Links(self=path + (f"?{urlencode(here)}" if here else ""))
    if found.cursor:
        links.next = f"{path}?{urlencode([*given, ('cursor', found.cursor)])}"
        headers = {**(headers or {}), "Link": f'<{links.next}>; rel="next"'}
    answer = listing(data=list(items), meta=Meta(limit=query.limit, total=found.total), links=links)
    return respond(http_request, answer, headers=headers)
