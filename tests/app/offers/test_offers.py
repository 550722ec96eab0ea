"""Offers: what is stored of them, what they cover, and every bad one refused at its place."""

from typing import Any

import httpx
import pytest

from tests.app import bodies
from tests.app.bodies import accepted, amended, refused, withdrawn


def submit(client: httpx.Client, reference: str = "O-TRY", **changes: Any) -> httpx.Response:
    return client.post("/v1/offers", json=bodies.offer(reference, **changes))


def covering(client: httpx.Client, state: str, **more: str) -> set[str]:
    found = client.get("/v1/offers", params={"covers": state, "limit": 1000, **more}).json()["data"]
    return {offer["reference"] for offer in found}


def test_an_offer_is_read_as_it_was_submitted(client: httpx.Client) -> None:
    answer = submit(client, "O-WHOLE", partners=["organization:UNODA"])
    stored = accepted(answer)
    assert (answer.status_code, answer.headers["location"]) == (201, "/v1/offers/O-WHOLE")
    assert client.get("/v1/offers/O-WHOLE").json() == stored
    assert (stored["provider"], stored["status"], stored["basis"]["coverage"]) == ("state:NZL", "open", "stated")


def test_what_an_offer_does_not_state_is_marked_so_and_capacity_is_assumed(client: httpx.Client) -> None:
    body = {"reference": "O-BARE", "provider": "state:NZL", "domains": ["UNSPEC"]}
    stored = accepted(client.post("/v1/offers", json=body))
    assert (stored["capacity_per_quarter"], stored["capacity_total"]) == (1, None)
    assert stored["basis"] == {
        "domains": "not_stated",
        "modalities": "not_stated",
        "scopes": "not_stated",
        "languages": "not_stated",
        "coverage": "not_stated",
        "capacity": "assumed",
        "validity": "not_stated",
    }


def test_an_assumed_capacity_gives_way_to_the_first_figure(client: httpx.Client) -> None:
    submit(client, "O-FIGURE", capacity_per_quarter=None)
    stored = accepted(amended(client, "/v1/offers/O-FIGURE", {"capacity_total": 30}))
    assert (stored["capacity_per_quarter"], stored["capacity_total"]) == (None, 30)
    assert stored["basis"]["capacity"] == "stated"


def test_a_capacity_of_nothing_is_stated(client: httpx.Client) -> None:
    stored = accepted(submit(client, "O-NOTHING", capacity_per_quarter=0))
    assert (stored["capacity_per_quarter"], stored["basis"]["capacity"]) == (0, "stated")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"provider": "state:NZX"}, "/provider", "unknown_party"),
        ({"partners": ["organization:NOPE"]}, "/partners/0", "unknown_party"),
        ({"partners": ["state:NZL"]}, "/partners", "partner_is_provider"),
        ({"domains": []}, "/domains", "too_short"),
        ({"domains": ["OP3C.BOR", "OP99"]}, "/domains/1", "unknown_code"),
        ({"domains": ["OP3C.BOR", "OP3C.BOR"]}, "/domains", "repeated_code"),
        ({"domains": ["OP3C.BOR", "UNSPEC"]}, "/domains", "unspecified_stands_alone"),
        ({"modalities": ["TRAIN"]}, "/modalities/0", "unknown_code"),
        ({"scopes": ["radiological"]}, "/scopes/0", "unknown_code"),
        ({"languages": [], "language_required": True}, "/language_required", "no_language"),
        ({"coverage_states": ["XXX"]}, "/coverage_states/0", "unknown_state"),
        ({"coverage_groups": ["ASEANN"]}, "/coverage_groups/0", "unknown_group"),
        ({"coverage_regions": ["Asia"]}, "/coverage_regions/0", "unknown_code"),
        ({"coverage_excepted": ["XXX"]}, "/coverage_excepted/0", "unknown_state"),
        ({"coverage_states": ["MNG"], "coverage_excepted": ["MNG"]}, "/coverage_excepted", "covered_and_excepted"),
        ({"coverage_regions": [], "coverage_excepted": ["MNG"]}, "/coverage_excepted", "no_coverage"),
        ({"worldwide": True}, "/worldwide", "worldwide_stands_alone"),
        ({"requires_groups": ["NOPE"]}, "/requires_groups/0", "unknown_group"),
        ({"preferred_domains": ["OP99"]}, "/preferred_domains/0", "unknown_code"),
        ({"preferred_states": ["XXX"]}, "/preferred_states/0", "unknown_state"),
        ({"valid_from": "2016-01-01", "valid_until": "2015-12-31"}, "/valid_until", "ends_before_it_begins"),
        ({"dated_on": "2999-01-01"}, "/dated_on", "in_the_future"),
        ({"languages": ["zz"]}, "/languages/0", "unknown_language"),
        ({"capacity_per_quarter": -1}, "/capacity_per_quarter", "greater_than_equal"),
        ({"capacity_total": 1_000_000_001}, "/capacity_total", "less_than_equal"),
        ({"basis": {"validity": "inferred"}}, "/basis/validity", "fact_not_given"),
        ({"kind": "gift"}, "/kind", "enum"),
    ],
)
def test_a_bad_offer_is_refused_at_its_place_and_not_stored(
    client: httpx.Client, changes: dict[str, Any], pointer: str, code: str
) -> None:
    assert refused(submit(client, **changes), 422, "invalid-content").get(pointer) == code
    assert client.get("/v1/offers/O-TRY").status_code == 404


