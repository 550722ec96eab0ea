"""The child process that solves and checks: ``python -m app.runs.solving``, killed at any time without loss.

Standard input brings tasks, one a line: ``{"document": ..., "time_limit_s": ..., "explain"?: true}``. It stays open for
as long as the parent lives. Standard output carries lines of JSON: ``{"stage": ..., "share": ...}`` while it works on a
task, and at the end of each one of

* ``{"outcome": "solved", "result": ..., "verdict": ..., "seconds": {"solve": ..., "check": ...}}``
* ``{"outcome": "refused", "faults": [...]}``: the problem contradicts itself
* ``{"outcome": "wrong", "defects": [...]}``: the checker found the result wrong
* ``{"outcome": "failed", "reason": ...}``: the solver gave no answer

Where ``explain`` asks for it, a result comes with an explanation that lacks everything for want of time. What it lacks
follows in lines of ``{"explanation": ..., "seconds": ...}``: first all but the firmness of pairings, then that. Each
part takes the place of what was said of it before. All but the last have ``"more": true``, and whoever has the result
need not wait for it.
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
from matching.studies.solved_again import PART, firmness_of, with_firmness

#: Part of the time limit after which the engine itself stops looking and answers with the best it has.
SOFT_SHARE = 0.8
#: Part of the time limit after which no further part of the explanation is begun.
EXPLAINED_SHARE = 0.95
#: Part of the time limit that it may take, before that, to find out how firm pairings are.
FIRMNESS_SHARE = 0.1
#: Part of the whole work that is done when the engine has finished, when the checker has, and so on.
SOLVING_SHARE, CHECKING_SHARE, EXPLORING_SHARE, VARYING_SHARE = 0.7, 0.75, 0.85, 0.95
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
    say(checked | {"explanation": with_firmness(unexplained(Missing.TIME), Missing.TIME), "more": True})
    deadline = began + task["time_limit_s"] * EXPLAINED_SHARE
    found = _explained(result.solved, deadline, say)
    firmness_until = min(deadline, time.monotonic() + task["time_limit_s"] * FIRMNESS_SHARE)
    return _with_firmness(found, result.solved, firmness_until, say)


def _explained(solved: Solved | None, deadline: float, say: Say) -> dict[str, Any]:
    """Say the explanation of a result, all but how firm its pairings are."""
    began = time.monotonic()
    say({"stage": "exploring", "share": CHECKING_SHARE})
    if solved is None:
        found = unexplained(Missing.NOT_OPTIMAL)
    else:
        found = explanation(
            solved.compiled,
            solved.outcome,
            time_left=lambda: deadline - time.monotonic(),
            tell=_shares("exploring", CHECKING_SHARE, EXPLORING_SHARE, say),
        )
    seconds = {"explain": round(time.monotonic() - began, 3)}
    say({"explanation": with_firmness(found, Missing.TIME), "seconds": seconds, "more": True})
    return found


def _with_firmness(found: dict[str, Any], solved: Solved | None, deadline: float, say: Say) -> dict[str, Any]:
    """The last line to say: how firm the pairings are."""
    began = time.monotonic()
    tell = _shares("varying", EXPLORING_SHARE, VARYING_SHARE, say)
    whole = with_firmness(found, firmness_of(solved, lambda: deadline - time.monotonic(), tell))
    seconds = {"firmness": round(time.monotonic() - began, 3)}
    return {"explanation": {part: whole[part] for part in (PART, "missing")}, "seconds": seconds}


def _shares(stage: str, first: float, last: float, say: Say) -> Callable[[float], None]:
    """Says of a stage that goes from one share of the whole work to another how much of it is done."""
    return lambda share: say({"stage": stage, "share": round(first + (last - first) * share, 3)})


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
