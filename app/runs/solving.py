"""The child process that solves and checks: ``python -m app.runs.solving``, killed at any time without loss.

Standard input brings tasks, one a line: ``{"document": ..., "time_limit_s": ...}``. It stays open for as long as the
parent lives. Standard output carries lines of JSON: ``{"stage": ..., "share": ...}`` while it works on a task, and at
the end of each one of

* ``{"outcome": "solved", "result": ..., "seconds": {"solve": ..., "check": ...}}``
* ``{"outcome": "refused", "faults": [...]}``: the problem contradicts itself
* ``{"outcome": "wrong", "defects": [...]}``: the checker found the result wrong
* ``{"outcome": "failed", "reason": ...}``: the solver gave no answer
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

#: Part of the time limit after which the engine itself stops looking and answers with the best it has.
SOFT_SHARE = 0.8
#: Part of the whole work that is done when the engine has finished; checking comes after.
SOLVING_SHARE = 0.9
#: Seconds after the limit when the operating system ends a child whose parent has failed to.
GRACE_S = 60

Say = Callable[[dict[str, Any]], None]
Work = Callable[[dict[str, Any], Say], dict[str, Any]]
"""Makes the last line that is said of a task; what is said meanwhile goes to the second argument."""


def answer(document: Mapping[str, Any], time_limit_s: float, say: Say) -> dict[str, Any]:
    """Solve ``document`` and check what comes out; the last line to say."""
    began = time.monotonic()
    say({"stage": "reading", "share": 0})
    try:
        problem = matching.Problem.from_document(document)
    except matching.InvalidProblem as error:
        return {"outcome": "refused", "faults": [list(fault) for fault in error.faults]}
    try:
        result = matching.solve(
            problem,
            progress=lambda stage, share: say({"stage": stage, "share": round(share * SOLVING_SHARE, 3)}),
            time_limit_s=time_limit_s * SOFT_SHARE,
        )
    except matching.MatchingError as error:
        return {"outcome": "failed", "reason": str(error)}
    solved = time.monotonic()
    say({"stage": "checking", "share": SOLVING_SHARE})
    defects = matching.check(problem, result.document)
    if defects:
        return {
            "outcome": "wrong",
            "defects": [f"{defect.where or '/'}: {defect.message} ({defect.code})" for defect in defects],
        }
    seconds = {"solve": round(solved - began, 3), "check": round(time.monotonic() - solved, 3)}
    return {"outcome": "solved", "result": result.document, "seconds": seconds}


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
    serve(lambda task, say: answer(task["document"], task["time_limit_s"], say))


if __name__ == "__main__":
    main()
