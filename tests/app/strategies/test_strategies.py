"""Strategies: refused with the place of every wrong value, kept as versions, the same content only once."""

import copy
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from app.strategies import service
from app.strategies.service import shipped
from app.visibility import LOCAL


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(shipped() | {"name": "trial"})


def refusal(client: httpx.Client, document: Any) -> list[tuple[str, str]]:
    answer = client.post("/v1/strategies", json=document)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "/problems/invalid-strategy"
    return [(error["pointer"], error["detail"]) for error in problem["errors"]]


def test_the_shipped_strategy_is_there_from_the_start_and_stored_once(record: Session) -> None:
    first = service.read(record, LOCAL, "default")
    assert (first.name, first.version) == ("default", 1)
    assert service.ensure_default(record, LOCAL) == first


def test_a_shipped_strategy_that_has_changed_becomes_the_next_version(
    record: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = shipped() | {"title": "Decided anew"}
    monkeypatch.setattr(service, "shipped", lambda: changed)
    assert service.ensure_default(record, LOCAL).version == 2
    assert service.read(record, LOCAL, "default").title == "Decided anew"
    assert service.read(record, LOCAL, "default/1").title != "Decided anew"


def test_the_same_content_twice_is_the_same_version(client: httpx.Client, document: dict[str, Any]) -> None:
    document["name"] = "twice"
    first = client.post("/v1/strategies", json=document)
    assert first.status_code == 201
    assert first.headers["location"] == "/v1/strategies/twice/versions/1"
    document["affinity"]["domain"]["fit"]["value"] = str(document["affinity"]["domain"]["fit"]["value"]) + ".0"
    again = client.post("/v1/strategies", json=document)
    assert (again.status_code, again.json()) == (200, first.json())
    document["title"] = "Another title"
    assert client.post("/v1/strategies", json=document).json()["version"] == 2
    assert client.get("/v1/strategies/twice").json()["version"] == 2
    assert client.get("/v1/strategies/twice/versions/1").json() == first.json()
    listed = client.get("/v1/strategies", params={"name": "twice"}).json()["data"]
    assert [(each["name"], each["version"]) for each in listed] == [("twice", 1), ("twice", 2)]


def test_an_unknown_weight_is_refused_with_its_place_and_the_nearest(
    client: httpx.Client, document: dict[str, Any]
) -> None:
    document["affinity"]["domian"] = document["affinity"]["domain"]
    [(place, detail)] = refusal(client, document)
    assert place == "/affinity/domian"
    assert "domain" in detail


def test_an_unknown_domain_or_region_is_refused_with_the_nearest(
    client: httpx.Client, document: dict[str, Any]
) -> None:
    one = {"value": 1, "reason": "To try", "decision": None}
    document["affinity"]["domain"]["weights"] = {"OP3D.LEX": one}
    document["affinity"]["coverage"]["region_weights"] = {"999": one}
    faults = dict(refusal(client, document))
    assert set(faults) == {"/affinity/domain/weights/OP3D.LEX", "/affinity/coverage/region_weights/999"}
    assert "OP3D.LEG" in faults["/affinity/domain/weights/OP3D.LEX"]


def test_every_wrong_value_is_named_at_once(client: httpx.Client, document: dict[str, Any]) -> None:
    document["rules"]["least_relatedness"]["value"] = 7
    document["objective"] = "whatever"
    del document["urgency"]["never_served"]["reason"]
    assert {place for place, _ in refusal(client, document)} == {
        "/rules/least_relatedness/value", "/objective", "/urgency/never_served/reason",
    }  # fmt: skip


def test_a_weight_that_favours_somebody_needs_a_decision(client: httpx.Client, document: dict[str, Any]) -> None:
    document["urgency"]["ldc"]["value"] = 5
    [(place, detail)] = refusal(client, document)
    assert place == "/urgency/ldc/decision"
    assert "name the decision" in detail
    document["urgency"]["ldc"]["decision"] = {"symbol": "S/AC.44/2015/1", "date": "2015-01-30"}
    assert client.post("/v1/strategies", json=document).status_code == 201


@pytest.mark.parametrize("body", [{}, {"name": 5}, {"affinity": {"domain": None}}, {"format": "matching-strategy/9"}])
def test_any_other_object_is_refused_too(client: httpx.Client, body: dict[str, Any]) -> None:
    assert refusal(client, body)


@pytest.mark.parametrize("path", ["/v1/strategies/none", "/v1/strategies/default/versions/99"])
def test_what_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404