def test_validity_is_held_to_what_is_stored_already(client: httpx.Client) -> None:
    submit(client, "O-VALID", valid_from="2015-01-01", valid_until="2016-12-31")
    answer = amended(client, "/v1/offers/O-VALID", {"valid_until": "2014-12-31"})
    assert refused(answer, 422, "invalid-content") == {"/valid_until": "ends_before_it_begins"}
    assert accepted(amended(client, "/v1/offers/O-VALID", {"valid_until": None}))["valid_until"] is None


def test_an_offer_covers_by_name_group_region_and_worldwide_but_never_who_is_excepted(client: httpx.Client) -> None:
    none: dict[str, Any] = {"coverage_regions": []}
    submit(client, "O-BY-STATE", **none, coverage_states=["ALB"])
    submit(client, "O-BY-GROUP", **none, coverage_groups=["BSEC"])
    submit(client, "O-BY-SUBREGION", coverage_regions=["039"])
    submit(client, "O-BY-REGION", coverage_regions=["150"])
    submit(client, "O-WORLDWIDE", **none, worldwide=True)
    submit(client, "O-EXCEPTED", **none, worldwide=True, coverage_excepted=["ALB"])
    submit(client, "O-NOT-STATED", **none)
    submit(client, "O-ELSEWHERE", coverage_regions=["142"])
    found = covering(client, "ALB")
    assert found >= {"O-BY-STATE", "O-BY-GROUP", "O-BY-SUBREGION", "O-BY-REGION", "O-WORLDWIDE"}
    assert not found & {"O-EXCEPTED", "O-NOT-STATED", "O-ELSEWHERE"}
    assert "O-EXCEPTED" in covering(client, "FRA")


def test_coverage_by_a_group_follows_its_members_through_time(client: httpx.Client) -> None:
    submit(client, "O-EU", coverage_regions=[], coverage_groups=["EU"])
    assert "O-EU" in covering(client, "HRV", valid_on="2015-01-01")
    assert "O-EU" not in covering(client, "HRV", valid_on="2012-01-01")


def test_an_offer_holds_from_its_first_day_to_its_last(client: httpx.Client) -> None:
    submit(client, "O-2015", valid_from="2015-01-01", valid_until="2015-12-31")
    for day, holds in (("2014-12-31", False), ("2015-01-01", True), ("2015-12-31", True), ("2016-01-01", False)):
        found = client.get("/v1/offers", params={"reference": "O-2015", "valid_on": day}).json()["data"]
        assert bool(found) is holds, day


def test_a_withdrawn_offer_stays_readable_and_cannot_be_amended(client: httpx.Client) -> None:
    submit(client, "O-GONE")
    stored = accepted(withdrawn(client, "/v1/offers/O-GONE"))
    assert stored["status"] == "withdrawn"
    refused(amended(client, "/v1/offers/O-GONE", {"capacity_total": 1}), 409, "conflict")
    listed = client.get("/v1/offers", params={"reference": "O-GONE", "status": "withdrawn"}).json()["data"]
    assert listed == [stored]
