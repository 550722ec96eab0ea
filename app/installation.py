"""Making a database ready for use: schema, reference data, default strategy, job queue."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from app.database import session_scope
from app.events.service import seal
from app.migration import newest, upgrade

Report = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Installation:
    """What a database holds after ``install``."""

    revision: str
    head: str


def install(engine: Engine, report: Report) -> Installation:
    """Bring the database to this version: idempotent, and each step whole or not at all."""
    report("migrating the schema", 0)
    upgrade(engine)
    with session_scope(engine) as session:
        head = seal(session)
        session.commit()
    return Installation(newest(), str(head))
