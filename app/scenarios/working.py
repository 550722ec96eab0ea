"""The child process that works on scenarios, one after another: ``python -m app.scenarios.working``.

It speaks as `app.runs.solving` does. A task that names a ``weight`` is not solved and checked: the answer's
``result`` is how far that number of the strategy can be moved.
"""

import time
from collections.abc import Mapping
from typing import Any

import matching
from app.runs import solving
from app.runs.solving import SOFT_SHARE, Say
from app.scenarios.figures import moved
from matching.canonical import plain_decimal
from matching.studies.changes import Pair, proposed
from matching.studies.sensitivity import Side, leeway
from matching.studies.weights import numbers


class TimeUp(Exception):
    """The time limit came before both ends were found."""


def answer(task: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """Work on one task; the last line to say of it."""
    if task["weight"] is None:
        return solving.answer(task, say)
    try:
        return _leeway(task["document"], task["weight"], task["time_limit_s"], say)
    except matching.InvalidProblem as error:
        return {"outcome": "refused", "faults": [list(fault) for fault in error.faults]}
    except TimeUp:
        reason = f"{task['time_limit_s']} seconds were not enough to find how far {task['weight']} can be moved"
        return {"outcome": "failed", "reason": reason}
    except matching.MatchingError as error:
        return {"outcome": "failed", "reason": str(error)}


def _leeway(document: Mapping[str, Any], weight: str, time_limit_s: float, say: Say) -> dict[str, Any]:
    began = time.monotonic()

    def solve(problem: Mapping[str, Any]) -> dict[Pair, int]:
        left = time_limit_s * SOFT_SHARE - (time.monotonic() - began)
        say({"stage": "solving", "share": round(1 - left / time_limit_s, 3)})
        result = matching.solve(matching.Problem.from_document(problem), time_limit_s=max(left, 0)).document
        if result["status"] == "time_limit":
            raise TimeUp
        return proposed(result)

    strategy = matching.Strategy.from_document(document["strategy"])
    number = next(each for each in numbers(strategy) if each.name == weight)
    found = leeway({**document, "strategy": strategy.document}, number, solve(document), solve)
    result = {
        "weight": number.name,
        "value": plain_decimal(number.value),
        "step": plain_decimal(number.step),
        "down": _side(found.down),
        "up": _side(found.up),
    }
    return {"outcome": "solved", "result": result, "seconds": {"solve": round(time.monotonic() - began, 3)}}


def _side(side: Side) -> dict[str, Any]:
    return {
        "stays_until": plain_decimal(side.stays_until),
        "changes_at": None if side.changes_at is None else plain_decimal(side.changes_at),
        "n_changes": len(side.changes),
        "first": moved(side.changes[0]) if side.changes else None,
    }


def main() -> None:
    """Serve scenarios."""
    solving.serve(answer)


if __name__ == "__main__":
    main()
