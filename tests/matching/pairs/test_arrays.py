"""The same as a document, given as arrays."""

import json
import random

import numpy as np
import pytest

import matching
from matching.optimise import optimise
from matching.pairs import modelling as pairs
from matching.pairs.document import PairsProblem
from tests.matching.pairs.documents import as_columns, need, offer, pair, problem


def test_arrays_are_solved_in_the_order_in_which_they_were_given() -> None:
    found = matching.solve_pairs([2, 1], [2, 1], [1, 0, 0], [0, 1, 0], [7, -3, 5])
    assert (found.status, found.total, found.objective, found.bound) == ("optimal", 12, (12,), (12,))
    assert found.units.tolist() == [1, 0, 1]


@pytest.mark.parametrize("objective", ["points", "most_needs_served", "equal_treatment", "leximin"])
def test_arrays_and_documents_are_worth_the_same(objective: str) -> None:
    for seed in range(20):
        dice = random.Random(seed)
        n_needs, n_offers = dice.randint(1, 5), dice.randint(1, 4)
        states = [dice.choice(["A", "B", None]) for _ in range(n_needs)]
        document = problem(
            [need(f"n{i}", dice.randint(1, 3), states[i]) for i in range(n_needs)],
            [offer(f"o{j}", dice.randint(0, 3)) for j in range(n_offers)],
            [pair(f"n{i}", f"o{j}", dice.randint(-2, 5)) for i in range(n_needs) for j in range(n_offers)],
            objective,
            states=[{"id": "A", "received": 1, "group": "G"}, {"id": "B", "group": "G"}],
            fairness={"state": [3, 1], "group": [2, 0]},
        )
        for each in document["pairs"]:
            each["units"] = dice.randint(0, 2)
        columns = as_columns(document)["pairs"]
        found = matching.solve_pairs(
            [each["units"] for each in document["needs"]],
            [each["units"] for each in document["offers"]],
            columns["need"],
            columns["offer"],
            columns["points"],
            pair_units=columns["units"],
            objective=objective,  # type: ignore[arg-type]
            need_state=[{"A": 0, "B": 1, None: -1}[state] for state in states],
            state_received=[1, 0],
            state_group=[0, 0],
            state_slopes=[3, 1],
            group_slopes=[2, 0],
        )
        expected = optimise(pairs.model(PairsProblem.from_document(document)))
        assert (found.status, found.objective) == (expected.status, expected.objective), json.dumps(document)
        assert found.total == int(np.array(columns["points"]) @ found.units)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"need_units": [0, 1]}, "/need_units/0"),
        ({"need_units": [1.5, 1]}, "/need_units"),
        ({"offer_units": [[1]]}, "/offer_units"),
        ({"need": [0, 2]}, "/need/1"),
        ({"offer": [0]}, "/offer"),
        ({"points": [2**53 + 1, 0]}, "/points/0"),
        ({"need": [1, 1]}, "/need/1"),
        ({"need_least": [2, 0]}, "/need_least/0"),
        ({"pair_units": [1, -1]}, "/pair_units/1"),
        ({"state_slopes": [1, 2], "objective": "equal_treatment"}, "/state_slopes/1"),
        ({"state_slopes": [1.5, 1], "objective": "equal_treatment"}, "/state_slopes"),
        ({"group_slopes": [2**60], "objective": "equal_treatment"}, "/group_slopes/0"),
        ({"objective": "most"}, "/objective"),
        ({"need_state": [0, 10**6 + 1]}, "/need_state/1"),
        ({"need_state": [0, 0], "state_group": [2**31]}, "/state_group/0"),
        ({"need_state": [0, 3], "state_received": [0]}, "/need_state/1"),
    ],
)
def test_arrays_that_are_wrong_are_refused_by_name_and_position(changes: dict[str, object], pointer: str) -> None:
    given: dict[str, object] = {
        "need_units": [1, 1],
        "offer_units": [1],
        "need": [0, 1],
        "offer": [0, 0],
        "points": [1, 1],
    }
    with pytest.raises(matching.InvalidProblem) as refused:
        matching.solve_pairs(**{**given, **changes})  # type: ignore[arg-type]
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
