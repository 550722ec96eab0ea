"""Consistency: needs that are equal in every fact earn equal points, and a State's name earns nothing."""

import os
from typing import Any

from hypothesis import given, settings

from matching import Problem, solve
from matching.studies.appraisal import appraise
from matching.studies.changes import proposed
from tests.matching.builders import Json
from tests.matching.draws import problems

DRAWS = int(os.environ.get("MATCHING_DRAWS", "80"))
ONE, OTHER = "PHL", "LAO"


def exchanged(part: Any) -> Any:
    """A part of a document with two States' names exchanged, wherever they stand."""
    if isinstance(part, dict):
        return {name: exchanged(value) for name, value in part.items()}
    if isinstance(part, list):
        return [exchanged(value) for value in part]
    names = {ONE: OTHER, OTHER: ONE, f"state:{ONE}": f"state:{OTHER}", f"state:{OTHER}": f"state:{ONE}"}
    return names.get(part, part) if isinstance(part, str) else part


def with_names_exchanged(document: Json) -> Json:
    """The same problem, told of the other State: its facts, receipts, needs and offers go with the name."""
    told: Json = exchanged(document)
    return told | {"strategy": document["strategy"]}


@settings(max_examples=DRAWS, deadline=None)
@given(problems())
def test_needs_equal_in_every_fact_earn_equal_points_from_every_offer(document: Json) -> None:
    twin = document["needs"][0] | {"id": "R-TWIN/1", "request": "R-TWIN"}
    first = document["needs"][0]["id"]
    for pairs in ("declined", "earlier", "forbidden"):
        document[pairs] = document[pairs] + [
            pair | {"need": twin["id"]} for pair in document[pairs] if pair["need"] == first
        ]
    document["needs"] = [*document["needs"], twin]
    members = twin["states"] if twin["delivery"] == "per_member" and twin["states"] else [""]
    offers = [offer["id"] for offer in document["offers"]]
    of_first = appraise(document, [(first, member, offer) for member in members for offer in offers])
    of_twin = appraise(document, [(twin["id"], member, offer) for member in members for offer in offers])
    assert of_first == of_twin


@settings(max_examples=DRAWS, deadline=None)
@given(problems())
def test_exchanging_two_names_exchanges_the_points(document: Json) -> None:
    pairs = [
        (need["id"], member, offer["id"])
        for need in document["needs"]
        for member in (need["states"] if need["delivery"] == "per_member" and need["states"] else [""])
        for offer in document["offers"]
    ]
    others = [(need, exchanged(member), offer) for need, member, offer in pairs]
    assert appraise(document, pairs) == appraise(with_names_exchanged(document), others)


@settings(max_examples=DRAWS, deadline=None)
@given(problems())
def test_exchanging_two_names_exchanges_their_results(document: Json) -> None:
    told = solve(Problem.from_document(document)).document
    other = solve(Problem.from_document(with_names_exchanged(document))).document
    assert told["objective"] == other["objective"]
    # Lots are drawn for a member by its name. Where no need is met member by member, not even a tie can tell names
    # apart: they are the same pairings, and what one State was served the other one is.
    if all(need["delivery"] != "per_member" for need in document["needs"]):
        assert proposed(told) == proposed(other)
        assert {exchanged(state): served for state, served in told["served"].items()} == other["served"]
