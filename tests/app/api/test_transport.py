"""What every answer has in common, whatever is asked, and what is refused before any handler sees it."""

import json
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.app import bodies
from tests.app.bodies import refused
from tests.app.conftest import MakeDatabase, Server, serving

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("path", ["/v1", "/v1/requests", "/v1/nothing", "/problems/not-found", "/v1/requests?limit=x"])
def test_every_answer_has_safe_headers_and_a_request_id(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert len(headers["x-request-id"]) == 32


def test_a_request_id_is_kept_if_it_is_plain_and_replaced_if_it_is_not(client: httpx.Client) -> None:
    assert client.get("/health", headers={"X-Request-ID": "trace-17"}).headers["x-request-id"] == "trace-17"
    for strange in ("two words", "-leading", "x" * 65, "{}"):
        assert client.get("/health", headers={"X-Request-ID": strange}).headers["x-request-id"] != strange


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:80"])
def test_a_foreign_host_is_refused(client: httpx.Client, host: str) -> None:
    refused(client.get("/v1/requests", headers={"Host": host}), 421, "misdirected-request")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_a_page_of_another_origin_changes_nothing_though_it_needs_no_body_for_it(
    client: httpx.Client, origin: str
) -> None:
    refused(client.post("/v1/runs/RUN-2015-Q1/cancel", headers={"Origin": origin}), 403, "foreign-origin")
    answer = client.post("/v1/requests", json=bodies.request("R-FOREIGN"), headers={"Origin": origin})
    refused(answer, 403, "foreign-origin")
    assert client.get("/v1/requests/R-FOREIGN", headers={"Origin": origin}).status_code == 404


def test_a_page_of_the_server_itself_may_change_the_record(client: httpx.Client, server: Server) -> None:
    answer = client.post("/v1/requests", json=bodies.request("R-HOME"), headers={"Origin": server.url})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("content", "headers", "status", "slug"),
    [
        (b"{", JSON, 400, "malformed-request"),
        (b"\xff\xfe{}", JSON, 400, "malformed-request"),
        (b'{"summary": "\xe9"}', JSON, 400, "malformed-request"),
        (b"[" * 100_000, JSON, 400, "malformed-request"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported-media-type"),
        (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported-media-type"),
        (b"{}", {}, 415, "unsupported-media-type"),
        (b" " * 2_000_001, JSON, 413, "too-large"),
        (b"", JSON, 422, "invalid-content"),
        (b"[]", JSON, 422, "invalid-content"),
        (b"null", JSON, 422, "invalid-content"),
        (b'{"needs": NaN}', JSON, 400, "malformed-request"),
        (b'{"units": ' + b"9" * 5_000 + b"}", JSON, 400, "malformed-request"),
        ('{"summary": "x"}'.encode("utf-16"), JSON, 400, "malformed-request"),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415, "unsupported-media-type"),
        (b"{}", {"Content-Type": 'application/json; charset="latin-1"'}, 415, "unsupported-media-type"),
        (b"{}", JSON | {"Content-Encoding": "gzip"}, 415, "unsupported-media-type"),
        (b"{}", {"Content-Type": "application/json; charset=UTF-8"}, 422, "invalid-content"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    client: httpx.Client, content: bytes, headers: dict[str, str], status: int, slug: str
) -> None:
    refused(client.post("/v1/requests", content=content, headers=headers), status, slug)


@pytest.mark.parametrize("content", [b'{"a": 1, "summary": "x", "summary": "y"}', b'{"needs": [{"b": 1, "b": 1}]}'])
def test_a_name_that_stands_twice_in_an_object_is_refused(client: httpx.Client, content: bytes) -> None:
    answer = client.post("/v1/requests", content=content, headers=JSON)
    refused(answer, 400, "malformed-request")
    assert answer.json()["detail"].startswith(("'summary' stands 2 times", "'b' stands 2 times"))


def test_a_body_without_a_length_is_stopped_when_it_has_grown_too_large(client: httpx.Client) -> None:
    chunks = (b" " * 100_000 for _ in range(30))
    refused(client.post("/v1/requests", content=chunks, headers=JSON), 413, "too-large")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/requests", "GET, HEAD, POST"),
        ("PUT", "/v1/requests/R-1", "GET, HEAD, PATCH"),
        ("GET", "/v1/requests/R-1/withdraw", "POST"),
        ("POST", "/v1/code-lists/domains", "GET, HEAD"),
        ("OPTIONS", "/v1/offers", "GET, HEAD, POST"),
    ],
)
def test_a_method_that_is_not_possible_is_told_which_are(
    client: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = client.request(method, path)
    refused(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path",
    ["/", "/v2", "/v1/", "/v1/requests/", "/v1/requests/R-NOWHERE", "/v1/requests/a%00b", "/v1/requests/%ff%fe",
     "/v1/requests/..%2F..%2Fetc", "/v1/parties/MNG", "/v1/groups/NOPE/members", "/v1/requests/" + "x" * 5_000],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    refused(client.get(path), 404, "not-found")


def test_a_database_that_went_away_is_503_with_retry_after_and_the_process_lives(
    make_database: MakeDatabase, installed_template: str, server_url: str
) -> None:
    url = make_database(installed_template)
    name = sql.Identifier(make_url(url).database or "")
    with serving(url) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        assert client.get("/ready").json()["status"] == "ready"
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [make_url(url).database]
            )
        for answer in (client.get("/ready"), client.get("/v1/requests"),
                       client.post("/v1/requests", json=bodies.request("R-1"))):  # fmt: skip
            refused(answer, 503, "database-unavailable")
            assert int(answer.headers["retry-after"]) > 0
        assert client.get("/health").status_code == 200
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
        assert client.get("/v1/requests?limit=0").json()["meta"]["total"] == 0


def test_a_database_without_tables_is_503_and_says_what_to_run(empty_database_url: str) -> None:
    with serving(empty_database_url) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        for path in ("/ready", "/v1/requests", "/v1/events/head"):
            answer = client.get(path)
            refused(answer, 503, "database-not-ready")
            assert "retry-after" in answer.headers
        assert "assist1540 init" in client.get("/ready").json()["detail"]
        assert client.get("/health").status_code == 200


def test_the_head_of_the_log_is_sealed_and_grows_with_the_record(client: httpx.Client) -> None:
    before = client.get("/v1/events/head").json()
    client.post("/v1/requests", json=bodies.request("R-LOGGED")).raise_for_status()
    after = client.get("/v1/events/head").json()
    # A request, two needs and a beneficiary.
    assert (after["number"], after["unsealed"]) == (before["number"] + 4, 0)
    assert after["head"] == f"{after['number']}:{after['link']}"


def test_the_service_says_where_everything_is(client: httpx.Client) -> None:
    found: dict[str, Any] = client.get("/v1").json()
    for name in ("spec", "code_lists", "problems", "status"):
        assert client.get(found[name]).status_code == 200, name
    assert json.loads(client.get(found["spec"]).text)["info"]["version"] == found["version"]


def test_a_server_answers_for_its_own_names_only_by_default(server: Server) -> None:
    port = httpx.URL(server.url).port
    assert httpx.get(f"http://localhost:{port}/health").status_code == 200
