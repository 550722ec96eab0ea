"""The record as it was known: at any instant, version by version, with who changed what."""

import httpx
import pytest

from tests.app import bodies
from tests.app.bodies import accepted, amended, refused, withdrawn


def versions(client: httpx.Client, path: str) -> list[dict[str, object]]:
    return list(accepted(client.get(f"{path}/history"))["data"])


def known_at(client: httpx.Client, path: str, instant: object) -> httpx.Response:
    return client.get(path, params={"known_at": str(instant)})


def test_a_request_is_read_as_it_was_known_at_each_of_its_versions(client: httpx.Client) -> None:
    path = "/v1/group-submissions/G-LIFE"
    told = [accepted(client.post("/v1/group-submissions", json=bodies.submission("G-LIFE")))]
    changes = {"needs": [{"number": 1, "units": 4}, {"domain": "OP1", "delivery": "joint"}]}
    told.append(accepted(amended(client, path, changes)))
    tag = client.get(path).headers["etag"]
    joined = client.put(f"{path}/beneficiaries/LAO", json={"consent": "confirmed"}, headers={"If-Match": tag})
    told.append(accepted(joined))
    told.append(accepted(withdrawn(client, path)))
    found = versions(client, path)
    assert [(version["number"], version["action"], version["actor"]) for version in found] == [
        (1, "created", "local"),
        (2, "amended", "local"),
        (3, "amended", "local"),
        (4, "withdrawn", "local"),
    ]
    for version, then in zip(found, told, strict=True):
        assert known_at(client, path, version["known_from"]).json() == then


def test_a_version_names_what_it_changed(client: httpx.Client) -> None:
    path = "/v1/group-submissions/G-CHANGES"
    accepted(client.post("/v1/group-submissions", json=bodies.submission("G-CHANGES")))
    accepted(amended(client, path, {"summary": "New", "needs": [{"number": 1, "units": 4}]}))
    tag = client.get(path).headers["etag"]
    accepted(client.put(f"{path}/beneficiaries/LAO", json={"consent": "confirmed"}, headers={"If-Match": tag}))
    first, second, third = versions(client, path)
    assert first["changed"] == []
    assert second["changed"] == ["/summary", "/needs/0/units", "/needs/0/basis/units"]
    assert third["changed"] == ["/beneficiaries/0"]


@pytest.mark.parametrize(
    ("path", "body", "change", "changed"),
    [
        ("/v1/offers", bodies.offer("O-LIFE"), {"capacity_per_quarter": 9}, "/capacity_per_quarter"),
        ("/v1/exclusions", bodies.exclusion("X-LIFE", offer="O-LAW"), {"expires_on": "2030-01-01"}, "/expires_on"),
        ("/v1/answers", bodies.answer("A-LIFE", "R-LAW/1", "O-LAW"), {"state": "delivered"}, "/state"),
    ],
)
def test_every_other_kind_of_record_has_its_versions_too(
    client: httpx.Client, path: str, body: dict[str, object], change: dict[str, object], changed: str
) -> None:
    client.post("/v1/requests", json=bodies.request("R-LAW"))
    client.post("/v1/offers", json=bodies.offer("O-LAW", provider="state:AUS"))
    one = f"{path}/{body['reference']}"
    told = [accepted(client.post(path, json=body)), accepted(amended(client, one, change))]
    told.append(accepted(withdrawn(client, one)))
    found = versions(client, one)
    assert [version["action"] for version in found] == ["created", "amended", "withdrawn"]
    assert found[1]["changed"] == [changed]
    assert [known_at(client, one, version["known_from"]).json() for version in found] == told
    refused(known_at(client, one, "2015-03-01T00:00:00Z"), 404, "not-found")


def test_what_is_known_now_is_what_is_read(client: httpx.Client) -> None:
    accepted(client.post("/v1/requests", json=bodies.request("R-NOW")))
    now, later = client.get("/v1/requests/R-NOW"), known_at(client, "/v1/requests/R-NOW", "2999-12-31T23:59:59Z")
    assert (later.json(), later.headers["etag"]) == (now.json(), now.headers["etag"])


def test_before_it_was_submitted_a_request_was_not_known(client: httpx.Client) -> None:
    accepted(client.post("/v1/requests", json=bodies.request("R-LATE")))
    for instant in ("2015-03-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        refused(known_at(client, "/v1/requests/R-LATE", instant), 404, "not-found")


@pytest.mark.parametrize("instant", ["2015-03-01", "yesterday", "1425168000", "2015-03-01T00:00:00", ""])
def test_an_instant_that_says_no_time_or_no_offset_is_refused(client: httpx.Client, instant: str) -> None:
    accepted(client.post("/v1/requests", json=bodies.request(f"R-{hash(instant)}")))
    answer = known_at(client, f"/v1/requests/R-{hash(instant)}", instant)
    assert refused(answer, 400, "invalid-parameter") == {"known_at": "instant"}


def test_versions_are_paged(client: httpx.Client) -> None:
    path = "/v1/offers/O-PAGES"
    accepted(client.post("/v1/offers", json=bodies.offer("O-PAGES")))
    for capacity in range(5, 8):
        accepted(amended(client, path, {"capacity_per_quarter": capacity}))
    numbers, url = [], f"{path}/history?limit=3"
    while url:
        page = client.get(url).json()
        numbers.append([version["number"] for version in page["data"]])
        url = page["links"]["next"]
    assert numbers == [[1, 2, 3], [4]]
    assert client.get(f"{path}/history?limit=0").json()["meta"] == {"limit": 0, "total": 4}
