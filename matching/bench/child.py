"""One measurement in a process of its own, so that its peak of memory is its own: ``python -m matching.bench.child``.

The task is JSON on the command line: ``measure``, and what the measurement takes. What was measured is printed as JSON.
"""

import gc
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from matching.bench import rivals
from matching.bench.bound import bound
from matching.bench.clock import Clock, peak_mb
from matching.bench.loading import Loaded, compiled, load
from matching.model import Objective, Outcome
from matching.optimise import optimise
from matching.optimum.exact import product

Json = dict[str, Any]


def engine(
    path: str, objective: Objective, kept: str | None = None, edits: int = 0, whole_s: float | None = None
) -> Json:
    """The engine on a problem file; ``kept`` is where to write the pairs down for its rivals.

    ``edits`` previews are measured too, and HiGHS on the whole for at most ``whole_s`` seconds.
    """
    clock = Clock()
    with clock.stage("load"):
        problem = load(path)
    gc.freeze()
    gc.enable()
    at_load = peak_mb()
    loaded = compiled(problem, objective, clock)
    with clock.stage("optimum"):
        outcome = optimise(loaded.model)
    peak = peak_mb()
    model = loaded.model
    plain = rivals.plain(model)
    if kept and plain:
        rivals.keep(Path(kept), model)
    return {
        "needs": model.n_needs,
        "offers": model.n_offers,
        "rows": model.n_profiles,
        "cells": len(model.profiles.offer),
        "pairs": loaded.n_pairs,
        "objective": outcome.objective,
        "status": outcome.status,
        "total": product(outcome.allocation.points, outcome.allocation.units),
        "proved": bound(model, outcome.proof[-1]) == outcome.objective[0]
        if plain and len(outcome.proof) == 1
        else None,
        "plain": plain,
        "stages": clock.stages,
        "load_mb": at_load,
        "peak_mb": peak,
        **(_previews(loaded, outcome, edits) if edits else {}),
        **(_whole(loaded, whole_s) if whole_s else {}),
    }


def rival(kept: str, solver: str) -> Json:
    """A rival on all pairs: from arrays to units, building its graph included."""
    pairs = rivals.pairs(Path(kept))
    clock = Clock()
    with clock.stage("graph and solve"):
        raw = rivals.Raw.of(pairs)
        found = rivals.SOLVERS[solver](raw.network)
    peak = peak_mb()
    return {"total": raw.total(found.units), "stages": clock.stages, "peak_mb": peak}


def explaining(path: str) -> Json:
    """Explanations of a whole run against a solve of it, and against importing numpy in a new process."""
    from matching.insight.explanation import explanation

    clock = Clock()
    loaded = compiled(load(path), "equal_treatment", clock)
    outcome = optimise(loaded.model)
    assert loaded.compiled is not None
    explanation(loaded.compiled, outcome)  # what is imported on first use is not what is measured
    with clock.stage("explain"):
        explanation(loaded.compiled, outcome)
    return {
        "needs": loaded.model.n_needs,
        "offers": loaded.model.n_offers,
        "stages": clock.stages,
        "peak_mb": peak_mb(),
    }


def _previews(loaded: Loaded, outcome: Outcome, number: int) -> Json:
    """Previews of a further unit wanted by, or offered to, drawn needs and offers."""
    from matching.insight.edits import Edit, NeedUnits, OfferUnits
    from matching.insight.warm import Warm

    model, draw = loaded.model, random.Random(1540)  # noqa: S311 - a measurement, no secrets
    began = process_time()
    warm = Warm(model, outcome)
    cold = process_time() - began
    taken = []
    for _ in range(number):
        need, offer = draw.randrange(model.n_needs), draw.randrange(model.n_offers)
        edits: list[Edit] = [NeedUnits(need, 0), OfferUnits(offer, int(model.offers.units[offer]) + 1)]
        began = perf_counter()
        warm.effect(draw.choice(edits))
        taken.append(perf_counter() - began)
    return {"preview": {"cold_s": cold, "median_s": median(taken), "worst_s": max(taken), "edits": number}}


def _whole(loaded: Loaded, limit_s: float) -> Json:
    from matching.conditions.whole import by_milp

    cpu, wall = process_time(), perf_counter()
    found = by_milp(loaded.model, lambda: wall + limit_s - perf_counter())
    return {
        "whole": {
            "cpu_s": process_time() - cpu,
            "wall_s": perf_counter() - wall,
            "finished": found.finished,
            "stages": found.stages,
        }
    }


MEASURES: dict[str, Callable[..., Json]] = {"engine": engine, "rival": rival, "explaining": explaining}


def main() -> None:
    """Measure what the task says."""
    gc.disable()  # documents are millions of objects and no cycle
    task = json.loads(sys.argv[1])
    measured = MEASURES[task.pop("measure")](**task)
    print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main()
