"""HiGHS on a flow network with conditions: units of arcs, and a yes or no for each need and bundle."""

from math import inf
from typing import NamedTuple

import numpy as np

from matching.arrays import Ints
from matching.conditions.conditioned import Conditioned
from matching.conditions.parts import Cost
from matching.conditions.program import LARGEST_EXACT, Program
from matching.errors import TooLarge
from matching.model import UNLIMITED, Bundle
from matching.optimum.exact import product


class Claim(NamedTuple):
    """What HiGHS says: needs to serve, None if it has none; what no choice costs less than; whether it has finished."""

    choice: frozenset[int] | None
    bound: Cost
    finished: bool


def by_program(
    conditioned: Conditioned, potential: Ints, other_than: frozenset[int] | None, time_left_s: float | None
) -> Claim:
    """The best choice of needs to serve, of all or of all but one, as HiGHS finds it with gap 0.

    Any potentials give the same choices; under those of an optimal flow costs are small, and stay exact in floats.
    Raises TooLarge or SolverFailed where they do not.
    """
    network, needs = conditioned.network, conditioned.needs
    rate = network.cost + potential[network.tail] - potential[network.head]
    if int(np.abs(rate).max(initial=0)) > LARGEST_EXACT:
        raise TooLarge(f"costs exceed {LARGEST_EXACT}, beyond which HiGHS does not tell sums apart")
    program = Program()
    arcs = program.add(np.zeros_like(network.capacity), network.capacity, branched=False)
    nodes = np.concatenate([network.tail, network.head])
    signs = np.repeat(np.array([1, -1], dtype=np.int64), len(arcs))
    program.limit(nodes, np.tile(arcs, 2), signs, network.supply, network.supply)
    fixed = [conditioned.fixed.get(need) for need in needs.need.tolist()]
    served = program.add(
        (np.array([is_served is True for is_served in fixed], dtype=bool) | needs.bound).astype(np.int64),
        np.array([is_served is not False for is_served in fixed], dtype=np.int64),
    )
    lay_served(program, conditioned, served, arcs[needs.unserved][:, np.newaxis], np.zeros_like(served))
    lay_parts(program, conditioned, served)
    if other_than is not None:
        among = np.isin(needs.need, sorted(other_than))
        # At least one need is served otherwise.
        program.limit(np.zeros_like(served), served, np.where(among, -1, 1), 1 - int(among.sum()), UNLIMITED)
    answer = program.maximise(program.coefficients(arcs, -rate), time_left_s, presolve=False)
    least = -product(potential, network.supply) - answer.bound
    if answer.chosen is None:
        return Claim(None, inf if answer.finished else least, answer.finished)
    chosen = needs.need[answer.chosen[served] > 0]
    return Claim(frozenset(chosen.tolist()), least, answer.finished)


def lay_served(program: Program, conditioned: Conditioned, served: Ints, unserved: Ints, already: Ints) -> None:
    """A need served leaves no more unserved than that allows; one that is not leaves everything.

    ``unserved`` has a row of variables for each need: the first adds to the units ``already`` not served, a second one
    takes off.
    """
    needs, units = conditioned.needs, conditioned.units
    number, width = unserved.shape
    line = np.concatenate([np.repeat(np.arange(number), width), np.arange(number)])
    variable = np.concatenate([unserved.ravel(), served])
    signs = np.tile(np.array([1, -1], dtype=np.int64)[:width], number)
    some = needs.least < units
    program.limit(
        line, variable, np.concatenate([signs, units]), units - already, np.where(some, UNLIMITED, units - already)
    )
    program.limit(line, variable, np.concatenate([signs, needs.least]), -UNLIMITED, units - already)


def lay_parts(program: Program, conditioned: Conditioned, served: Ints) -> None:
    """A bundle serves its least number of needs or none; of two substitutes one is not served."""
    at = conditioned.place_of
    for part in conditioned.parts:
        for bundle in part.bundles:
            _lay_bundle(program, bundle, served[[at[need] for need in bundle.needs]])
        for pair in part.substitutes:
            program.limit(np.zeros(2, dtype=np.int64), served[[at[need] for need in pair]], 1, 0, 1)


def _lay_bundle(program: Program, bundle: Bundle, members: Ints) -> None:
    started = program.add(np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64))
    line = np.arange(len(members))
    both = np.concatenate([np.repeat(started, len(members)), members])
    program.limit(np.tile(line, 2), both, np.repeat(np.array([1, -1]), len(members)), 0, UNLIMITED)
    enough, signs = np.append(members, started), np.append(np.ones_like(members), -bundle.least)
    program.limit(np.zeros_like(enough), enough, signs, 0, UNLIMITED)
