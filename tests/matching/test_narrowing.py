"""Leaving out of leximin's network what is settled changes nothing about the result."""

import pytest

from matching import narrowing
from matching.optimise import optimise
from tests.matching.model_draws import Size, drawn_model, draws


@pytest.mark.parametrize("blocks", [2, 5])
@pytest.mark.parametrize("seed", range(draws(60)))
def test_the_optimum_is_the_same_to_the_unit(seed: int, blocks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    size = Size(needs=14, offers=8, units=25, states=5, groups=3, providers=3)
    model = drawn_model(seed, ["leximin"], quotas=seed % 3 > 0, size=size)
    whole = optimise(model)
    monkeypatch.setattr(narrowing, "FEW_ARCS", 0)
    monkeypatch.setattr(narrowing, "BLOCKS", blocks)
    small = optimise(model)
    assert (small.status, small.objective) == (whole.status, whole.objective)
    for part in ("need", "offer", "units"):
        assert getattr(small.allocation, part).tolist() == getattr(whole.allocation, part).tolist()
