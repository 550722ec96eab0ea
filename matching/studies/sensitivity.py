"""How far one number of a strategy can be moved, all others kept, before what is proposed changes.

The objective is linear in each number but for the rounding of terms, so that the values under which given pairings
are best form an interval. Its ends are found by halving: the furthest value is solved first, and where that changes
something, the stretch between a value that keeps the pairings and one that does not is halved until they are one step
apart (`Number.step`: a whole point, a hundredth of a share or a weight). Both ends of that step have been solved, so
what is said of them is exact; what lies nearer than the kept end rests on the interval, which rounding of a term to
whole points can bend by a step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matching.studies.changes import Change, Pairings, changed
from matching.studies.weights import Number, moved

Solve = Callable[[Mapping[str, Any]], Pairings]
"""What is proposed, pair to units, for a problem document with its strategy."""


@dataclass(frozen=True)
class Side:
    """One direction: the last value that keeps the pairings, and what changes one step further.

    ``changes_at`` is None where nothing changes as far as the number was moved.
    """

    stays_until: Decimal
    changes_at: Decimal | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Leeway:
    """How far a number can be moved down and up."""

    number: Number
    down: Side
    up: Side


def leeway(problem: Mapping[str, Any], number: Number, pairings: Pairings, solve: Solve) -> Leeway:
    """How far ``number`` can be moved before anything but ``pairings``, those of ``problem``, is proposed.

    ``problem`` is a document with the strategy that has the number.
    """

    def changes(value: Decimal) -> tuple[Change, ...]:
        found = solve({**problem, "strategy": moved(problem["strategy"], number, value)})
        return changed(pairings, found)

    return Leeway(number, _side(number, number.least, changes), _side(number, number.most, changes))


def _side(number: Number, furthest: Decimal, changes: Callable[[Decimal], tuple[Change, ...]]) -> Side:
    # Steps are counted from the value, so that the ones near to it are whole; the last may be shorter.
    n_steps = int(-(abs(furthest - number.value) // -number.step))
    sign = 1 if furthest > number.value else -1

    def value(steps: int) -> Decimal:
        return furthest if steps == n_steps else number.value + sign * steps * number.step

    if n_steps == 0 or not (found := changes(furthest)):
        return Side(furthest, None, ())
    kept, lost = 0, n_steps
    while lost - kept > 1:
        middle = (kept + lost) // 2
        if there := changes(value(middle)):
            lost, found = middle, there
        else:
            kept = middle
    return Side(value(kept), value(lost), found)
