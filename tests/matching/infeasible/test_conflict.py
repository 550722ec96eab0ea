"""Where only conditions stand in the way, an obstacle names what of them, of leasts and pins cannot go together."""

from typing import Any

import pytest

from matching.infeasible import conflict, obstruction
from matching.infeasible.conflict import _only, find
from matching.model import Model
from tests.matching import brute
from tests.matching.model_draws import Size, drawn_model, draws

pytestmark = pytest.mark.once

KINDS = ("bundles", "substitutes", "groups", "states", "needs", "offers", "providers")


def conflicting(seed: int) -> Model | None:
    """The model of a seed, if only its conditions make it infeasible."""
    model = drawn_model(seed, ["points"], conditions=True, size=Size(needs=4, offers=2, units=2, states=2, groups=1))
    return model if brute.best(model) is None and obstruction.find(model) is None else None


@pytest.mark.parametrize("seed", [seed for seed in range(8 * draws(60)) if conflicting(seed)])
def test_what_is_named_fails_together_and_no_part_of_it_can_be_spared(seed: int) -> None:
    model = conflicting(seed)
    assert model is not None
    obstacle: Any = find(model)
    params = obstacle["params"]
    if obstacle["code"] == "SUBSTITUTES_BOTH_HELD":
        assert tuple(params["needs"]) in model.conditions.substitutes
        return
    named = {kind: params[kind] for kind in KINDS}
    assert brute.best(_only(model, named)) is None
    for kind in KINDS:
        for part in named[kind]:
            fewer = {**named, kind: [at for at in named[kind] if at != part]}
            assert brute.best(_only(model, fewer)) is not None


def test_of_large_models_all_that_asks_for_something_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflict, "LARGEST_TRIED", 0)
    found = (model for seed in range(120) if (model := conflicting(seed)) is not None)
    obstacles: list[Any] = [find(model) for model in found]
    large = [one["params"] for one in obstacles if one["code"] == "CONDITIONS_CONFLICT"]
    assert large
    assert all(params["smallest"] == "not_shown" and params["bundles"] + params["substitutes"] for params in large)
