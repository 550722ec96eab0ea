"""What prices prove: a bound that no allocation exceeds, whatever prices these are, in exact whole numbers.

Let every unit taken from an offer cost the offer's price and every unit given to a State earn the State's price, and
let each need, offer, provider, State and regional group then do what is best for it alone. What an allocation pays it
also earns, so together they do at least as well as any allocation. At the prices of an optimal flow, exactly as well.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from matching.certificate.reading import NOBODY, Reading, Things
from matching.certificate.steps import Steps

Run = tuple[int, int]
"""Units in a row that earn the same, and what one of them earns."""


class Prices(NamedTuple):
    """A price for each offer, provider, State and regional group, by position."""

    offer: Sequence[int]
    provider: Sequence[int]
    state: Sequence[int]
    group: Sequence[int]


class Worth(NamedTuple):
    """What is to be bounded: the weight of units, of points (fairness counts in points), and of States' steps."""

    units: int = 0
    points: int = 0
    steps: int = 0


Replies = Callable[[Worth, Prices], Iterable[int | None]]
"""The best that needs can do for themselves, some needs at a time; None for one that cannot keep its limits."""


def bound(reading: Reading, worth: Worth, prices: Prices, replies: Replies | None = None) -> int | None:
    """The most that any allocation can be worth; conditions (groups, substitutes) are not looked at.

    ``replies`` speaks for the needs where the reading does not hold their pairs. None where one need, offer, provider,
    State or regional group cannot keep its limits even alone, so that there is no allocation at all.
    """
    parts = [
        *(replies(worth, prices) if replies else _needs(reading, worth, prices)),
        *_offers(reading, prices),
        *(_linear(price, *limits) for price, limits in zip(prices.provider, _limits(reading.providers), strict=True)),
        *_states(reading, worth, prices),
        *_groups(reading, worth, prices),
    ]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _limits(things: Things) -> Iterator[tuple[int, int]]:
    return zip(things.least, things.most, strict=True)


def _linear(gain: int, least: int, most: int) -> int | None:
    """The best of ``gain`` times a number from ``least`` to ``most``."""
    return None if least > most else gain * (most if gain > 0 else least)


def _needs(reading: Reading, worth: Worth, prices: Prices) -> Iterator[int | None]:
    pairs, price = reading.pairs, prices.offer
    for need, (least, units) in enumerate(_limits(reading.needs)):
        row = slice(pairs.start[need], pairs.start[need + 1])
        state = reading.state[need]
        always = worth.units + (prices.state[state] if state != NOBODY else 0)
        offers = pairs.offer[row]
        surplus = [
            worth.points * points + always - price[offer]
            for points, offer in zip(pairs.points[row], offers, strict=True)
        ]
        if least or need in pairs.held:
            pinned = [pairs.pinned.get((need, offer), 0) for offer in offers]
            yield held_reply(surplus, pinned, pairs.most[row], least, units)
        else:
            yield free_reply(surplus, pairs.most[row], units)


def free_reply(surplus: Sequence[int], most: Sequence[int], units: int) -> int:
    """The best that a need can do that must take nothing: the pairs of greatest surplus first."""
    if units == 1:
        return max(0, max(surplus, default=0))
    total = 0
    for gain, cap in sorted(((s, m) for s, m in zip(surplus, most, strict=True) if s > 0), reverse=True):
        taken = min(cap, units)
        total, units = total + gain * taken, units - taken
        if not units:
            break
    return total


def held_reply(
    surplus: Sequence[int], pinned: Sequence[int], most: Sequence[int], least: int, units: int
) -> int | None:
    """The best that a need can do that must take its pinned units and ``least`` in all; None if it cannot."""
    if any(pin > cap for pin, cap in zip(pinned, most, strict=True)):
        return None
    total = sum(gain * pin for gain, pin in zip(surplus, pinned, strict=True))
    owed, units = least - sum(pinned), units - sum(pinned)
    if units < 0:
        return None
    room = [cap - pin for cap, pin in zip(most, pinned, strict=True)]
    for gain, cap in sorted(zip(surplus, room, strict=True), reverse=True):
        taken = min(cap, units if gain > 0 else max(0, min(owed, units)))
        total, units, owed = total + gain * taken, units - taken, owed - taken
    return None if owed > 0 else total


def _offers(reading: Reading, prices: Prices) -> Iterator[int | None]:
    for offer, (least, units) in enumerate(_limits(reading.offers)):
        provider = reading.provider[offer]
        yield _linear(prices.offer[offer] - (prices.provider[provider] if provider != NOBODY else 0), least, units)


def _states(reading: Reading, worth: Worth, prices: Prices) -> Iterator[int | None]:
    for state, (least, most) in enumerate(_limits(reading.states)):
        group = reading.group[state]
        always = (prices.group[group] if group != NOBODY else 0) - prices.state[state]
        if worth.steps:
            yield _best_step(reading.steps, state, worth.steps, always, least, min(most, reading.asked[state]))
        else:
            slopes = runs(reading.state_slopes, reading.received[state], 1, most)
            yield _best_number(((units, worth.points * slope) for units, slope in slopes), always, least, most)


def _best_step(steps: Steps, state: int, weight: int, always: int, least: int, most: int) -> int | None:
    """The best that a number of steps from ``least`` to ``most`` earns: what they weigh, and ``always`` for each.

    Steps weigh ever less, so those are taken that earn something, found by halving.
    """
    if least > most:
        return None
    number, beyond = least, most + 1
    while beyond - number > 1:
        middle = (number + beyond) // 2
        if weight * steps.weight(state, middle) + always > 0:
            number = middle
        else:
            beyond = middle
    return weight * steps.together(state, number) + always * number


def _groups(reading: Reading, worth: Worth, prices: Prices) -> Iterator[int | None]:
    for group, (least, most) in enumerate(_limits(reading.groups)):
        slopes = runs(reading.group_slopes, 0, max(1, reading.n_asking[group]), most)
        steps = ((units, worth.points * slope) for units, slope in slopes)
        yield _best_number(steps, -prices.group[group], least, most)


def _best_number(steps: Iterable[Run], always: int, least: int, most: int) -> int | None:
    """The best that a number of units from ``least`` to ``most`` earns: by the steps, and ``always`` for each unit.

    Within a run nothing is best that is not best at one of its ends.
    """
    if least > most:
        return None
    number = earned = 0
    best = None if least else 0
    for units, gain in _split(steps, least):
        length = min(units, most - number)
        number, earned = number + length, earned + length * (gain + always)
        if number >= least and (best is None or earned > best):
            best = earned
    return best


def _split(steps: Iterable[Run], at: int) -> Iterator[Run]:
    """The same steps, with an end of a run after ``at`` units."""
    for units, gain in steps:
        head = min(units, at)
        at -= head
        yield head, gain
        yield units - head, gain


def runs(slopes: Sequence[int], before: int, width: int, units: int) -> Iterator[Run]:
    """What so many units earn after ``before`` others: lengths and slopes, in order.

    Each slope lasts for ``width`` units, the last one for ever; no slopes earn nothing.
    """
    for number, slope in enumerate(slopes or (0,)):
        first = max(before, width * number)
        last = before + units if number >= len(slopes) - 1 else min(before + units, width * (number + 1))
        if last > first:
            yield last - first, slope
