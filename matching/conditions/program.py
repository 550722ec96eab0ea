"""Integer programs: variables within linear limits, maximised by HiGHS; the answer is whole numbers, or none."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from matching.arrays import Bools, Ints
from matching.errors import SolverFailed, TooLarge
from matching.model import UNLIMITED

LARGEST_EXACT = 2**50
"""Beyond this HiGHS's floats no longer tell whole numbers apart with room to spare."""

OPTIMAL, OUT_OF_TIME, INFEASIBLE = 0, 1, 2
"""Statuses of scipy's milp."""


class Answer(NamedTuple):
    """Values of all variables, None if none were found; a claim that nothing is worth more; whether HiGHS finished."""

    chosen: Ints | None
    bound: int
    finished: bool


class Parts(NamedTuple):
    """The least sum of costs where variables need not be whole, values of all variables, and the price of each line.

    A unit more on a line costs its price.
    """

    cost: float
    values: NDArray[np.float64]
    price: NDArray[np.float64]


class _Lines(NamedTuple):
    """Some limits: entries of the matrix, and at least and at most what each line's product may be."""

    line: Ints
    variable: Ints
    coefficient: Ints
    least: Ints
    most: Ints


class Program:
    """A program in the making: variables are added, then limited; what to maximise is given last."""

    def __init__(self) -> None:
        self._n_variables = 0
        self._bounds: list[tuple[Ints, Ints, Bools]] = []
        self._lines: list[_Lines] = []

    def copy(self) -> "Program":
        """The same program, to be limited further by itself."""
        other = Program()
        other._n_variables = self._n_variables
        other._bounds, other._lines = list(self._bounds), list(self._lines)
        return other

    def add(self, least: Ints, most: Ints, *, branched: bool = True) -> Ints:
        """Add variables, each at least and at most so much; their positions.

        Those not ``branched`` on have to come out whole by themselves once the others are.
        """
        first, self._n_variables = self._n_variables, self._n_variables + len(least)
        self._bounds.append((least, most, np.full(len(least), branched)))
        return np.arange(first, self._n_variables, dtype=np.int64)

    def limit(self, line: Ints, variable: Ints, coefficient: Ints | int, least: Ints | int, most: Ints | int) -> None:
        """Add limits: of coefficients times variables, summed by line (from 0), at least and at most so much."""
        n_lines = max(
            int(line.max(initial=-1)) + 1, *(len(part) for part in (least, most) if not isinstance(part, int)), 0
        )
        ends = (np.broadcast_to(np.asarray(part, dtype=np.int64), (n_lines,)) for part in (least, most))
        self._lines.append(_Lines(line, variable, np.broadcast_to(coefficient, line.shape), *ends))

    def coefficients(self, variable: Ints, coefficient: Ints | int) -> Ints:
        """Coefficients of all variables: those given, 0 for the others."""
        dense = np.zeros(self._n_variables, dtype=np.int64)
        dense[variable] = coefficient
        return dense

    def greatest(self, coefficients: Ints) -> int:
        """What no values of the variables can exceed, whatever the limits.

        Raises TooLarge where floats do not tell such sums apart.
        """
        least, most, _ = self._all_bounds()
        used = np.flatnonzero(coefficients)
        ends = [
            [c * value for c, value in zip(coefficients[used].tolist(), end[used].tolist(), strict=True)]
            for end in (least, most)
        ]
        if sum(max(abs(low), abs(high)) for low, high in zip(*ends, strict=True)) > LARGEST_EXACT:
            raise TooLarge(f"points times units exceed {LARGEST_EXACT}, beyond which HiGHS does not tell them apart")
        return sum(max(low, high) for low, high in zip(*ends, strict=True))

    def maximise(self, coefficients: Ints, time_left_s: float | None, *, presolve: bool = True) -> Answer:
        """The greatest sum of coefficients times variables, with gap 0.

        Raises TooLarge, and SolverFailed where HiGHS fails or its answer, once whole, breaks a limit or is not worth
        what it says.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp  # here, because few problems need it and it is slow

        greatest = self.greatest(coefficients)
        least, most, branched = self._all_bounds()
        matrix, at_least, at_most = self._matrix()
        if (least > most).any() or (at_least > at_most).any():
            return Answer(None, greatest, finished=True)
        if self._n_variables == 0:
            met = not (at_least > 0).any() and not (at_most < 0).any()
            return Answer(np.zeros(0, dtype=np.int64) if met else None, 0, finished=True)
        found = milp(
            -coefficients.astype(float),
            integrality=branched.astype(int),
            bounds=Bounds(least.astype(float), most.astype(float)),
            constraints=[LinearConstraint(matrix.astype(float), _floats(at_least), _floats(at_most))],
            options={
                "mip_rel_gap": 0.0,
                "presolve": presolve,
                "time_limit": np.inf if time_left_s is None else max(0.0, time_left_s),
            },
        )
        if found.status not in (OPTIMAL, OUT_OF_TIME, INFEASIBLE):
            raise SolverFailed(found.message)
        finished = found.status != OUT_OF_TIME
        claim = found.mip_dual_bound
        bound = greatest if claim is None or not np.isfinite(claim) else min(greatest, int(np.floor(0.001 - claim)))
        if found.x is None:
            return Answer(None, bound, finished)
        chosen = np.rint(found.x).astype(np.int64)
        product, worth = np.asarray(matrix @ chosen), int(coefficients @ chosen)
        if (chosen < least).any() or (chosen > most).any() or (product < at_least).any() or (product > at_most).any():
            raise SolverFailed("HiGHS gives an answer that breaks a limit once it is whole")
        if abs(worth + found.fun) >= 0.5:
            raise SolverFailed(f"HiGHS says that its answer is worth {-found.fun}, which is {worth}")
        return Answer(chosen, worth if finished else max(bound, worth), finished)

    def in_parts(self, cost: Ints, time_left_s: float | None) -> Parts | None:
        """The least sum of costs where variables need not be whole; None if there is none, or none is found in time.

        By the dual simplex, which is fast where costs are not negative and few limits forbid that all variables are 0.
        Raises SolverFailed.
        """
        from scipy.optimize import linprog  # here, because few problems need it and it is slow

        low, high, _ = self._all_bounds()
        matrix, at_least, at_most = self._matrix()
        equal = at_least == at_most
        below, above = np.flatnonzero(~equal & (at_most < UNLIMITED)), np.flatnonzero(~equal & (at_least > -UNLIMITED))
        same = np.flatnonzero(equal)
        one_sided = vstack([matrix[below], -matrix[above]])
        # The stubs of scipy know dense matrices only.
        found = linprog(  # type: ignore[call-overload]
            cost,
            A_ub=one_sided,
            b_ub=np.concatenate([at_most[below], -at_least[above]]),
            A_eq=matrix[same],
            b_eq=at_least[same],
            bounds=np.stack([low, high], axis=1),
            method="highs-ds",
            options={"presolve": False, "time_limit": np.inf if time_left_s is None else max(0.0, time_left_s)},
        )
        if found.status in (INFEASIBLE, OUT_OF_TIME):
            return None
        if found.status != OPTIMAL:
            raise SolverFailed(found.message)
        price = np.zeros(len(at_least))
        price[same] = found.eqlin.marginals
        of_below, of_above = np.split(found.ineqlin.marginals, [len(below)])
        price[below] += of_below
        price[above] -= of_above
        return Parts(float(found.fun), found.x, price)

    def _all_bounds(self) -> tuple[Ints, Ints, Bools]:
        least, most, branched = (np.concatenate(parts) for parts in zip(*self._bounds, strict=True))
        return least, most, branched

    def _matrix(self) -> tuple[csr_array[np.int64], Ints, Ints]:
        """The limits as a matrix, and what its product with the variables must be, at least and at most."""
        first = np.cumsum([0, *(len(lines.least) for lines in self._lines)])
        line = np.concatenate([lines.line + start for lines, start in zip(self._lines, first, strict=False)])
        variable, coefficient, least, most = (
            np.concatenate(parts) for parts in list(zip(*self._lines, strict=True))[1:]
        )
        shape = (int(first[-1]), self._n_variables)
        return csr_array((coefficient, (line, variable)), shape=shape), least, most


def _floats(ends: Ints) -> NDArray[np.float64]:
    """Ends of limits, infinite where there is none."""
    return np.where(np.abs(ends) >= UNLIMITED, np.copysign(np.inf, ends), ends)
