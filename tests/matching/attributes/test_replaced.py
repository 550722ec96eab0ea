"""A problem with another record in it is the problem of the document with that record."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import InvalidProblem, Problem
from matching.attributes.replaced import with_need, with_offer
from tests.matching.builders import DECISION, Json, need, offer, problem, strategy
from tests.matching.draws import problems
from tests.matching.record_draws import CHANGES, Change, with_record


@settings(max_examples=60, deadline=None)
@given(problems(), st.sampled_from(CHANGES), st.integers(0, 2**32))
def test_it_is_the_problem_of_the_document_with_the_record(
    document: Json, drawn: Callable[[random.Random, Json], Change], seed: int
) -> None:
    kind, record = drawn(random.Random(seed), document)
    before = Problem.from_document(document)
    replaced = with_need(before, record) if kind == "need" else with_offer(before, record)
    assert replaced.document == Problem.from_document(with_record(document, kind, record)).document


def test_what_the_rest_of_the_problem_says_of_the_record_must_still_hold() -> None:
    quota = {"kind": "offer", "id": "O-AUS-1", "least": 2, "reason": "set by a test", "decision": DECISION}
    before = Problem.from_document(problem([need()], [offer(units=2)], strategy() | {"quotas": [quota]}))
    with pytest.raises(InvalidProblem) as refused:
        with_offer(before, offer(units=1))
    assert [fault.code for fault in refused.value.faults] == ["least_over_units"]
