"""The database: declarative base, naming convention, sessions and constraint names."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import DateTime, Enum, MetaData, Text, create_engine, event
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column

from app.identifiers import uuid7

#: Constraint names are promises: services translate them into refusals, so they must be the same everywhere.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of every model."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        str: Text,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
        dict[str, str]: JSONB,
    }


def coded(kind: type[StrEnum], name: str) -> Enum:
    """A column of codes kept as text and held to ``kind`` by a CHECK constraint called ``name``."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
    )


def key() -> Any:
    """The primary key of a record: a UUIDv7, made here because PostgreSQL has it only from 18."""
    return mapped_column(primary_key=True, default=uuid7)


def make_engine(url: str, **options: Any) -> Engine:
    """An engine for ``url`` whose connections speak UTC and name themselves."""
    options.setdefault("pool_pre_ping", True)
    engine = create_engine(url, **options)

    @event.listens_for(engine, "connect")
    def in_utc(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'UTC'; SET application_name = 'assist1540'")
        connection.commit()

    return engine


@contextmanager
def session_scope(engine: Engine) -> Iterator[Session]:
    """A session that is rolled back unless its user commits."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


def violated_constraint(error: DBAPIError) -> str | None:
    """Name of the constraint that ``error`` reports, if it reports one."""
    diagnostic = getattr(error.orig, "diag", None)
    return getattr(diagnostic, "constraint_name", None)
