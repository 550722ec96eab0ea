"""How firm the pairings of a solved problem are: it is solved again under each drawn setting of its strategy's weights.

All settings are solved, or nothing is said: a share of those that a machine happens to solve in time would be about the
machine as much as about the pairing.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from matching.attributes.problem import Problem
from matching.attributes.profiles import Compiled, judge, model_of
from matching.attributes.result import Solved
from matching.attributes.strategy import Strategy
from matching.insight.explanation import Missing
from matching.model import Outcome
from matching.optimise import optimise
from matching.studies.changes import Pair, named
from matching.studies.firmness import FRAGILE_BELOW, SPREAD, Firmness, firmness, settings
from matching.time_limit import TimeLeft, unlimited

Json = dict[str, Any]
Tell = Callable[[float], None]

PART = "firmness"
"""The part of an explanation that holds it."""


class _NotInTime(Exception):
    """The settings cannot all be solved in the time that there is."""


def firmness_of(
    solved: Solved | None, time_left: TimeLeft = unlimited, tell: Tell = lambda share: None
) -> list[Firmness] | Missing:
    """How firm each pairing of an optimum is, by pair; or why that is not known.

    It is given up as soon as the settings that are done show that the time is not enough for the others. ``tell`` is
    told of the share done.
    """
    if solved is None:
        return Missing.NOT_OPTIMAL
    problem = solved.compiled.judged.facts.problem
    drawn = settings(problem.strategy, problem.record.quarter)
    try:
        return firmness(_proposed(solved.compiled, solved.outcome), _under(drawn, problem, time_left, tell))
    except _NotInTime:
        return Missing.TIME


def with_firmness(explanation: Json, found: Sequence[Firmness] | Missing) -> Json:
    """An explanation with a part more: how firm each pairing is, or why that is missing."""
    if isinstance(found, Missing):
        return {**explanation, PART: [], "missing": {**explanation["missing"], PART: str(found)}}
    return {**explanation, PART: [_written(each) for each in found]}


def _written(found: Firmness) -> Json:
    return {
        **named(found.pair),
        "stays": found.stays,
        "settings": found.settings,
        "spread": str(SPREAD),
        "fragile_below": str(FRAGILE_BELOW),
        "fragile": found.fragile,
    }


def _under(drawn: Sequence[Strategy], problem: Problem, time_left: TimeLeft, tell: Tell) -> Iterator[dict[Pair, int]]:
    """What is proposed under each of the strategies. Raises _NotInTime."""
    at_first = time_left()
    for done, strategy in enumerate(drawn):
        if not _suffices(at_first, time_left, done, len(drawn)):
            raise _NotInTime
        tell(done / len(drawn))
        # Weights decide what is best, not what is possible: what had an optimum has one under each setting.
        compiled = model_of(judge(Problem(problem.record, problem.needs, strategy)))
        outcome = optimise(compiled.model, time_left=time_left)
        if outcome.status == "time_limit":
            raise _NotInTime
        yield _proposed(compiled, outcome)


def _suffices(at_first: float | None, time_left: TimeLeft, done: int, n: int) -> bool:
    """Whether the time is enough for all settings, if the others take as long as those that are done."""
    left = time_left()
    if at_first is None or left is None:
        return True
    if not done:
        return left > 0
    return (at_first - left) * (n - done) <= left * done


def _proposed(compiled: Compiled, outcome: Outcome) -> dict[Pair, int]:
    """The pairings of an optimum."""
    problem, allocation = compiled.judged.facts.problem, outcome.allocation
    columns = (allocation.need.tolist(), allocation.offer.tolist(), allocation.units.tolist())
    return {
        (problem.needs.ids[problem.rows.need[row]], problem.rows.member_of(row) or "", problem.offers[offer].id): units
        for row, offer, units in zip(*columns, strict=True)
    }
