"""What ``doctor`` examines: the installation piece by piece, and the event log from end to end."""

import platform
import sys
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.database import session_scope
from app.events.models import Event
from app.events.service import Head, head, seal, verify
from app.migration import UnusableDatabase, newest, require_ready
from app.reference.models import CodeList
from app.reference.shipped import read as read_shipped
from app.settings import Settings
from app.strategies.models import Strategy
from app.strategies.service import DEFAULT


@dataclass(frozen=True)
class Finding:
    """One thing examined: what it is called, what was found, and whether that is a fault."""

    name: str
    text: str
    fault: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """All findings, and the head of the log where there is one."""

    findings: list[Finding]
    head: str | None

    @property
    def faults(self) -> list[Finding]:
        """The findings that need mending."""
        return [finding for finding in self.findings if finding.fault]


def examine(engine: Engine, settings: Settings, earlier: Head | None = None) -> Diagnosis:
    """Examine everything; what builds on a schema that is not there is left out, and the schema named as the fault."""
    findings = [_python(), _settings(settings), _server(engine)]
    schema = _schema(engine)
    findings.append(schema)
    if schema.fault:
        return Diagnosis(findings, None)
    with session_scope(engine) as session:
        seal(session)
        session.commit()
        findings += [_reference(session), _strategy(session), _queue(session)]
        findings += [*_log(session, earlier), _unsealed(session)]
        return Diagnosis(findings, str(head(session)))


def _python() -> Finding:
    return Finding("Python", f"{platform.python_version()} on {sys.platform}")


def _settings(settings: Settings) -> Finding:
    place = f"embedded, data in {settings.data_dir}" if settings.embedded else "DATABASE_URL"
    return Finding("settings", f"database: {place}; API: {settings.host} port {settings.port}")


def _server(engine: Engine) -> Finding:
    with engine.connect() as connection:
        version = connection.exec_driver_sql("SHOW server_version").scalar_one()
    return Finding("server", f"PostgreSQL {version}")


def _schema(engine: Engine) -> Finding:
    try:
        with engine.connect() as connection:
            require_ready(connection)
    except UnusableDatabase as error:
        return Finding("schema", str(error), fault=True)
    return Finding("schema", f"revision {newest()}")


def _reference(session: Session) -> Finding:
    """Whether every shipped list is loaded in the shipped version, or in a newer one."""
    loaded: dict[str, int] = {}
    for name, version in session.execute(select(CodeList.name, CodeList.version)):
        loaded[name] = max(loaded.get(name, 0), int(version))
    behind = [name for name, list_ in read_shipped().versions.items() if loaded.get(name, 0) < list_.version]
    if behind:
        return Finding("reference data", f"not up to date: {', '.join(behind)}; run `assist1540 init`", fault=True)
    return Finding("reference data", ", ".join(f"{name} {version}" for name, version in sorted(loaded.items())))


def _strategy(session: Session) -> Finding:
    newest_version = session.scalar(select(func.max(Strategy.version)).where(Strategy.name == DEFAULT))
    if newest_version is None:
        return Finding("strategy", "the default is not stored; run `assist1540 init`", fault=True)
    return Finding("strategy", f"{DEFAULT} {newest_version}")


def _queue(session: Session) -> Finding:
    if session.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is None:
        return Finding("queue", "its tables are missing; run `assist1540 init`", fault=True)
    waiting = session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"))
    return Finding("queue", f"{waiting} jobs wait")


def _log(session: Session, earlier: Head | None) -> list[Finding]:
    faults = verify(session, earlier)
    if faults:
        return [Finding("log", f"{fault.code}: {fault.message}", fault=True) for fault in faults]
    beyond = f", and goes on from head {earlier.number}" if earlier else ""
    return [Finding("log", f"{head(session).number} events, chain whole{beyond}")]


def _unsealed(session: Session) -> Finding:
    waiting = session.scalar(select(func.count()).select_from(Event).where(Event.number.is_(None))) or 0
    return Finding("unsealed", f"{waiting} events of transactions that still run" if waiting else "none")
