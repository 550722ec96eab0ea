"""From pairs to a model: what shares a profile, what stands alone, and what ends up where."""

import numpy as np
import pytest

from matching.errors import InvalidProblem
from matching.model import NOBODY, UNLIMITED, Model
from matching.pairs import modelling as pairs
from matching.pairs.document import PairsProblem
from tests.matching.pairs.documents import Json, need, offer, pair, problem


def model(document: Json) -> Model:
    return pairs.model(PairsProblem.from_document(document))


def grid(points: list[list[int | None]], units: list[int] | None = None, **more: object) -> Json:
    """A problem by its table of points: needs n0, n1, … by offers o0, o1, … of three units each."""
    wanted = units or [1] * len(points)
    cells = [(i, j, value) for i, row in enumerate(points) for j, value in enumerate(row) if value is not None]
    return problem(
        [need(f"n{i}", wanted[i]) for i in range(len(points))],
        [offer(f"o{j}", 3) for j in range(len(points[0]))],
        [pair(f"n{i}", f"o{j}", value) for i, j, value in cells],
        **more,  # type: ignore[arg-type]
    )


def profiles(document: Json) -> list[int]:
    found: list[int] = model(document).needs.profile.tolist()
    return found


def test_rows_equal_but_for_a_constant_share_a_profile() -> None:
    built = model(grid([[5, 7], [1, 3], [5, 6], [-4, -2]]))
    assert built.needs.profile.tolist() == [0, 0, 1, 0]
    assert built.needs.urgency.tolist() == [5, 1, 5, -4]
    assert built.profiles.affinity.tolist() == [0, 2, 0, 1]
    assert built.points(np.array([3, 3]), np.array([0, 1])).tolist() == [-4, -2]


def test_rows_of_other_offers_are_other_rows() -> None:
    assert profiles(grid([[5, None], [None, 5], [5, 5]])) == [0, 1, 2]
    assert profiles(grid([[None, None], [None, None], [1, 1]])) == [0, 0, 1]


@pytest.mark.parametrize(
    "apart",
    [
        {"groups": [{"id": "g", "needs": ["n1"]}]},
        {"substitutes": [["n1", "n3"]]},
        {"pinned": [{"need": "n1", "offer": "o0", "units": 1}]},
        {"forbidden": [{"need": "n1", "offer": "o0"}]},
    ],
)
def test_what_is_not_interchangeable_stands_alone(apart: Json) -> None:
    found = profiles(grid([[1, 1], [1, 1], [1, 1], [2, 5]], **apart))
    assert found[0] == found[2]
    assert found.count(found[1]) == 1


def test_a_need_with_a_least_or_a_cap_that_binds_stands_alone() -> None:
    document = grid([[1, 1], [1, 1], [1, 1], [1, 1]], [2, 2, 2, 2])
    document["needs"][1]["least"] = 1
    document["pairs"][4]["units"] = 1  # n2 with o0
    document["pairs"][6]["units"] = 2  # n3 with o0: no less than n3 asks for
    built = model(document)
    assert built.needs.profile.tolist() == [0, 1, 2, 0]
    assert built.profiles.most.tolist() == [UNLIMITED] * 4 + [1, UNLIMITED]


def test_pins_are_leasts_and_pairs_that_may_have_no_units_are_no_cells() -> None:
    document = grid([[1, 1, 1]], [3], pinned=[{"need": "n0", "offer": "o2", "units": 2}])
    document["pairs"][0]["units"] = 0
    built = model(document)
    assert built.profiles.offer.tolist() == [1, 2]
    assert built.profiles.least.tolist() == [0, 2]


def test_a_hash_that_two_different_rows_share_merges_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "_mixed", lambda offer, affinity, salt: np.zeros(len(offer), dtype=np.uint64))
    built = model(grid([[5, 7], [1, 2], [5, 7], [4, 5]]))
    assert built.needs.profile[0] == built.needs.profile[2]
    for row, points in enumerate([[5, 7], [1, 2], [5, 7], [4, 5]]):
        cells = built.cell(np.array([row, row]), np.array([0, 1]))
        assert built.points(np.array([row, row]), cells).tolist() == points


def test_needs_take_their_place_by_date_and_then_as_drawn() -> None:
    needs = [need("a", date="2015-01-02"), need("b"), need("c", date="2014-12-31"), need("d")]
    drawn = {
        quarter: model(problem(needs, [], [], quarter=quarter)).needs.place.tolist()
        for quarter in ("2015-Q1", "2015-Q2", "2015-Q3", "2015-Q4")
    }
    assert all((place[2], place[0]) == (0, 1) and {place[1], place[3]} == {2, 3} for place in drawn.values())
    assert len(set(map(tuple, drawn.values()))) == 2


def test_states_that_only_needs_name_have_no_group_and_no_limit() -> None:
    built = model(
        problem([need("n", 2, "B"), need("m", 1, None)], [], [], states=[{"id": "A", "group": "G", "most": 1}])
    )
    assert built.states.group.tolist() == [0, NOBODY]
    assert built.states.limits.most.tolist() == [1, UNLIMITED]
    assert built.needs.state.tolist() == [NOBODY, 1]


def test_slopes_are_for_equal_treatment_alone() -> None:
    assert model(grid([[1]], objective="equal_treatment")).fairness.state == (40, 24, 14, 8, 4, 0)
    assert model(grid([[1]], objective="points", fairness={"state": [5]})).fairness.state == ()


def test_a_document_whose_faults_are_many_is_refused_as_one() -> None:
    document = grid([[1, 1]])
    document["pairs"] = {"need": [0] * 5000, "offer": [9] * 5000, "points": [1] * 5000}
    with pytest.raises(InvalidProblem) as refused:
        PairsProblem.from_document(document)
    assert len(refused.value.faults) == 1000
