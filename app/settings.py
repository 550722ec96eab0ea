"""Settings: read from the environment once, frozen, handed to whoever needs them."""

import os
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import AliasChoices, BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

#: The folder that holds ``app``: a checkout when ``pyproject.toml`` lies in it, else where packages are installed.
ROOT = Path(__file__).resolve().parent.parent

#: Ways to write the scheme of a PostgreSQL address; the first is the one that every library here understands.
SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")


class InvalidSettings(ValueError):
    """A setting in the environment cannot be used; the message names the variable and what it may be."""


def plain_address(url: str | None) -> str | None:
    """``url`` with the scheme that libpq, SQLAlchemy and Procrastinate all read; an empty one is none."""
    if not url:
        return None
    for scheme in SCHEMES:
        if url.startswith(scheme):
            plain = SCHEMES[0] + url.removeprefix(scheme)
            break
    else:
        raise ValueError("must begin with postgresql://, for instance postgresql://user@host:5432/assist1540")
    try:
        conninfo_to_dict(plain)
        make_url(plain)
    except (psycopg.ProgrammingError, ArgumentError, ValueError):
        # Not the library's own words: they quote the address, and with it the password.
        raise ValueError(
            "is no PostgreSQL address; write postgresql://user:password@host:5432/database, with %-escapes for "
            "special characters in the password"
        ) from None
    return plain


def default_data_dir() -> Path:
    """Where the embedded database lives: in a checkout beside the code, else in the user's data folder."""
    if (ROOT / "pyproject.toml").is_file():
        return ROOT / ".data"
    shared = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(shared) / "assist1540"


class Settings(BaseSettings):
    """Everything that may differ from one installation to another."""

    model_config = SettingsConfigDict(env_prefix="ASSIST1540_", frozen=True, extra="ignore", populate_by_name=True)

    database_url: Annotated[str | None, BeforeValidator(plain_address)] = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL 15 or later; left out, an embedded server is started",
    )
    data_dir: Path = Field(default_factory=default_data_dir, description="Folder of the embedded server's data")
    postgres_bin: Path | None = Field(
        None, description="Folder of the PostgreSQL programs to embed, not the packaged ones"
    )
    dask_scheduler: str | None = Field(
        None,
        validation_alias=AliasChoices("DASK_SCHEDULER", "dask_scheduler"),
        description="Address of a Dask cluster for scenarios, such as tcp://host:8786; left out, processes here",
    )
    host: str = Field("127.0.0.1", description="Address to listen on; loopback only")
    port: int = Field(1540, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    run_time_limit_s: int = Field(600, ge=1, le=86_400, description="Seconds after which a run's solve is stopped")

    @field_validator("host")
    @classmethod
    def loopback(cls, host: str) -> str:
        """Nobody is asked who they are yet, so nobody but this machine may be answered."""
        if host != "localhost" and not _is_loopback(host):
            raise ValueError(
                "must be a loopback address (127.0.0.1, ::1 or localhost): there is no sign-in yet, so whoever "
                "could reach the server could read and change everything"
            )
        return host

    @cached_property
    def embedded(self) -> bool:
        """Whether the database is the embedded server."""
        return self.database_url is None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def read_settings(**given: object) -> Settings:
    """The settings of this process, ``given`` ones before the environment's; raises InvalidSettings in one sentence."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        variable = name if name == "DATABASE_URL" else f"ASSIST1540_{name.upper()}"
        reason = first["msg"].removeprefix("Value error, ")
        raise InvalidSettings(f"{variable}: {reason[:1].lower()}{reason[1:]}") from None
