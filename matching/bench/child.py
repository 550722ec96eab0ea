"""One measurement in a process of its own, so that its peak of memory is its own: ``python -m matching.bench.child``.

The task is JSON on the command line: ``measure``, and what the measurement takes. What was measured is printed as JSON.
"""

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from matching.bench import previews, rivals
from matching.bench.bound import bound
from matching.bench.clock import Clock, peak_mb
from matching.bench.loading import Loaded, compiled, load
from matching.model import Objective
from matching.optimise import optimise
from matching.optimum.exact import product

Json = dict[str, Any]


def engine(
    path: str,
    objective: Objective,
    kept: str | None = None,
    edits: int = 0,
    again: bool = False,
    whole_s: float | None = None,
) -> Json:
    """The engine on a problem file; ``kept`` is where to write the pairs down for its rivals.

    ``edits`` previews are measured too and, where ``again``, compared with new solves; and HiGHS on the whole for at
    most ``whole_s`` seconds.
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
        **(previews.measured(loaded, outcome, edits, again=again) if edits else {}),
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
