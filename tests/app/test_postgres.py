"""The embedded server: durable, shared by processes, taken over from killed ones, at home in any folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from app import postgres
from app.clusters import LONGEST_SOCKET_DIR, PostgresFailed, is_root, servant
from app.postgres import embedded, fleeting
from app.settings import ROOT

pytestmark = pytest.mark.once

#: Starts or joins the server in a folder, says so, and stays until its standard input closes.
HOLDER = """
import sys
from pathlib import Path
from app.postgres import embedded
with embedded(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


#: The same without root's rights. They are given up once all is imported: root's Python may lie in a closed folder.
AS_ORDINARY_USER = """
import os, sys
from pathlib import Path
from app.clusters import is_root, packaged_programs, servant
from app.postgres import embedded, fleeting
programs = packaged_programs()
if is_root():
    with fleeting():
        pass
    user, group = servant()
    os.setgroups([]), os.setgid(group), os.setuid(user)
with embedded(Path(sys.argv[1]), programs=programs) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def bare() -> Iterator[Path]:
    """A folder that does not exist yet, in a place that every user can reach."""
    with TemporaryDirectory(prefix="assist1540-test-") as place:
        Path(place).chmod(0o755)
        yield Path(place) / "data"


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A folder with an empty cluster, to be copied: making one takes a second."""
    with TemporaryDirectory(prefix="assist1540-test-") as place:
        Path(place).chmod(0o755)
        with embedded(Path(place) / "data"):
            pass
        yield Path(place) / "data"


@pytest.fixture
def folder(bare: Path, made_once: Path) -> Path:
    """A folder with an empty cluster of its own."""
    subprocess.run(["cp", "-a", made_once, bare], check=True)
    return bare


def holder(folder: Path, program: str = HOLDER) -> subprocess.Popen[str]:
    """Another process that uses the server in ``folder``."""
    return subprocess.Popen(
        [sys.executable, "-c", program, folder],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def held(folder: Path, program: str = HOLDER) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A holder that is up, and the address it was given; let go at the end."""
    with holder(folder, program) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("postgresql:///"), process.stderr.read() if process.stderr else ""
        yield process, url
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) in (0, -signal.SIGKILL)


def postmaster(folder: Path) -> int:
    return int((folder / "cluster" / "postmaster.pid").read_text().split()[0])


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not collected by init does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def scalar(url: str, statement: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return row[0]


def test_what_was_committed_is_there_when_the_server_is_started_again(folder: Path) -> None:
    with embedded(folder) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1540 AS number")
    with embedded(folder) as url:
        assert scalar(url, "SELECT number FROM kept") == 1540
        assert scalar(url, "SHOW fsync") == "on"
        assert scalar(url, "SHOW synchronous_commit") == "on"
    assert not (folder / "cluster" / "postmaster.pid").exists()


def test_the_server_is_not_on_the_network_and_its_data_are_private(folder: Path) -> None:
    with embedded(folder) as url:
        assert scalar(url, "SHOW listen_addresses") == ""
        assert (folder / "cluster").stat().st_mode & 0o077 == 0
        assert (folder / "socket").stat().st_mode & 0o077 == 0


def test_processes_share_one_server_and_the_last_to_leave_stops_it(folder: Path) -> None:
    with embedded(folder):
        with held(folder) as (_, url):
            server = postmaster(folder)
            assert scalar(url, "SELECT 1") == 1
        assert alive(server)
        assert postmaster(folder) == server
    assert not alive(server)


def test_who_started_the_server_may_leave_before_the_others(folder: Path) -> None:
    with held(folder) as (first, url):
        server = postmaster(folder)
        with embedded(folder):
            assert first.stdin is not None
            first.stdin.close()
            assert first.wait(60) == 0
            assert scalar(url, "SELECT 1") == 1
        assert not alive(server)


def test_five_processes_that_start_at_once_get_the_same_server(bare: Path) -> None:
    processes = [holder(bare) for _ in range(5)]
    urls = {process.stdout.readline() for process in processes if process.stdout}
    server = postmaster(bare)
    for process in processes:
        process.communicate()
    assert len(urls) == 1
    assert [process.returncode for process in processes] == [0] * 5
    assert not alive(server)


def test_who_cannot_reach_the_server_in_time_leaves_it_to_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(folder) as (_, url):
        monkeypatch.setattr(postgres, "_accepts", lambda _cluster: False)
        monkeypatch.setattr(postgres, "START_TIMEOUT_S", 0.2)
        with pytest.raises(PostgresFailed, match="did not start in"), embedded(folder):
            pass
        assert scalar(url, "SELECT 1") == 1


def test_the_server_of_a_killed_process_is_taken_over_and_stopped(folder: Path) -> None:
    with held(folder) as (process, _):
        server = postmaster(folder)
        process.kill()
    assert alive(server)
    with embedded(folder):
        assert postmaster(folder) == server
    assert not alive(server)


def test_a_killed_server_is_started_again_with_all_that_was_committed(folder: Path) -> None:
    with held(folder) as (_, url):
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1540 AS number")
        os.kill(postmaster(folder), signal.SIGKILL)
        with embedded(folder) as again:
            assert scalar(again, "SELECT number FROM kept") == 1540


def test_a_lock_file_that_names_a_process_of_somebody_else_does_not_keep_it_down(folder: Path) -> None:
    with embedded(folder):
        lock = (folder / "cluster" / "postmaster.pid").read_text()
    stale = lock.replace(lock.split()[0], str(os.getpid()), 1)
    (folder / "cluster" / "postmaster.pid").write_text(stale)
    with embedded(folder) as url:
        assert scalar(url, "SELECT 1") == 1


def test_an_initialisation_that_was_cut_short_is_done_again(bare: Path) -> None:
    half = bare / "cluster.new"
    half.mkdir(parents=True)
    bare.chmod(0o755)
    (half / "PG_VERSION").write_text("18\n")
    with embedded(bare) as url:
        assert scalar(url, "SELECT 1") == 1
    assert not half.exists()


@pytest.mark.parametrize("delay_s", [0.1, 0.3, 0.6, 0.9, 1.2])
def test_ctrl_c_while_the_server_starts_leaves_nothing_running(bare: Path, delay_s: float) -> None:
    with holder(bare) as process:
        time.sleep(delay_s)
        process.send_signal(signal.SIGINT)
        process.communicate()
    assert process.returncode != 0
    assert not (bare / "cluster" / "postmaster.pid").exists()
    with embedded(bare) as url:
        assert scalar(url, "SELECT 1") == 1


def test_a_folder_with_a_very_long_name_works(bare: Path) -> None:
    deep = bare / ("d" * 90) / ("e" * 90)
    with embedded(deep) as url:
        assert scalar(url, "SELECT 1") == 1
        socket_dir = Path(str(scalar(url, "SHOW unix_socket_directories")))
    assert len(str(socket_dir)) <= LONGEST_SOCKET_DIR
    socket_dir.rmdir()


def test_a_private_folder_stays_private(bare: Path) -> None:
    private = bare / "private"
    private.mkdir(mode=0o700, parents=True)
    bare.chmod(0o700)
    with embedded(private / "data") as url:
        assert scalar(url, "SELECT 1") == 1
    assert bare.stat().st_mode & 0o777 == 0o700
    assert private.stat().st_mode & 0o777 == 0o700
    elsewhere = private / "data" / "elsewhere"
    assert elsewhere.is_symlink() == is_root()  # root's server cannot enter, so that its data lie outside
    private.chmod(0o755)
    bare.chmod(0o755)  # and stay there, whatever the folder's mode is later
    with embedded(private / "data"):
        assert (private / "data" / "cluster").exists() == (not is_root())
    if is_root():
        subprocess.run(["rm", "-r", elsewhere.readlink()], check=True)


def test_data_that_can_no_longer_be_reached_are_not_taken_for_lost(folder: Path) -> None:
    above = folder / "above"
    above.mkdir(mode=0o755)
    subprocess.run(["cp", "-a", folder / "cluster", above], check=True)
    above.chmod(0o700)
    if is_root():
        with (
            pytest.raises(PostgresFailed, match=r"cannot now; let others pass .* again \(chmod o\+x\)"),
            embedded(above),
        ):
            pass
        above.chmod(0o755)
    with embedded(above) as url:
        assert scalar(url, "SELECT 1") == 1


def test_a_folder_of_the_user_keeps_its_mode(bare: Path) -> None:
    bare.mkdir(mode=0o755)
    with embedded(bare):
        pass
    assert bare.stat().st_mode & 0o777 == 0o755


def test_an_ordinary_user_runs_it_as_themselves(bare: Path) -> None:
    user, group = servant()
    bare.mkdir()
    os.chown(bare, user, group)
    with held(bare, program=AS_ORDINARY_USER) as (process, _):
        server = postmaster(bare)
        assert Path(f"/proc/{process.pid}").stat().st_uid == user != 0
        assert Path(f"/proc/{server}").stat().st_uid == user
        assert not (bare / "elsewhere").exists()
    assert not alive(server)


def test_data_of_another_version_are_left_alone(folder: Path) -> None:
    with embedded(folder):
        pass
    (folder / "cluster" / "PG_VERSION").write_text("14\n")
    with pytest.raises(PostgresFailed, match=r"was written by PostgreSQL 14 and this is .*pg_dump"), embedded(folder):
        pass
    assert (folder / "cluster" / "base").is_dir()


def test_a_folder_that_holds_something_else_is_left_alone(bare: Path) -> None:
    (bare / "cluster").mkdir(parents=True)
    bare.chmod(0o755)
    (bare / "cluster" / "letter.txt").write_text("Dear Sir")
    with pytest.raises(PostgresFailed, match="is no PostgreSQL data directory"), embedded(bare):
        pass
    assert (bare / "cluster" / "letter.txt").read_text() == "Dear Sir"


def test_a_place_where_no_folder_can_be_is_named(bare: Path) -> None:
    bare.write_text("a file")
    with (
        pytest.raises(PostgresFailed, match=r"cannot hold the database.*set ASSIST1540_DATA_DIR"),
        embedded(bare / "data"),
    ):
        pass


def test_programs_that_are_not_there_are_named(bare: Path) -> None:
    with (
        pytest.raises(PostgresFailed, match=r"initdb cannot be run.*set ASSIST1540_POSTGRES_BIN"),
        embedded(bare, programs=Path("/nowhere")),
    ):
        pass


def test_a_server_for_tests_leaves_nothing_behind() -> None:
    with fleeting() as url:
        place = Path(str(scalar(url, "SHOW data_directory"))).parent
        assert place.is_dir()
    assert not place.exists()
