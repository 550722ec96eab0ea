"""Parameters that several routes read."""

from typing import Annotated

from fastapi import Query

from app.schemas import Instant

KnownAt = Annotated[
    Instant | None, Query(description="The record as it was known at this instant (RFC 3339); left out, as it is now")
]
