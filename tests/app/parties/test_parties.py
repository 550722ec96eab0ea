"""Parties, groups and members over HTTP."""

import httpx
import pytest


def references(client: httpx.Client, **filters: str) -> set[str]:
    found = client.get("/v1/parties", params={"limit": 1000, **filters}).json()["data"]
    return {party["reference"] for party in found}


def test_a_state_and_a_group_of_one_code_are_two_parties(client: httpx.Client) -> None:
    assert references(client, code="CAN") == {"state:CAN", "group:CAN"}
    assert client.get("/v1/parties/state:CAN").json()["state"]["iso3"] == "CAN"
    assert client.get("/v1/parties/group:CAN").json()["group"]["group_kind"] == "customs_union"


def test_every_member_state_is_there(client: httpx.Client) -> None:
    states = client.get("/v1/parties", params={"kind": "state", "limit": 1000}).json()["data"]
    assert sum(party["state"] is not None for party in states) == 193


def test_parties_are_filtered_by_the_facts_of_a_state(client: httpx.Client) -> None:
    assert references(client, subregion="039", regional_group="EASTERN_EUROPE") >= {"state:ALB"}
    small = references(client, sids="true", ldc="true")
    assert "state:TUV" in small and "state:ALB" not in small


@pytest.mark.parametrize(("on", "belongs"), [("2013-06-30", False), ("2013-07-01", True)])
def test_members_are_listed_as_of_a_day(client: httpx.Client, on: str, belongs: bool) -> None:
    members = client.get("/v1/groups/EU/members", params={"on": on, "limit": 1000}).json()["data"]
    assert ("HRV" in {member["state"] for member in members if member["counts"]}) is belongs


def test_an_observer_is_listed_and_does_not_count(client: httpx.Client) -> None:
    members = client.get("/v1/groups/ASEAN/members", params={"status": "observer", "limit": 1000}).json()["data"]
    assert members
    assert not any(member["counts"] for member in members)


def test_groups_are_listed_by_kind(client: httpx.Client) -> None:
    groups = client.get("/v1/groups", params={"group_kind": "nuclear_weapon_free_zone"}).json()["data"]
    assert {group["code"] for group in groups} >= {"TLATELOLCO", "PELINDABA", "BANGKOK"}
