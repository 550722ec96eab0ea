"""Whether a proposal keeps every limit and condition of its problem."""

from collections.abc import Iterator

from matching.certificate.proposal import Defect, Proposal

PAIRS = "/pairs"


def broken_limits(proposal: Proposal) -> Iterator[Defect]:
    """Every limit and condition that a proposal breaks."""
    yield from _pairs(proposal)
    yield from _pins(proposal)
    yield from _things(proposal)
    yield from _groups(proposal)
    yield from _substitutes(proposal)


def _pairs(proposal: Proposal) -> Iterator[Defect]:
    reading = proposal.reading
    for number, pair in enumerate(proposal.chosen):
        names = f"{reading.needs.ids[pair.need]} with {reading.offers.ids[pair.offer]}"
        if pair.pair is None:
            yield Defect(
                "NO_SUCH_PAIR", f"{names} is no pair of the problem, or one that may not be used", f"/pairs/{number}"
            )
        elif pair.units > (cap := reading.pairs.most[pair.pair]):
            yield Defect("OVER_CAP", f"{names} may have {cap} units and has {pair.units}", f"/pairs/{number}/units")


def _pins(proposal: Proposal) -> Iterator[Defect]:
    reading = proposal.reading
    units = {(pair.need, pair.offer): pair.units for pair in proposal.chosen}
    for (need, offer), pinned in reading.pairs.pinned.items():
        if units.get((need, offer), 0) < pinned:
            names = f"{reading.needs.ids[need]} with {reading.offers.ids[offer]}"
            yield Defect("PIN_NOT_KEPT", f"{names} is pinned with {pinned} units", PAIRS)


def _things(proposal: Proposal) -> Iterator[Defect]:
    reading = proposal.reading
    kinds = (
        ("NEED", "need", reading.needs, proposal.of_need),
        ("OFFER", "offer", reading.offers, proposal.of_offer),
        ("PROVIDER", "provider", reading.providers, proposal.of_provider),
        ("STATE", "State", reading.states, proposal.of_state),
        ("REGIONAL_GROUP", "regional group", reading.groups, proposal.of_group),
    )
    for code, kind, things, units in kinds:
        for name, least, most, number in zip(things.ids, things.least, things.most, units, strict=True):
            if number > most:
                yield Defect(f"{code}_OVER_MOST", f"{kind} {name} may have {most} units and has {number}", PAIRS)
            if number < least:
                yield Defect(f"{code}_BELOW_LEAST", f"{kind} {name} is to have {least} units and has {number}", PAIRS)


def _groups(proposal: Proposal) -> Iterator[Defect]:
    needs = proposal.reading.needs
    for group in proposal.reading.bundles:
        served = [need for need in group.needs if proposal.of_need[need]]
        for need in served:
            if (units := proposal.of_need[need]) < needs.most[need]:
                detail = f"{needs.ids[need]} of group {group.name} gets {units} of {needs.most[need]} units"
                yield Defect("SPLIT_NEED", detail, PAIRS)
        if 0 < len(served) < group.least:
            detail = f"group {group.name} has {len(served)} needs served of at least {group.least}"
            yield Defect("GROUP_BELOW_LEAST", detail, PAIRS)


def _substitutes(proposal: Proposal) -> Iterator[Defect]:
    ids = proposal.reading.needs.ids
    for national, joint in proposal.reading.substitutes:
        if proposal.of_need[national] and proposal.of_need[joint]:
            detail = f"{ids[national]} and {ids[joint]} stand for each other, and both are served"
            yield Defect("BOTH_SUBSTITUTES", detail, PAIRS)
