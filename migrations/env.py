"""Runs the migrations on the connection that the caller hands over, or on DATABASE_URL."""

import os

from alembic import context
from sqlalchemy import Connection, create_engine

from app.schema import Base

# Tables of the job queue belong to Procrastinate; its own schema file makes them.
FOREIGN_TABLES = "procrastinate_"


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave the job queue's tables out of every comparison with the models."""
    return not (kind == "table" and name is not None and name.startswith(FOREIGN_TABLES))


def migrate(connection: Connection) -> None:
    """Bring ``connection``'s database to the revision that alembic was asked for."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        compare_server_default=False,
        transaction_per_migration=True,
        autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
    )
    with context.begin_transaction():
        context.run_migrations()


def offline() -> None:
    """Print the SQL instead of running it."""
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    offline()
elif (given := context.config.attributes.get("connection")) is not None:
    migrate(given)
else:
    with create_engine(os.environ["DATABASE_URL"]).connect() as opened:
        migrate(opened)
        opened.commit()
