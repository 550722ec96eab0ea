"""Exclusions: between two parties, in general or under an offer of the first, once at a time."""

from typing import Any

import httpx
import pytest

from tests.app import bodies
from tests.app.bodies import accepted, amended, refused, withdrawn


def submit(client: httpx.Client, reference: str = "X-TRY", **changes: Any) -> httpx.Response:
    return client.post("/v1/exclusions", json=bodies.exclusion(reference, **changes))


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"by_party": "state:AUX"}, "/by_party", "unknown_party"),
        ({"other_party": "organization:NOPE"}, "/other_party", "unknown_party"),
        ({"other_party": "state:AUS"}, "/other_party", "same_party"),
        ({"offer": "O-NOWHERE"}, "/offer", "unknown_offer"),
        ({"reason": ""}, "/reason", "string_too_short"),
        ({"reason": "    "}, "/reason", "says_nothing"),
        ({"source": "  "}, "/source", "says_nothing"),
        ({"dated_on": "2999-01-01"}, "/dated_on", "in_the_future"),
        ({"dated_on": "2016-02-02", "expires_on": "2016-02-01"}, "/expires_on", "ends_before_it_begins"),
    ],
)
def test_a_bad_exclusion_is_refused_at_its_place_and_not_stored(
    client: httpx.Client, changes: dict[str, Any], pointer: str, code: str
) -> None:
    assert refused(submit(client, **changes), 422, "invalid-content").get(pointer) == code
    assert client.get("/v1/exclusions/X-TRY").status_code == 404


def test_an_exclusion_under_an_offer_is_about_an_offer_of_who_excludes(client: httpx.Client) -> None:
    client.post("/v1/offers", json=bodies.offer("O-NZL"))
    client.post("/v1/offers", json=bodies.offer("O-AUS", provider="state:AUS"))
    assert refused(submit(client, offer="O-NZL"), 422, "invalid-content") == {"/offer": "not_its_offer"}
    assert accepted(submit(client, "X-OFFER", offer="O-AUS"))["offer"] == "O-AUS"


def test_the_same_exclusion_stands_once_and_again_after_it_was_withdrawn(client: httpx.Client) -> None:
    pair = {"by_party": "state:FRA", "other_party": "state:ITA"}
    accepted(submit(client, "X-FIRST", **pair))
    conflict = submit(client, "X-SECOND", **pair)
    refused(conflict, 409, "conflict")
    assert conflict.json()["detail"].startswith("X-FIRST excludes the same parties")
    accepted(withdrawn(client, "/v1/exclusions/X-FIRST"))
    assert accepted(submit(client, "X-SECOND", **pair))["version"] == 1


def test_an_exclusion_can_be_extended_but_not_left_without_a_reason(client: httpx.Client) -> None:
    accepted(submit(client, "X-LONG", by_party="state:ESP", other_party="state:PRT"))
    stored = accepted(amended(client, "/v1/exclusions/X-LONG", {"expires_on": "2030-01-01"}))
    assert (stored["expires_on"], stored["version"]) == ("2030-01-01", 2)
    assert "/reason" in refused(amended(client, "/v1/exclusions/X-LONG", {"reason": None}), 422, "invalid-content")


def test_exclusions_are_listed_by_either_party(client: httpx.Client) -> None:
    accepted(submit(client, "X-SIDES", by_party="state:POL", other_party="state:CZE"))
    for name, value, found in (
        ("party", "state:POL", 1),
        ("party", "state:CZE", 1),
        ("by_party", "state:POL", 1),
        ("by_party", "state:CZE", 0),
        ("other_party", "state:CZE", 1),
    ):
        assert len(client.get("/v1/exclusions", params={name: value}).json()["data"]) == found, (name, value)
