"""Problems of given pairs, drawn and solved whole: equal to HiGHS on the document, and sound to the checker."""

import json
import os
import random
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import count
from math import lcm
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from matching.certificate import check_answer
from matching.errors import InvalidProblem
from matching.optimise import optimise
from matching.optimum.flow import by_highs, by_networkx, by_ortools, minimum_cost_flow
from matching.pairs import modelling as pairs
from matching.pairs.answer import write
from matching.pairs.document import PairsProblem
from tests.matching.pair_draws import OBJECTIVES, drawn_document
from tests.matching.pairs import oracle
from tests.matching.pairs.documents import Json, as_columns, need, offer, pair, problem, shuffled

pytestmark = pytest.mark.once

DRAWS = int(os.environ.get("MATCHING_DRAWS", "60"))
SOLVERS = {"networkx": by_networkx, "highs": by_highs, "ortools": by_ortools}


def drawn(seed: int, objectives: Sequence[str] = OBJECTIVES, *, conditions: bool) -> Json:
    """A document that does not contradict itself."""
    for attempt in count():
        document = drawn_document(random.Random(f"{seed}.{attempt}"), objectives, conditions=conditions)
        with suppress(InvalidProblem):
            PairsProblem.from_document(document)
            return document
    raise AssertionError("unreachable: attempts do not end")


def solved(document: Json, solver: Any = minimum_cost_flow) -> Json:
    """The answer to a document, as it is printed."""
    given = PairsProblem.from_document(document)
    model = pairs.model(given)
    answer: Json = json.loads(json.dumps(write(given, model, optimise(model, solver=solver))))
    return answer


def expected(document: Json) -> list[Any] | None:
    """The optimum by the oracle, in the units of an answer."""
    found = oracle.best(document)
    if found is None or document["objective"] != "leximin":
        return found
    asked: dict[str, int] = {}
    for each in document["needs"]:
        if each["state"] is not None:
            asked[each["state"]] = asked.get(each["state"], 0) + each["units"]
    whole = lcm(*asked.values())
    return [int(value * whole) if isinstance(value, Fraction) else value for value in found]


@pytest.mark.parametrize("conditions", [False, True], ids=["quotas", "conditions"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_optimum_is_that_of_highs_on_the_document(objective: str, conditions: bool) -> None:
    feasible = 0
    for seed in range(DRAWS):
        document = drawn(seed, [objective], conditions=conditions)
        best, answer = expected(document), solved(document)
        assert answer["status"] == ("infeasible" if best is None else "optimal"), (seed, document)
        assert answer["objective"] == (best or []), (seed, document)
        verdict = check_answer(document, answer)
        assert verdict.sound, (seed, verdict.defects, document)
        feasible += best is not None
    assert feasible > DRAWS / 3


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_gives_the_same_result(solver: str) -> None:
    for seed in range(DRAWS // 2):
        document = drawn(1000 + seed, conditions=seed % 2 == 1)
        assert solved(document, SOLVERS[solver])["result_hash"] == solved(document)["result_hash"], (seed, document)


def test_neither_order_nor_form_of_the_pairs_changes_the_result() -> None:
    for seed in range(DRAWS // 2):
        document = drawn(2000 + seed, conditions=seed % 2 == 1)
        answer = solved(document)
        assert solved(as_columns(shuffled(document, random.Random(seed)))) == answer, (seed, document)


def test_assignment_problems_end_at_their_published_value() -> None:
    """The OR-Library's assignment family: n agents, n tasks, costs 1 to 100 for each pair, given as negative points."""
    for n in (10, 50):
        cost = np.random.default_rng(n).integers(1, 101, (n, n))
        agents, tasks = linear_sum_assignment(cost)
        document = problem(
            [need(f"a{i}") for i in range(n)],
            [offer(f"t{j}") for j in range(n)],
            [pair(f"a{i}", f"t{j}", -int(cost[i, j])) for i in range(n) for j in range(n)],
            "most_needs_served",
        )
        answer = solved(document)
        assert answer["status"] == "optimal"
        assert answer["objective"] == [n, -int(cost[agents, tasks].sum())] == answer["bound"]
        assert answer["total"] == -int(cost[agents, tasks].sum())
        assert answer["units"] == n


def test_totals_are_exact_beyond_what_floats_and_64_bits_hold() -> None:
    points = 2**53
    document = problem(
        [need("n1", 10**9, "A"), need("n2", 10**9, "B")],
        [offer("o1", 10**9), offer("o2", 10**9)],
        [
            pair("n1", "o1", points),
            pair("n1", "o2", points - 1),
            pair("n2", "o2", points - 2),
            pair("n2", "o1", 1 - points),
        ],
    )
    answer = solved(document)
    assert answer["total"] == 10**9 * (2**54 - 2)
    assert answer["objective"] == answer["bound"] == [answer["total"]]
    assert check_answer(document, answer).sound


def test_a_need_that_counts_for_no_state_is_served_and_counted_for_none() -> None:
    document = problem([need("j", 2, None)], [offer("o", 5)], [pair("j", "o", 3)], "equal_treatment")
    answer = solved(document)
    assert (answer["units"], answer["objective"], answer["served"]) == (2, [6], {})
