"""Why nothing is feasible: the witness that an answer names, recomputed from the problem.

Units flow from regional groups to States, needs, offers and providers. A set of these whose inflows must be more than
its outflows can be, or the reverse, keeps every allocation from existing: what flows in flows out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from matching.certificate.proposal import Defect, is_a
from matching.certificate.reading import NOBODY, Reading

LISTS = ("groups", "states", "needs", "offers", "providers")

Node = tuple[str, int]
OUTSIDE: Node = ("", NOBODY)


class Arc(NamedTuple):
    """From one node to the next, at least and at most so many units."""

    tail: Node
    head: Node
    least: int
    most: int


def refuted(reading: Reading, reason: Mapping[str, Any]) -> tuple[bool, list[Defect]]:
    """Whether the reason proves that no allocation exists, and what is wrong with it.

    A reason that rests on conditions may prove nothing and have nothing wrong with it: then it is the solver's claim.
    """
    code, params = reason.get("code"), reason.get("params")
    if not is_a(params, dict):
        return False, [Defect("WRONG_REASON", "a reason has a code and params", "/reason")]
    if code in ("NEEDS_OVER_SUPPLY", "OFFERS_OVER_DEMAND"):
        defects = list(_wrong_witness(reading, code, params))
        return not defects, defects
    if code == "SUBSTITUTES_BOTH_HELD":
        defects = list(_not_held(reading, params.get("needs")))
        return not defects, defects
    if code == "CONDITIONS_CONFLICT" and reading.has_conditions:
        return False, []
    return False, [Defect("WRONG_REASON", f"{code} does not explain why this problem is infeasible", "/reason/code")]


def _wrong_witness(reading: Reading, code: str, params: Mapping[str, Any]) -> Iterator[Defect]:
    where = "/reason/params"
    things = (reading.groups, reading.states, reading.needs, reading.offers, reading.providers)
    inside: set[Node] = set()
    for name, kind in zip(LISTS, things, strict=True):
        names = params.get(name, [])
        if not is_a(names, list) or not all(is_a(item, str) and item in kind.at for item in names):
            yield Defect("WRONG_WITNESS", f"{name} lists some that the problem does not have", f"{where}/{name}")
            return
        inside |= {(name, kind.at[item]) for item in names}
    required, possible, short = (params.get(name) for name in ("required", "possible", "short"))
    if not (is_a(required, int) and is_a(possible, int) and is_a(short, int)):
        yield Defect("WRONG_WITNESS", "required, possible and short are whole numbers", where)
        return
    entering, leaving = _crossing(reading, inside)
    must, may = (entering, leaving) if code == "NEEDS_OVER_SUPPLY" else (leaving, entering)
    least, most = sum(arc.least for arc in must), sum(arc.most for arc in may)
    if short < 1 or required - possible != short:
        yield Defect("WRONG_WITNESS", "the units short are those required less those possible", f"{where}/short")
    if required != least:
        yield Defect("WRONG_WITNESS", f"{least} units are required", f"{where}/required")
    # More may be said to be possible: the answer adds up limits as the problem states them, while the reading has
    # lowered those that never bind to what can ever be used.
    if possible < most:
        yield Defect("WRONG_WITNESS", f"{most} units are possible", f"{where}/possible")


def _crossing(reading: Reading, inside: set[Node]) -> tuple[Sequence[Arc], Sequence[Arc]]:
    crossing = [arc for arc in _arcs(reading) if (arc.tail in inside) != (arc.head in inside)]
    return [arc for arc in crossing if arc.head in inside], [arc for arc in crossing if arc.tail in inside]


def _arcs(reading: Reading) -> Iterator[Arc]:
    for group, limits in enumerate(zip(reading.groups.least, reading.groups.most, strict=True)):
        yield Arc(OUTSIDE, ("groups", group), *limits)
    for state, limits in enumerate(zip(reading.states.least, reading.states.most, strict=True)):
        yield Arc(_node("groups", reading.group[state]), ("states", state), *limits)
    pairs = reading.pairs
    for need, limits in enumerate(zip(reading.needs.least, reading.needs.most, strict=True)):
        yield Arc(_node("states", reading.state[need]), ("needs", need), *limits)
        for at in range(pairs.start[need], pairs.start[need + 1]):
            pinned = pairs.pinned.get((need, pairs.offer[at]), 0)
            yield Arc(("needs", need), ("offers", pairs.offer[at]), pinned, pairs.most[at])
    for offer, limits in enumerate(zip(reading.offers.least, reading.offers.most, strict=True)):
        yield Arc(("offers", offer), _node("providers", reading.provider[offer]), *limits)
    for provider, limits in enumerate(zip(reading.providers.least, reading.providers.most, strict=True)):
        yield Arc(("providers", provider), OUTSIDE, *limits)


def _node(kind: str, position: int) -> Node:
    return OUTSIDE if position == NOBODY else (kind, position)


def _not_held(reading: Reading, needs: Any) -> Iterator[Defect]:
    where = "/reason/params/needs"
    if not is_a(needs, list) or not all(is_a(name, str) and name in reading.needs.at for name in needs):
        yield Defect("WRONG_WITNESS", "the needs are not those of the problem", where)
        return
    positions = tuple(reading.needs.at[name] for name in needs)
    if positions not in reading.substitutes:
        yield Defect("WRONG_WITNESS", "these needs do not stand for each other", where)
    for need in positions:
        if not reading.needs.least[need] and need not in reading.pairs.held:
            yield Defect("WRONG_WITNESS", f"nothing says that {reading.needs.ids[need]} must be served", where)
