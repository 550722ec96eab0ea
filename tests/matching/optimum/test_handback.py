"""Units handed back: everybody gets what is theirs, from as few offers as can be."""

import numpy as np

from matching.optimum.handback import first_come, north_west
from tests.matching.model_draws import draws


def test_the_north_west_corner_keeps_all_sums_and_splits_as_little_as_it_can() -> None:
    for seed in range(draws(200)):
        draw = np.random.default_rng(seed)
        needs_of, cells_of = [], []
        for _ in range(draw.integers(1, 5)):
            total, n_needs, n_cells = draw.integers(0, 12), draw.integers(1, 5), draw.integers(1, 5)
            needs_of.append(draw.multinomial(total, np.full(n_needs, 1 / n_needs)))
            cells_of.append(draw.multinomial(total, np.full(n_cells, 1 / n_cells)))
        needs, cells = np.concatenate(needs_of), np.concatenate(cells_of)
        need, cell, units = north_west(needs, cells)
        assert np.array_equal(np.bincount(need, units, len(needs)), needs)
        assert np.array_equal(np.bincount(cell, units, len(cells)), cells)
        assert (units > 0).all() and (np.diff(need) >= 0).all() and (np.diff(cell) >= 0).all()
        profile_of_need = np.repeat(np.arange(len(needs_of)), [len(part) for part in needs_of])
        profile_of_cell = np.repeat(np.arange(len(cells_of)), [len(part) for part in cells_of])
        assert np.array_equal(profile_of_need[need], profile_of_cell[cell])
        for profile in range(len(needs_of)):
            pieces = np.count_nonzero(profile_of_need[need] == profile)
            shares = np.count_nonzero(needs_of[profile]) + np.count_nonzero(cells_of[profile])
            assert pieces == 0 or pieces < shares


def test_units_of_a_class_serve_its_needs_one_after_the_other() -> None:
    units, start = np.array([2, 3, 1, 4, 2]), np.array([0, 3, 3, 5])
    assert first_come(units, start, np.array([4, 0, 5])).tolist() == [2, 2, 0, 4, 1]
    assert first_come(units, start, np.array([0, 0, 0])).tolist() == [0] * 5


def test_nothing_is_handed_back_where_there_is_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert [part.tolist() for part in north_west(none, none)] == [[], [], []]
    assert first_come(none, np.array([0]), none).tolist() == []
