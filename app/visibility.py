"""Who reads, and what of the record they may see: every read of every service goes through here."""

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Select, false

Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class Viewer:
    """Somebody who reads or writes: the name that the event log keeps, and whether nothing is hidden."""

    name: str
    sees_all: bool = False


#: The person at this machine. The server listens on loopback only, so that nobody else can be this viewer.
LOCAL = Viewer("local", sees_all=True)


def visible(statement: Statement, viewer: Viewer) -> Statement:
    """``statement`` without the rows that ``viewer`` may not see. Who has no rule sees nothing."""
    if viewer.sees_all:
        return statement
    return statement.where(false())
