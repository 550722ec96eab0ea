"""``assist1540 serve``: loopback only, one program a port, and an orderly end."""

import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from app.serving import PortRefused, listen, url_of
from tests.commands import assist1540, environment, started

pytestmark = pytest.mark.once


@contextmanager
def served(url: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and its address; killed if the test did not end it."""
    with started("serve", "--port", "0", *arguments, env=environment(url)) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert line.startswith("assist1540 serves http://"), process.stderr.read() if process.stderr else ""
            yield process, line.split()[2].removesuffix("/v1/openapi.json")
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def test_it_answers_at_the_address_that_it_prints(installed_database_url: str) -> None:
    with served(installed_database_url) as (_, address):
        document = httpx.get(f"{address}/v1/openapi.json")
        assert document.status_code == 200
        assert document.json()["info"]["title"] == "assist1540"
        parties = httpx.get(f"{address}/v1/parties/state:ALB")
        assert parties.json()["code"] == "ALB"
        assert "server" not in document.headers


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_order_when_asked(installed_database_url: str, number: signal.Signals) -> None:
    with served(installed_database_url) as (process, address):
        assert httpx.get(f"{address}/v1/openapi.json").status_code == 200
        process.send_signal(number)
        _, log = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Traceback" not in log
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/v1/openapi.json")


def test_an_answer_that_has_begun_is_finished_before_it_stops(installed_database_url: str) -> None:
    with (
        psycopg.connect(installed_database_url) as blocker,
        served(installed_database_url) as (process, address),
    ):
        blocker.execute("LOCK TABLE parties IN ACCESS EXCLUSIVE MODE")
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(httpx.get(f"{address}/v1/parties", timeout=30)))
        asking.start()
        with psycopg.connect(installed_database_url, autocommit=True) as watcher:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database"
            while watcher.execute(f"{waiting} WHERE datname = current_database())".encode()).fetchone() == (0,):
                assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        blocker.rollback()
        asking.join()
        assert [answer.status_code for answer in answers] == [200]
        process.communicate(timeout=30)
        assert process.returncode == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_it_listens_on_nothing_but_loopback(installed_database_url: str, host: str) -> None:
    done = assist1540("serve", "--host", host, database_url=installed_database_url)
    assert done.returncode == 2
    assert "must be a loopback address" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_in_use_is_named_with_the_way_to_another(installed_database_url: str) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = assist1540("serve", "--port", str(port), database_url=installed_database_url)
    assert done.returncode == 1
    assert done.stderr == (
        f"assist1540: port {port} of 127.0.0.1 is in use by another program; "
        "choose another with --port or ASSIST1540_PORT (0 takes a free one)\n"
    )


def test_a_port_just_left_can_be_taken_again() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            accepted, _ = first.accept()
            accepted.close()
            client.recv(1)
    with listen("127.0.0.1", port) as again:
        assert url_of(again) == f"http://127.0.0.1:{port}"


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    with pytest.raises(PortRefused, match=r"port 0 of 192\.0\.2\.1 cannot be listened on"):
        listen("192.0.2.1", 0)


def test_the_log_tells_of_requests_on_standard_error(installed_database_url: str) -> None:
    with served(installed_database_url) as (process, address):
        httpx.get(f"{address}/v1/parties/state:ALB")
        process.terminate()
        out, log = process.communicate(timeout=30)
    assert "GET /v1/parties/state%3AALB HTTP/1.1" in log
    assert out == ""
