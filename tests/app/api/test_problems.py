"""Every kind of refusal has a page that says what to do, for programs and for people."""

import json

import httpx
import pytest
from psycopg import errors as postgres
from sqlalchemy.exc import OperationalError
from starlette.requests import Request as HttpRequest

from app.problems import catalogue
from app.validation import answer_database
from tests.app.bodies import refused


@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_the_type_of_every_problem_resolves(client: httpx.Client, slug: str) -> None:
    kind = catalogue()[slug]
    found = client.get(f"/problems/{slug}").json()
    assert found == {
        "type": f"/problems/{slug}",
        "title": kind.title,
        "status": kind.status,
        "remedy": kind.remedy,
    }


def test_a_browser_gets_a_page(client: httpx.Client) -> None:
    answer = client.get("/problems/reference-taken", headers={"Accept": "text/html,application/xhtml+xml"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>The reference is in use</h1>" in answer.text
    assert answer.headers["vary"] == "Accept"


def test_the_list_has_every_kind(client: httpx.Client) -> None:
    found = client.get("/problems").json()["data"]
    assert [kind["type"] for kind in found] == [f"/problems/{slug}" for slug in sorted(catalogue())]


def test_an_unknown_kind_is_not_found_with_the_nearest(client: httpx.Client) -> None:
    answer = client.get("/problems/reference-token")
    refused(answer, 404, "not-found")
    assert "did you mean reference-taken?" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("cause", "detail"),
    [
        (postgres.DeadlockDetected(), "two changes met in the database and this one gave way"),
        (postgres.DiskFull(), "the database's disk is full"),
        (postgres.AdminShutdown(), "the database does not answer"),
    ],
)
def test_the_database_says_why_it_cannot_do_a_thing_now(cause: postgres.Error, detail: str) -> None:
    asked = HttpRequest({"type": "http", "method": "GET", "path": "/v1/offers", "headers": [], "server": ("::1", 80)})
    answer = answer_database(asked, OperationalError("SELECT 1", {}, cause))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert json.loads(bytes(answer.body))["detail"] == detail
