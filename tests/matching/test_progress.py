"""What is told while a model is solved: each stage as it begins, with the share of the work that is done."""

from itertools import count

import pytest

from matching.model import Model
from matching.optimise import optimise
from tests.matching.model_draws import drawn_model


def of_status(status: str) -> Model:
    """The first drawn model that ends so."""
    drawn = (drawn_model(seed, ["points"]) for seed in count())
    return next(model for model in drawn if optimise(model).status == status)


@pytest.mark.parametrize(
    ("status", "stages"),
    [("optimal", [("solving", 0.0)]), ("infeasible", [("solving", 0.0), ("obstacle", 0.5)])],
)
def test_solving_is_told_and_then_the_search_for_what_is_in_the_way(
    status: str, stages: list[tuple[str, float]]
) -> None:
    told: list[tuple[str, float]] = []
    optimise(of_status(status), tell=lambda stage, share: told.append((stage, share)))
    assert told == stages
