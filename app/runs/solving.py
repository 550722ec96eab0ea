"""The child process that solves and checks: ``python -m app.runs.solving``, killed at any time without loss.

Standard input brings one line, ``{"document": ..., "time_limit_s": ...}``, and stays open for as long as the
parent lives. Standard output carries lines of JSON: ``{"stage": ..., "share": ...}`` while it works, and at the
end one of

* ``{"outcome": "solved", "result": ..., "seconds": {"solve": ..., "check": ...}}``
* ``{"outcome": "refused", "faults": [...]}``: the problem contradicts itself
* ``{"outcome": "wrong", "defects": [...]}``: the checker found the result wrong
* ``{"outcome": "failed", "reason": ...}``: the solver gave no answer
"""

import json
import os
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


def _die_with(parent: BinaryIO) -> None:
    """End this process when its parent does: then the other end of ``parent`` is closed."""
    parent.read()
    os._exit(1)


def main() -> None:
    """Serve one problem."""
    # Whatever a library prints must not end up among the lines of the protocol.
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(line: dict[str, Any]) -> None:
        json.dump(line, lines, separators=(",", ":"), ensure_ascii=False)
        lines.write("\n")
        lines.flush()

    task = json.loads(sys.stdin.buffer.readline())
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, task["time_limit_s"] + GRACE_S)
    threading.Thread(target=_die_with, args=(sys.stdin.buffer,), daemon=True).start()
    say(answer(task["document"], task["time_limit_s"], say))
    lines.close()
    os._exit(0)  # the thread still waits for the parent


if __name__ == "__main__":
    main()
