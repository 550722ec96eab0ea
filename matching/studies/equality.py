"""How equally States are treated: served over asked of each State and regional group, Gini coefficient, the worst off.

All shares are exact fractions. Joint activities, which serve several States at once, stand outside, as they do in
``served`` of a result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Equality:
    """Units served and asked of each State and of each UN regional group, with what follows from them."""

    states: Mapping[str, tuple[int, int]]
    groups: Mapping[str, tuple[int, int]]

    @property
    def gini(self) -> Fraction | None:
        """Gini coefficient of served over asked: 0 where all States have the same share; None where none has any."""
        return gini(list(_shares(self.states).values()))

    @property
    def least_share(self) -> Fraction | None:
        """The smallest share of its units that any State is served; None where no State asks."""
        return min(_shares(self.states).values(), default=None)

    @property
    def worst_off(self) -> list[str]:
        """The States of the smallest share."""
        return [state for state, share in _shares(self.states).items() if share == self.least_share]


def equality(served: Mapping[str, Sequence[int]], group_of: Mapping[str, str | None]) -> Equality:
    """Equality of what was ``served`` (State to units served and asked), with the regional group of each State.

    States without a group are in none. Who asks for no unit is left out.
    """
    states = {state: (units, asked) for state, (units, asked) in sorted(served.items()) if asked}
    groups: dict[str, tuple[int, int]] = {}
    for state, (units, asked) in states.items():
        if group := group_of.get(state):
            before = groups.get(group, (0, 0))
            groups[group] = before[0] + units, before[1] + asked
    return Equality(states, dict(sorted(groups.items())))


def gini(shares: Sequence[Fraction]) -> Fraction | None:
    """Half the mean difference of two shares over their mean; None where all are zero or there are none."""
    total = sum(shares, Fraction(0))
    if not total:
        return None
    n = len(shares)
    return sum((Fraction(2 * place - n - 1) * share for place, share in enumerate(sorted(shares), 1)), Fraction(0)) / (
        n * total
    )


def _shares(served: Mapping[str, tuple[int, int]]) -> dict[str, Fraction]:
    return {name: Fraction(units, asked) for name, (units, asked) in served.items()}
