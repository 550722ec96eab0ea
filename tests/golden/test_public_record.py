"""The run on the public record comes out as it was read through and accepted."""

import copy
import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

import matching
from app.database import make_engine
from app.imports.service import RECORD_FILES
from app.runs import proposals
from app.visibility import LOCAL
from matching.insight.remedies import Change, Remedy, amended
from tests.golden.outcome import outcome

GOLDEN = Path(__file__).parent / "public_record.json"
#: States whose requests say what is wanted, so that a run must say something of substance about each.
SPECIFIC = ("ALB", "ARM", "PHL", "THA")
#: Needs of States that no document names. No change of a record names them.
UNNAMED = {"R-UNATTR-2007/1", "R-UNATTR-2008/1", "R-UNATTR-2008/2", "R-UNATTR-2008/3"}

Json = dict[str, Any]


@pytest.fixture
def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text())
    return found


@pytest.fixture(scope="module")
def run(make_database: Callable[[str | None], str], installed_template: str) -> Iterator[tuple[Json, Json]]:
    """The outcome of the run on the public record, and the problem that was solved."""
    engine = make_engine(make_database(installed_template))
    found = json.loads(json.dumps(outcome(engine)))
    with Session(engine) as session:
        problem = json.loads(proposals.document(session, LOCAL, f"RUN-{found['quarter']}", "problem"))
    engine.dispose()
    yield found, problem


def test_the_outcome_is_the_one_that_was_accepted(run: tuple[Json, Json], golden: Json) -> None:
    assert run[0] == golden


def left(document: Json, need: str) -> tuple[int, int]:
    """Units of a need that a new solve leaves, and offers that no rule keeps from it."""
    result = matching.solve(matching.Problem.from_document(document)).document
    assert result["status"] == "optimal"
    mine = [each for each in result["unmatched"] if each["need"] == need]
    return sum(each["units"] for each in mine), max((each["eligible"] for each in mine), default=0)


def test_every_unmatched_need_is_served_by_the_change_that_is_shown(run: tuple[Json, Json]) -> None:
    found, problem = run
    helped = [each for each in found["unmatched"] if each["change"]["changes"]]
    assert len(helped) == len(found["unmatched"]) - len(UNNAMED)
    for each in helped:
        changes = [Change(Remedy[c["code"]], c["id"], c["value"]) for c in each["change"]["changes"]]
        assert left(amended(problem, changes), each["need"])[0] < each["units"], each["need"]
        if len(changes) == 2:
            for alone in changes:
                assert left(amended(problem, [alone]), each["need"])[0] == each["units"], each["need"]


def test_where_no_change_is_shown_all_changes_of_the_list_together_make_no_offer_eligible(
    run: tuple[Json, Json],
) -> None:
    """What is eligible under some of them is so under all: each only adds to what a need or an offer accepts."""
    found, problem = run
    without = {each["need"]: each["change"] for each in found["unmatched"] if not each["change"]["changes"]}
    assert set(without) == UNNAMED
    assert {change["code"] for change in without.values()} == {"NO_CHANGE"}
    wide = copy.deepcopy(problem)
    domains = [domain["id"] for domain in wide["domains"]]
    for offer in wide["offers"]:
        offer |= {"domains": domains, "worldwide": True, "requires_groups": [], "valid_from": None, "valid_until": None}
        offer |= {"units": offer["units"] + 1, "modalities": [], "scopes": [], "except": []}
    for need in wide["needs"]:
        if need["id"] in without:
            open_to_all: Json = {
                "languages": [],
                "modalities": [],
                "scopes": [],
                "wanted_from": None,
                "wanted_by": None,
            }
            need |= {"domain": "OP3C.BOR", **open_to_all}
    wide["declined"] = []
    for need in without:
        assert left(wide, need)[1] == 0


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
