"""The child process that solves and checks: ``python -m app.runs.solving``, killed at any time without loss.

Standard input brings tasks, one a line: ``{"document": ..., "time_limit_s": ..., "explain"?: true}``. It stays open for
as long as the parent lives. Standard output carries lines of JSON: ``{"stage": ..., "share": ...}`` while it works on a
task, and at the end of each one of

* ``{"outcome": "solved", "result": ..., "verdict": ..., "seconds": {"solve": ..., "check": ...}}``
* ``{"outcome": "refused", "faults": [...]}``: the problem contradicts itself
* ``{"outcome": "wrong", "defects": [...]}``: the checker found the result wrong
* ``{"outcome": "failed", "reason": ...}``: the solver gave no answer

Where ``explain`` asks for it, a result comes with an explanation that lacks everything for want of time, and the true
one follows: ``{"explanation": ..., "seconds": {"explain": ...}}``. Whoever has the result need not wait for it.
"""

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import matching
from matching.attributes.result import Solved
from matching.insight.explanation import Missing, explanation, unexplained

#: Part of the time limit after which the engine itself stops looking and answers with the best it has.
SOFT_SHARE = 0.8
#: Part of the time limit after which no further part of the explanation is begun.
EXPLAINED_SHARE = 0.95
#: Part of the whole work that is done when the engine has finished, and when the checker has.
SOLVING_SHARE, CHECKING_SHARE = 0.7, 0.75
#: Seconds after the limit when the operating system ends a child whose parent has failed to.
GRACE_S = 60

Say = Callable[[dict[str, Any]], None]
Work = Callable[[dict[str, Any], Say], dict[str, Any]]
"""Makes the last line that is said of a task; what is said meanwhile goes to the second argument."""


def answer(task: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Solve the document of a task, check what comes out and, if asked to, explain it; the last line to say."""
    began = time.monotonic()
    say({"stage": "reading", "share": 0})
    try:
        problem = matching.Problem.from_document(task["document"])
    except matching.InvalidProblem as error:
        return {"outcome": "refused", "faults": [list(fault) for fault in error.faults]}
    try:
        result = matching.solve(
            problem,
            progress=lambda stage, share: say({"stage": stage, "share": round(share * SOLVING_SHARE, 3)}),
            time_limit_s=task["time_limit_s"] * SOFT_SHARE,
        )
    except matching.MatchingError as error:
        return {"outcome": "failed", "reason": str(error)}
    solved = time.monotonic()
    say({"stage": "checking", "share": SOLVING_SHARE})
    verdict = matching.verdict(problem, result.document)
    if not verdict.sound:
        return {
            "outcome": "wrong",
            "defects": [f"{defect.where or '/'}: {defect.message} ({defect.code})" for defect in verdict.defects],
        }
    seconds = {"solve": round(solved - began, 3), "check": round(time.monotonic() - solved, 3)}
    checked = {"outcome": "solved", "result": result.document, "verdict": verdict.document, "seconds": seconds}
    if not task.get("explain"):
        return checked
    say(checked | {"explanation": unexplained(Missing.TIME)})
    return _explained(result.solved, began + task["time_limit_s"] * EXPLAINED_SHARE, say)


def _explained(solved: Solved | None, deadline: float, say: Say) -> dict[str, Any]:
    began = time.monotonic()
    say({"stage": "exploring", "share": CHECKING_SHARE})
    if solved is None:
        found = unexplained(Missing.NOT_OPTIMAL)
    else:
        rest = 1 - CHECKING_SHARE
        found = explanation(
            solved.compiled,
            solved.outcome,
            time_left=lambda: deadline - time.monotonic(),
            tell=lambda share: say({"stage": "exploring", "share": round(CHECKING_SHARE + rest * share, 3)}),
        )
    return {"explanation": found, "seconds": {"explain": round(time.monotonic() - began, 3)}}


def _listen(parent: BinaryIO, tasks: "queue.SimpleQueue[Any]") -> None:
    """Take tasks in, and end this process when its parent does: then the other end of ``parent`` is closed."""
    for line in parent:
        tasks.put(json.loads(line))
    os._exit(1)


def serve(work: Work) -> None:
    """Answer the tasks of the parent, one after another, until it ends."""
    # Whatever a library prints must not end up among the lines of the protocol.
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(line: dict[str, Any]) -> None:
        json.dump(line, lines, separators=(",", ":"), ensure_ascii=False)
        lines.write("\n")
        lines.flush()

    tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    while True:
        task = tasks.get()
        signal.setitimer(signal.ITIMER_REAL, task["time_limit_s"] + GRACE_S)
        say(work(task, say))
        signal.setitimer(signal.ITIMER_REAL, 0)


def main() -> None:
    """Serve problems."""
    serve(answer)


if __name__ == "__main__":
    main()
