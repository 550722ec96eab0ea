"""BL-3: what a problem asks counts, not the order in which it says so; both forms, to the byte, on any machine."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import InvalidProblem, Problem, solve
from matching.pairs.document import PairsProblem
from tests.matching.draws import problems
from tests.matching.model_draws import draws
from tests.matching.pair_answers import Json, answer_to
from tests.matching.pair_draws import drawn_document

AS_LISTED = {"state", "group", "slopes", "levels"}
"""Lists in which the order says something."""


def shuffled(value: Any, draw: random.Random, name: str = "") -> Any:
    """The same with the members of objects, and of lists where order says nothing, in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], draw, key) for key in draw.sample(sorted(value), len(value))}
    if isinstance(value, list) and name not in AS_LISTED and all(isinstance(part, dict) for part in value):
        return [shuffled(part, draw) for part in draw.sample(value, len(value))]
    return value


def answered(document: Json) -> bytes | None:
    """The answer to the byte; None where the document contradicts itself."""
    try:
        PairsProblem.from_document(document)
    except InvalidProblem:
        return None
    return json.dumps(answer_to(document)).encode()


def test_bl_3_given_pairs_in_any_order_have_the_same_answer_to_the_byte() -> None:
    told = 0
    for seed in range(draws(60)):
        draw = random.Random(seed)
        document = drawn_document(draw, conditions=seed % 3 == 0)
        answer = answered(document)
        for _ in range(3):
            assert answered(shuffled(document, draw)) == answer
        told += answer is not None
    assert told > draws(60) / 3


@settings(max_examples=draws(25), deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_bl_3_attributes_in_any_order_have_the_same_result_to_the_byte(document: Json, draw: random.Random) -> None:
    def result(given: Json) -> str:
        return json.dumps(solve(Problem.from_document(given)).document)

    records = {name: part for name, part in document.items() if name != "strategy"}
    assert result({**shuffled(records, draw), "strategy": document["strategy"]}) == result(document)


@pytest.mark.parametrize(
    ("objective", "result_hash"),
    [
        ("points", "329d8eb7dbf7ef8986e685538d3e7dc5d82454120f145015367d866cf951d2ea"),
        ("equal_treatment", "3a9b67e877b4ed629bc3353102319f89885ae4442693fdc7d56f5b1d54ea73df"),
        ("most_needs_served", "5a8aa8aec520172cc15dfb3f7684d35ac6ff56709d198e9d50f037d554959d0a"),
        ("leximin", "22b1e6d5cff45a61fe130dc5590cfc9a7f4adab7c2e00c28940463086b18ec1f"),
    ],
)
def test_bl_3_a_problem_full_of_ties_has_this_hash_on_every_machine_and_python(
    objective: str, result_hash: str
) -> None:
    states = ["ALB", "ARM", "FJI", "JAM", "LAO", "PHL"]
    needs = [{"id": f"R-{n}", "state": states[n % 6], "units": 1 + n % 3} for n in range(24)]
    offers = [{"id": f"O-{n}", "units": 1 + n % 4} for n in range(9)]
    problem = {
        "objective": objective,
        "quarter": "2015-Q1",
        "needs": needs,
        "offers": offers,
        "pairs": [
            {"need": need["id"], "offer": offer["id"], "points": 5 + (n + k) % 2}
            for n, need in enumerate(needs)
            for k, offer in enumerate(offers)
            if (n * k) % 5 != 1
        ],
        "states": [{"id": state, "received": n % 2} for n, state in enumerate(states)],
    }
    assert answer_to(problem)["result_hash"] == result_hash
