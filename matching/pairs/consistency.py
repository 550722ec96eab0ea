"""What the parts of a pair form must say of each other: ids that exist, once; quotas and decisions that agree.

Pointers are into the document as it was given. Quotas that only all of the pairs together make impossible are no
fault of the document: such a problem is infeasible, and the answer says why.
"""

from collections import Counter
from collections.abc import Collection, Iterator

import numpy as np

from matching.documents import nearest, pointer
from matching.errors import Fault
from matching.pairs.columns import Pairs
from matching.pairs.records import PairsRecord

LISTS = ("needs", "offers", "states", "regional_groups", "providers", "groups")


def contradictions(record: PairsRecord) -> Iterator[Fault]:
    """Every contradiction of a well-formed document that can be seen without its pairs."""
    for name in LISTS:
        yield from _repeated_ids(name, [item.id for item in getattr(record, name)])
    yield from _quotas(record)
    yield from _groups(record)
    yield from _substitutes(record)
    yield from _decisions(record)


def contradicted_pins(record: PairsRecord, pairs: Pairs) -> Iterator[Fault]:
    """Pins of what is no pair, or of more units than the pair may have.

    ``pairs``, in any order, hold positions in the record's own lists of needs and offers.
    """
    if not record.pinned:
        return
    width = len(record.offers)
    keys = pairs.need * width + pairs.offer
    order = np.argsort(keys)
    keys = keys[order]
    need_of = {need.id: position for position, need in enumerate(record.needs)}
    offer_of = {offer.id: position for position, offer in enumerate(record.offers)}
    for number, pin in enumerate(record.pinned):
        wanted = need_of[pin.need] * width + offer_of[pin.offer]
        at = int(np.searchsorted(keys, wanted))
        if at == len(keys) or keys[at] != wanted:
            detail = f"{pin.need!r} with {pin.offer!r} is pinned and not among the pairs; add the pair or drop the pin"
            yield Fault(pointer(("pinned", number)), "not_a_pair", detail)
        elif pin.units > (most := int(pairs.most[order[at]])):
            detail = f"pins {pin.units} units of a pair that may have {most}; pin no more than that"
            yield Fault(pointer(("pinned", number, "units")), "pin_over_pair", detail)


def _repeated_ids(name: str, ids: list[str]) -> Iterator[Fault]:
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    for position, found in enumerate(ids):
        if found in seen:
            yield Fault(pointer((name, position, "id")), "duplicate", f"{found!r} is there twice; give each id once")
        seen.add(found)


def _quotas(record: PairsRecord) -> Iterator[Fault]:
    """Leasts above what the same record has or allows."""
    for name in ("needs", "offers"):
        for position, item in enumerate(getattr(record, name)):
            if item.least > item.units:
                detail = f"is {item.least}, more than the {item.units} units; lower it or raise the units"
                yield Fault(pointer((name, position, "least")), "least_over_units", detail)
    for name in ("states", "regional_groups", "providers"):
        for position, item in enumerate(getattr(record, name)):
            if item.most is not None and item.least > item.most:
                detail = f"is {item.least}, more than the most of {item.most}; lower it or raise the most"
                yield Fault(pointer((name, position, "least")), "least_over_most", detail)
    regional = {state.group for state in record.states if state.group is not None}
    for position, group in enumerate(record.regional_groups):
        if group.id not in regional:
            detail = f"no State is in regional group {group.id!r}; {nearest(group.id, regional)}"
            yield Fault(pointer(("regional_groups", position, "id")), "unknown_regional_group", detail)


def _groups(record: PairsRecord) -> Iterator[Fault]:
    known = {need.id for need in record.needs}
    group_of: dict[str, str] = {}
    for position, group in enumerate(record.groups):
        for number, need in enumerate(group.needs):
            at = pointer(("groups", position, "needs", number))
            yield from _unknown("need", need, known, at)
            if need in group_of:
                other = "twice in it" if group_of[need] == group.id else f"in group {group_of[need]!r} already"
                yield Fault(at, "two_groups", f"{need!r} is {other}; a need is in one group, once")
            group_of.setdefault(need, group.id)
        if group.least is not None and group.least > len(group.needs):
            detail = f"is {group.least} and the group has {len(group.needs)} needs; ask for no more than that"
            yield Fault(pointer(("groups", position, "least")), "least_over_members", detail)


def _substitutes(record: PairsRecord) -> Iterator[Fault]:
    known = {need.id for need in record.needs}
    for position, (national, joint) in enumerate(record.substitutes):
        for number, need in enumerate((national, joint)):
            yield from _unknown("need", need, known, pointer(("substitutes", position, number)))
        if national == joint:
            detail = f"{national!r} stands in for itself; name a national and a joint need"
            yield Fault(pointer(("substitutes", position)), "self_substitute", detail)


def _decisions(record: PairsRecord) -> Iterator[Fault]:
    """Pins and forbidden pairs: of what exists, once, within the units of need and offer."""
    needs = {need.id: need.units for need in record.needs}
    offers = {offer.id: offer.units for offer in record.offers}
    forbidden = {(pair.need, pair.offer) for pair in record.forbidden}
    for name in ("pinned", "forbidden"):
        for position, pair in enumerate(getattr(record, name)):
            yield from _unknown("need", pair.need, needs, pointer((name, position, "need")))
            yield from _unknown("offer", pair.offer, offers, pointer((name, position, "offer")))
    seen: set[tuple[str, str]] = set()
    of_need, of_offer = Counter[str](), Counter[str]()
    for position, pin in enumerate(record.pinned):
        at, pair = pointer(("pinned", position)), (pin.need, pin.offer)
        if pair in forbidden:
            yield Fault(
                at, "pinned_and_forbidden", f"{pair[0]!r} with {pair[1]!r} is forbidden too; drop one of the two"
            )
        if pair in seen:
            yield Fault(
                at, "duplicate", f"{pair[0]!r} with {pair[1]!r} is pinned twice; pin it once, with all its units"
            )
        seen.add(pair)
        of_need[pin.need] += pin.units
        of_offer[pin.offer] += pin.units
        yield from _over("need", pin.need, of_need, needs, at + "/units")
        yield from _over("offer", pin.offer, of_offer, offers, at + "/units")


def _over(kind: str, name: str, pinned: Counter[str], units: dict[str, int], at: str) -> Iterator[Fault]:
    if name in units and pinned[name] > units[name]:
        detail = f"brings the units pinned to {kind} {name!r} to {pinned[name]}, and it has {units[name]}; pin fewer"
        yield Fault(at, f"pin_over_{kind}", detail)


def _unknown(kind: str, name: str, valid: Collection[str], at: str) -> Iterator[Fault]:
    if name not in valid:
        yield Fault(at, f"unknown_{kind}", f"no {kind} {name!r}; {nearest(name, valid)}")
