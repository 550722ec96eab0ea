"""The run on the public record comes out as it was read through and accepted."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from app.database import make_engine
from app.imports.service import RECORD_FILES
from tests.golden.outcome import outcome

GOLDEN = Path(__file__).parent / "public_record.json"
#: States whose requests say what is wanted, so that a run must say something of substance about each.
SPECIFIC = ("ALB", "ARM", "PHL", "THA")


@pytest.fixture
def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text())
    return found


def test_the_outcome_is_the_one_that_was_accepted(installed_database_url: str, golden: dict[str, Any]) -> None:
    engine = make_engine(installed_database_url)
    found = json.loads(json.dumps(outcome(engine)))
    engine.dispose()
    assert found == golden


@pytest.mark.parametrize("state", SPECIFIC)
def test_each_specific_request_is_paired_with_offers_that_the_record_names(state: str, golden: dict[str, Any]) -> None:
    requests, offers = ({row["id"]: row for row in csv.DictReader(path.open())} for path in RECORD_FILES)
    paired = [each for each in golden["pairings"] if requests[each["need"].partition("/")[0]]["requester"] == state]
    assert paired
    for pairing in paired:
        offer, request = offers[pairing["offer"]], requests[pairing["need"].partition("/")[0]]
        assert pairing["domain"] in request["domains"].split(";")
        same = pairing["domain"] in offer["domains"].split(";")
        assert same or pairing["terms"]["domain"] < 60  # a related domain earns its share only
        assert not offer["modalities"] or set(offer["modalities"].split(";")) & set(request["modalities"].split(";"))
        assert offer["regions_or_states"]
        assert sum(pairing["terms"].values()) == pairing["points"]


def test_no_offer_gives_more_than_the_one_unit_that_is_assumed(golden: dict[str, Any]) -> None:
    given = [pairing["offer"] for pairing in golden["pairings"] for _ in range(pairing["units"])]
    assert len(given) == len(set(given))


def test_every_need_of_the_record_is_paired_or_told_why_not(golden: dict[str, Any]) -> None:
    rows = list(csv.DictReader(RECORD_FILES[0].open()))
    asked = {
        f"{row['id']}/{number}"
        for row in rows
        if row["channel"] == "1540_committee"
        for number, _ in enumerate(row["domains"].split(";"), 1)
    }
    told = {each["need"] for each in golden["pairings"]} | {each["need"] for each in golden["unmatched"]}
    assert told == asked
    for each in golden["unmatched"]:
        assert sum(each["rules"].values()) + each["eligible"] == golden["summary"]["offers"]
