"""The schema of a database: which revision it has, whether this version can work with it, bringing it up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import Engine

from app.settings import ROOT

#: Server versions below this lack what the schema uses.
OLDEST_POSTGRES = 15


class UnusableDatabase(RuntimeError):
    """The database cannot be worked with as it is; the message says what to do about it."""


def scripts() -> Path:
    """Folder of the migrations: in a checkout beside ``app``, in an installed package inside it."""
    packaged = Path(__file__).parent / "_migrations"
    return packaged if packaged.is_dir() else ROOT / "migrations"


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, working on ``connection``."""
    config = Config()
    config.set_main_option("script_location", str(scripts()))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision that this version of the code works with."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    assert head is not None
    return head


def require_version(connection: Connection) -> None:
    """Raise UnusableDatabase where the server is older than PostgreSQL 15."""
    version = connection.connection.dbapi_connection.info.server_version  # type: ignore[union-attr]
    if version < OLDEST_POSTGRES * 10_000:
        raise UnusableDatabase(
            f"the server is PostgreSQL {version // 10_000}; version {OLDEST_POSTGRES} or later is needed"
        )


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision; raises UnusableDatabase where it is newer than this code.

    Of two that are called at once the second waits, then finds nothing left to do.
    """
    with engine.connect() as connection, _alone(connection):
        require_version(connection)
        current = MigrationContext.configure(connection).get_current_revision()
        _require_known(current)
        command.upgrade(configuration(connection), "head")
        connection.commit()


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Hold a lock that outlives the transactions of the single migrations."""
    # 1 is the sealer's, 2 the job queue's.
    connection.execute(text("SELECT pg_advisory_lock(1540, 3)"))
    connection.commit()
    try:
        yield
    finally:
        # Closed rather than unlocked: whatever state a migration left the connection in, the lock goes with it.
        connection.invalidate()


def require_ready(connection: Connection) -> None:
    """Raise UnusableDatabase unless the schema is exactly the one that this code works with."""
    require_version(connection)
    current = MigrationContext.configure(connection).get_current_revision()
    if current == newest():
        return
    _require_known(current)
    state = "is empty" if current is None else f"is at revision {current}, this version needs {newest()}"
    raise UnusableDatabase(f"the database {state}; run `assist1540 init`")


def _require_known(current: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}
    if current is not None and current not in known:
        raise UnusableDatabase(
            f"the database is at revision {current}, which this version does not know; use a newer assist1540"
        )
