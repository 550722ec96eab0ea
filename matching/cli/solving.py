"""The process that solves: ``python -m matching.cli.solving TASK ALIVE``, ended at any time without loss.

TASK is JSON: path, solver, time_limit_s. ALIVE is the file descriptor of a pipe that closes when the parent ends.
Standard output carries lines of JSON, in this order, as far as it gets:

* ``{"limit_s": ...}`` where there is a time limit, counted from the start
* ``{"stage": ...}`` whenever a stage begins
* ``{"status": ..., "final": false}``, then a line with the answer in case no better one comes in time
* ``{"status": ..., "final": true}``, then a line with the answer
* ``{"refused": ..., "faults": [...]}`` or ``{"failed": ...}`` instead of an answer
"""

import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from matching.cli.endings import WrongInput
from matching.cli.reading import document, unusable
from matching.errors import InvalidDocument, MatchingError

if TYPE_CHECKING:
    from matching.optimum.network import FlowSolver

SOFT_SHARE = 0.9
"""Part of the time limit after which the search itself stops, to answer with the best it has."""

Say = Callable[..., None]


def main() -> None:
    """Serve one task."""
    task, alive = json.loads(sys.argv[1]), int(sys.argv[2])
    threading.Thread(target=_end_with_parent, args=(alive,), daemon=True).start()
    # Whatever a library prints must not end up among the lines of the protocol.
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(**said: Any) -> None:
        lines.write(json.dumps(said).encode() + b"\n")
        lines.flush()

    def answer(document: Mapping[str, Any], *, final: bool) -> None:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        lines.write(json.dumps({"status": document["status"], "final": final}).encode() + b"\n")
        lines.write(text.encode() + b"\n")
        lines.flush()

    try:
        _serve(task, say, answer)
    except WrongInput as wrong:
        say(refused=str(wrong), faults=wrong.faults)
    except MatchingError as error:
        say(failed=str(error))
    except MemoryError:
        say(failed="there is too little memory for this problem")
    os._exit(0)  # nothing is left to do, and taking millions of objects apart takes time


def _end_with_parent(alive: int) -> None:
    os.read(alive, 1)
    os._exit(1)


def _serve(task: Mapping[str, Any], say: Say, answer: Say) -> None:
    began = time.monotonic()
    say(stage="reading")
    gc.disable()  # a document is millions of objects and no cycle
    given = document(task["path"])
    from matching.pairs.document import is_pair_form

    solve = _pairs if is_pair_form(given) else _attributes
    solve(given, task, began, say, answer)


def _pairs(given: Any, task: Mapping[str, Any], began: float, say: Say, answer: Say) -> None:
    """Solve a problem of given pairs."""
    from matching.optimise import optimise
    from matching.outset import outset
    from matching.pairs import modelling as pairs
    from matching.pairs.answer import write
    from matching.pairs.document import PairsProblem

    try:
        problem = PairsProblem.from_document(given)
    except InvalidDocument as error:
        raise unusable(task["path"], error.faults) from error
    gc.freeze()
    gc.enable()
    say(stage="finding equal rows")
    model = pairs.model(problem)
    limit = task["time_limit_s"] or problem.time_limit_s
    if limit is not None:
        say(limit_s=limit)
        answer(write(problem, model, outset(model)), final=False)
    outcome = optimise(
        model,
        solver=_solver(task["solver"]),
        time_left=lambda: None if limit is None else began + limit * SOFT_SHARE - time.monotonic(),
        tell=lambda stage, share: say(stage=stage),
    )
    answer(write(problem, model, outcome), final=True)


def _attributes(given: Any, task: Mapping[str, Any], began: float, say: Say, answer: Say) -> None:
    """Solve a problem of needs and offers with their attributes, under its strategy."""
    import matching
    from matching.attributes.solve import before_search

    try:
        problem = matching.Problem.from_document(given)
    except InvalidDocument as error:
        raise unusable(task["path"], error.faults) from error
    gc.enable()
    limit = task["time_limit_s"]
    if limit is not None:
        say(limit_s=limit)
        if (first := before_search(problem)) is not None:
            answer(first.document, final=False)
    result = matching.solve(
        problem,
        progress=lambda stage, share: say(stage=stage),
        time_limit_s=None if limit is None else max(0.0, began + limit * SOFT_SHARE - time.monotonic()),
        solver=_solver(task["solver"]),
    )
    answer(result.document, final=True)


def _solver(name: str) -> "FlowSolver":
    from matching.optimum import flow

    solvers = {
        "lemon": flow.minimum_cost_flow,
        "networkx": flow.by_networkx,
        "highs": flow.by_highs,
        "ortools": flow.by_ortools,
    }
    return solvers[name]


if __name__ == "__main__":
    main()
