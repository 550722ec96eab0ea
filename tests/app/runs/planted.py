"""A child process that goes wrong in a chosen way: ``python -m tests.app.runs.planted WAY``."""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import matching
from app.runs import solving


class Planted:
    """A result with something wrong in it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document


solve = matching.solve


def overfull(problem: matching.Problem, **options: Any) -> Planted:
    """One unit more than was asked for and than the offer has."""
    document = dict(solve(problem, **options).document)
    first, *others = document["pairings"]
    document["pairings"] = [first | {"units": first["units"] + 1_000}, *others]
    return Planted(document)


def slow(problem: matching.Problem, **options: Any) -> matching.Result:
    """Takes its time."""
    time.sleep(float(os.environ.get("PLANTED_SLOW_S", "600")))
    return solve(problem, **options)


def pensive(*_arguments: Any, **_options: Any) -> dict[str, Any]:
    """Never comes to an end with its explanation."""
    time.sleep(600)
    return {}


def dumb(*_arguments: Any, **_options: Any) -> dict[str, Any]:
    """Dies of its explanation."""
    os._exit(7)


def undecided(_solved: Any, _time_left: Any, tell: Callable[[float], None]) -> list[Any]:
    """Begins to find out how firm the pairings are, and never ends."""
    tell(0)
    time.sleep(600)
    return []


def dead(_problem: matching.Problem, **_options: Any) -> matching.Result:
    """Ends without a word."""
    os._exit(7)


def talkative(problem: matching.Problem, **options: Any) -> matching.Result:
    """Prints where only the protocol may."""
    print("not JSON")
    return solve(problem, **options)


if __name__ == "__main__":
    way = globals()[sys.argv[1]]
    if way in (pensive, dumb):
        vars(solving)["explanation"] = way
    elif way is undecided:
        vars(solving)["firmness_of"] = way
    else:
        matching.solve = way
    solving.main()
