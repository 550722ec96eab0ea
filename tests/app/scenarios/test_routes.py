"""Studies over HTTP: started, listed, cancelled and resumed; every refusal is a problem that names the place."""

from collections.abc import Iterator

import httpx
import pytest

from tests.app.bodies import refused
from tests.app.conftest import serving
from tests.app.scenarios.conftest import MakeDatabase

WHAT_IF = {"kind": "what_if", "run": "RUN-2015-Q1", "strategies": ["default"]}


@pytest.fixture(scope="module")
def client(make_database: MakeDatabase, run_template: str) -> Iterator[httpx.Client]:
    """A client of a server whose record has RUN-2015-Q1, and no worker."""
    with serving(make_database(run_template)) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


def test_a_study_waits_for_a_worker_and_is_cancelled_and_resumed(client: httpx.Client) -> None:
    started = client.post("/v1/scenarios", json=WHAT_IF | {"reference": "STUDY-A"})
    assert (started.status_code, started.headers["location"]) == (202, "/v1/scenarios/STUDY-A")
    assert started.json()["state"] == "queued"
    cancelled = client.post("/v1/scenarios/STUDY-A/cancel").json()
    assert (cancelled["state"], cancelled["scenarios"]["cancelled"]) == ("cancelled", 2)
    failures = [each["failure"]["sentence"] for each in client.get("/v1/scenarios/STUDY-A/results").json()["data"]]
    assert failures == ["The scenario was cancelled."] * 2
    refused(client.post("/v1/scenarios/STUDY-A/cancel"), 409, "conflict")
    assert client.post("/v1/scenarios/STUDY-A/resume").json()["state"] == "queued"


def test_studies_are_listed_newest_first_page_by_page_and_by_kind(client: httpx.Client) -> None:
    for name in ("STUDY-1", "STUDY-2", "STUDY-3"):
        assert client.post("/v1/scenarios", json=WHAT_IF | {"reference": name}).status_code == 202
    backtest = {"kind": "backtest", "first_quarter": "2015-Q1", "last_quarter": "2015-Q1", "reference": "STUDY-4"}
    assert client.post("/v1/scenarios", json=backtest).status_code == 202
    first = client.get("/v1/scenarios?kind=what_if&run=RUN-2015-Q1&limit=2").json()
    second = client.get(first["links"]["next"]).json()
    assert [each["reference"] for each in first["data"]] == ["STUDY-3", "STUDY-2"]
    assert second["data"][0]["reference"] == "STUDY-1"
    assert [each["reference"] for each in client.get("/v1/scenarios?kind=backtest").json()["data"]] == ["STUDY-4"]


def test_what_cannot_be_studied_names_the_place_in_the_body(client: httpx.Client) -> None:
    grid = {"urgency.never_serve.value": ["1"]}
    places = refused(client.post("/v1/scenarios", json=WHAT_IF | {"grid": grid}), 422, "invalid-strategy")
    assert list(places) == ["/grid/urgency.never_serve.value"]
    places = refused(client.post("/v1/scenarios", json=WHAT_IF | {"stored": True}), 422, "invalid-content")
    assert list(places) == ["/stored"]
    refused(client.post("/v1/scenarios", json=WHAT_IF | {"run": "RUN-1999-Q1"}), 404, "not-found")
    refused(client.get("/v1/scenarios/STUDY-X/results"), 404, "not-found")
