"""The parent's side of a solve in a child process: hand over the problem, listen, stop it when it must stop."""

import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from app.content import canonical
from app.settings import ROOT

log = logging.getLogger("assist1540.runs")

#: Command of the child process.
SOLVER = (sys.executable, "-m", "app.runs.solving")
#: Seconds between two looks at whether the child must stop.
LOOK_S = 0.1
#: What records of the problem document are known by.
NAMES = ("id", "need", "offer", "by", "other", "a", "b")
#: Defects or faults that are kept with a failed run; the log has all.
KEPT = 20

#: Told of each stage and of the share that is done (0 to 1).
Report = Callable[[str, float], None]


class SolveFailed(Exception):
    """The solve ended without a result that can be used: a code of the message catalogue, and its parameters."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    @property
    def document(self) -> dict[str, Any]:
        """As a run keeps it."""
        return {"code": self.code, "params": self.params}


@dataclass(frozen=True)
class Solution:
    """A result document that the checker found right, its verdict, and the seconds that each stage took.

    ``explanation`` is there where it was asked for; one for which there was no time says so.
    """

    result: dict[str, Any]
    seconds: dict[str, float]
    verdict: dict[str, Any] | None = None
    explanation: dict[str, Any] | None = None

    def with_more(self, said: Mapping[str, Any]) -> "Solution":
        """The same with parts of the explanation that come after the result."""
        explanation = (self.explanation or {}) | said["explanation"]
        return replace(self, explanation=explanation, seconds=self.seconds | said["seconds"])


def nobody_stops() -> str | None:
    """For a solve that only its time limit stops."""
    return None


class Child:
    """A process of our own that works on one task after another, and is killed when it must stop.

    It reads each task as a line of JSON on its standard input, and says on its standard output what `app.runs.solving`
    describes. It ends with its parent.
    """

    def __init__(self, command: Sequence[str] = SOLVER) -> None:
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))},
            start_new_session=True,  # Ctrl-C is for the parent, which then stops the child
        )
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.end()

    def work(
        self,
        task: Mapping[str, Any],
        time_limit_s: float,
        *,
        report: Report,
        must_stop: Callable[[], str | None] = nobody_stops,
    ) -> Solution:
        """Have the child work on ``task``, which holds the ``document`` it is about; raises SolveFailed.

        ``must_stop`` is asked several times a second; the code that it gives, if any, is why work stops. After a
        failure, and after an explanation that was given up, the child may still be at it: end it.
        """
        deadline, found = time.monotonic() + time_limit_s, None
        line = canonical({**task, "time_limit_s": time_limit_s})
        threading.Thread(target=self._hand_over, args=(line,), daemon=True).start()
        while True:
            if (code := must_stop()) is not None:
                raise SolveFailed(code)
            if time.monotonic() > deadline:
                if found is not None:
                    return found
                raise SolveFailed("time_limit", seconds=time_limit_s)
            with suppress(queue.Empty):
                heard = self._lines.get(timeout=LOOK_S)
                if heard is None:
                    death = self._died()
                    if found is not None:
                        return found
                    raise death
                said = json.loads(heard)
                if "stage" in said:
                    report(said["stage"], said["share"])
                    continue
                found = _solution(said, task["document"]) if found is None else found.with_more(said)
                if not said.get("more"):
                    return found

    def end(self) -> None:
        """Kill the child if it still runs, and leave no pipe behind."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._complaints):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _hand_over(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # a child that has ended is noticed by its silence
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError):
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put(None)

    def _died(self) -> SolveFailed:
        status = self._process.wait()
        self._complaints.seek(0)
        last = self._complaints.read().decode(errors="replace").strip().splitlines()[-1:]
        log.error("the solver ended with status %s: %s", status, " ".join(last))
        return SolveFailed("solver_died", status=status)


def solve(
    document: Mapping[str, Any],
    time_limit_s: float,
    *,
    report: Report,
    must_stop: Callable[[], str | None] = nobody_stops,
    command: Sequence[str] = SOLVER,
    explain: bool = False,
) -> Solution:
    """Solve ``document`` in a child process of its own, and ``explain`` the result; raises SolveFailed."""
    with Child(command) as child:
        task = {"document": document, "explain": explain}
        return child.work(task, time_limit_s, report=report, must_stop=must_stop)


def _solution(said: Mapping[str, Any], document: Mapping[str, Any]) -> Solution:
    match said["outcome"]:
        case "solved":
            return Solution(said["result"], said["seconds"], said.get("verdict"), said.get("explanation"))
        case "refused":
            faults = [f"{_place(document, pointer)}: {detail}" for pointer, _code, detail in said["faults"]]
            log.error("the engine refused the problem: %s", "; ".join(faults))
            raise SolveFailed("problem_refused", first=faults[0], n=len(faults), faults=faults[:KEPT])
        case "wrong":
            defects = said["defects"]
            log.error("the checker found defects: %s", "; ".join(defects))
            raise SolveFailed("result_refused", first=defects[0], n=len(defects), defects=defects[:KEPT])
        case _:
            raise SolveFailed("solver_failed", reason=said["reason"])


def _place(document: Mapping[str, Any], pointer: str) -> str:
    """A place in the document, with the record there by its name and not by its position alone."""
    match pointer.split("/")[1:]:
        case [name, position, *_] if position.isdecimal():
            record = document[name][int(position)]
            known_by = [str(record[key]) for key in NAMES if record.get(key) is not None]
            return f"{pointer} ({', '.join(known_by)})"
        case _:
            return pointer
