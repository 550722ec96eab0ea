"""A smallest set of needs, offers and limits that more units have to reach than can be passed on.

Entering less leaving is supermodular: of the sets where it is greatest one lies within all others, and within that lies
a set with the fewest members. To find the fewest is hard in general, so HiGHS looks for it where there are few nodes.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from matching.arrays import Bools, Ints
from matching.conditions.program import Program
from matching.infeasible.circle import Circle
from matching.model import UNLIMITED

LARGEST_SEARCHED = 120
"""Nodes among which a set with the fewest members is looked for."""

LARGEST_WORK = 10**7
"""Arcs of all flows together that are spent on leaving members out."""

LARGEST_NUMBER = 2**30
"""Units up to which HiGHS tells a shortfall of one from none."""

Shown = Literal["by_number", "by_inclusion", "not_shown"]
"""In what sense a set is shown to be a smallest one: none has fewer members, or none within it will do."""


def smallest(circle: Circle) -> tuple[Bools, Shown] | None:
    """A set that more has to enter than can leave, as small as can be found; None where there is none.

    Among up to LARGEST_SEARCHED nodes HiGHS finds one with the fewest members; among more, members are left out as long
    as the others still make such a set, unless the flows that takes are beyond LARGEST_WORK.
    """
    worst = circle.worst(circle.everything)
    if not worst.any():
        return None
    fewest = _fewest(circle, worst)
    if fewest is not None:
        return fewest, "by_number"
    n_members = circle.first[-1]

    def failing(left: Sequence[int]) -> list[int]:
        return np.flatnonzero(circle.worst(_only(circle, worst, left))[:n_members]).tolist()

    def settled(left: Sequence[int]) -> bool:
        # Without any node of a least set that is short by one unit, that unit could go to that node.
        return circle.shortage(circle.worst(_only(circle, worst, left))) == 1

    n_arcs = int((worst[circle.tail] | worst[circle.head]).sum())
    kept, is_minimal = minimal(failing(np.flatnonzero(worst).tolist()), failing, settled, LARGEST_WORK // n_arcs)
    found = circle.worst(_only(circle, worst, kept))
    if len(kept) == 1:
        return found, "by_number"
    return found, "by_inclusion" if is_minimal else "not_shown"


def minimal(
    members: Sequence[int],
    failing: Callable[[Sequence[int]], Sequence[int]],
    settled: Callable[[Sequence[int]], bool] = lambda left: False,
    most_tries: int | None = None,
) -> tuple[list[int], bool]:
    """Members of which none can be spared, by leaving out halves, quarters, … as long as what is left still fails.

    ``failing`` gives, of what is left, members that fail together, none where all is well; ``settled`` says that none
    can be spared. The second answer is whether that was reached within so many tries.
    """
    kept, size, tries = list(members), max(1, len(members) // 2), 0
    needed: set[int] = set()
    while not settled(kept):
        untried = [member for member in kept if member not in needed]
        if not untried:
            break
        for without in (untried[start : start + size] for start in range(0, len(untried), size)):
            if not set(without) <= set(kept):
                continue
            if tries == most_tries:
                return kept, False
            tries += 1
            fails = failing([member for member in kept if member not in without])
            if fails:
                kept = list(fails)
            elif size == 1:
                needed.update(without)
        size = max(1, size // 2)
    return kept, True


def _only(circle: Circle, within: Bools, members: Sequence[int]) -> Bools:
    """The nodes of a set without all members but these; profiles stay."""
    chosen = within & (np.arange(len(within)) >= circle.first[-1])
    chosen[list(members)] = True
    return chosen


def _fewest(circle: Circle, within: Bools) -> Bools | None:
    """Nodes of a set with the fewest members that more has to enter than can leave; None where it is not looked for."""
    nodes = np.flatnonzero(within)
    touching = within[circle.tail] | within[circle.head]
    numbers = np.concatenate([circle.least[touching], circle.most[touching]])
    if len(nodes) > LARGEST_SEARCHED or sum(numbers[numbers < UNLIMITED].tolist()) > LARGEST_NUMBER:
        return None
    program = Program()
    zeros, ones = np.zeros(len(nodes), dtype=np.int64), np.ones(len(nodes), dtype=np.int64)
    chosen = program.add(zeros, ones)
    outside = program.add(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))[0]
    variable = np.full(len(within), outside)
    variable[nodes] = chosen
    tail, head = variable[circle.tail], variable[circle.head]
    endless = touching & (circle.most >= UNLIMITED)
    enters, leaves = touching & (circle.least > 0), touching & (circle.most < UNLIMITED)
    entering, leaving = (program.add(*_yes_or_no(int(arcs.sum()))) for arcs in (enters, leaves))
    # An arc enters if its head is chosen and its tail is not, and leaves if it is the other way about.
    _at_most(program, [tail[endless], head[endless]], [1, -1], 0)
    _at_most(program, [entering, head[enters]], [1, -1], 0)
    _at_most(program, [entering, tail[enters]], [1, 1], 1)
    _at_most(program, [tail[leaves], head[leaves], leaving], [1, -1, -1], 0)
    units = np.concatenate([circle.least[enters], -circle.most[leaves]])
    gain = np.concatenate([entering, leaving])
    program.limit(np.zeros(len(gain), dtype=np.int64), gain, units, 1, UNLIMITED)
    members = chosen[nodes < circle.first[-1]]
    counting = program.coefficients(members, -1)
    answer = program.maximise(counting, None)
    if answer.chosen is None:
        return None
    number = -int(counting @ answer.chosen)
    # Of several with as few members, the one whose members come first, in the order of the squares of their positions.
    program.limit(np.zeros(len(members), dtype=np.int64), members, 1, number, number)
    places = np.arange(1, len(members) + 1, dtype=np.int64)
    last = program.maximise(program.coefficients(members, -(places**2)), None).chosen
    result = np.zeros(len(within), dtype=bool)
    result[nodes] = (answer.chosen if last is None else last)[chosen] > 0
    # HiGHS counts in floats; whether the set is short at all is a matter of whole numbers.
    result = circle.worst(result)
    return result if result.any() else None


def _yes_or_no(number: int) -> tuple[Ints, Ints]:
    return np.zeros(number, dtype=np.int64), np.ones(number, dtype=np.int64)


def _at_most(program: Program, variables: Sequence[Ints], signs: Sequence[int], most: int) -> None:
    """Signed sums of variables, place by place, at most so much."""
    number = len(variables[0])
    line = np.tile(np.arange(number), len(variables))
    program.limit(line, np.concatenate(variables), np.repeat(np.array(signs), number), -UNLIMITED, most)
