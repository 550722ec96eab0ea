"""Drawn problem files of the pair form: points without attributes behind them, so that rows differ as they may."""

import gzip
import json
from pathlib import Path

import numpy as np

N_STATES = 193
MOST_OF_NEED, MOST_OF_OFFER, MOST_POINTS = 3, 10, 200
WANTED = 50
"""Offers that a need may be served by."""


def pairs_file(path: Path, n_pairs: int, seed: int, n_rows: int | None = None) -> None:
    """Write a problem of ``n_pairs`` pairs, 50 to a need and five needs to an offer, to a file that ends in ``.gz``.

    Where ``n_rows`` is given, that many different rows of points are drawn and needs take turns at having one of them,
    each with points of its own on top of all the row's; otherwise each need has a row of its own.
    """
    draw = np.random.default_rng(seed)
    n_needs = n_pairs // WANTED
    n_offers = max(WANTED, n_needs // 5)
    of_need = np.arange(n_needs) % (n_rows or n_needs)
    offer = np.stack([np.sort(draw.choice(n_offers, WANTED, replace=False)) for _ in range(n_rows or n_needs)])
    points = draw.integers(0, MOST_POINTS, offer.shape)
    own = draw.integers(0, MOST_POINTS, n_needs)
    needs = zip(
        draw.integers(1, MOST_OF_NEED + 1, n_needs).tolist(), draw.integers(0, N_STATES, n_needs).tolist(), strict=True
    )
    document = {
        "format": "matching/1",
        "objective": "points",
        "needs": [{"id": f"N{n}", "units": units, "state": f"S{state}"} for n, (units, state) in enumerate(needs)],
        "offers": [
            {"id": f"O{n}", "units": units}
            for n, units in enumerate(draw.integers(1, MOST_OF_OFFER + 1, n_offers).tolist())
        ],
        "pairs": {
            "need": np.repeat(np.arange(n_needs), WANTED).tolist(),
            "offer": offer[of_need].reshape(-1).tolist(),
            "points": (points[of_need] + own[:, np.newaxis]).reshape(-1).tolist(),
        },
    }
    with gzip.open(path, "wt", compresslevel=1) as file:
        json.dump(document, file, separators=(",", ":"))
