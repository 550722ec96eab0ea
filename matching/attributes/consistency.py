"""What the parts of a problem document must say of each other: ids that exist, once; dates and counts that agree."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.attributes.columns import Needs
from matching.attributes.records import UNSPECIFIC, Offer, ProblemDocument
from matching.attributes.strategy import Strategy
from matching.documents import MOST_UNITS, nearest, pointer
from matching.errors import Fault

Path = tuple[int | str, ...]


def contradictions(
    record: ProblemDocument, needs: Needs, strategy: Strategy, document: Mapping[str, Any]
) -> Iterator[Fault]:
    """Every contradiction of a well-formed document, its needs apart from the rest; pointers are into it as given.

    Offers and exclusions may name States, groups, regions and parties that take no part in the problem: a provider
    covers more than those who ask today.
    """
    yield from _repeated_ids(record, needs)
    known = _Known(record, needs)
    if record.delivery.first > record.delivery.last:
        yield Fault("/delivery/until", "ends_before_it_begins", "the delivery quarter ends before it begins")
    for position, domain in enumerate(record.domains):
        if domain.parent is not None:
            yield from known.domain(domain.parent, ("domains", position, "parent"))
    yield from _relatedness(record, known)
    for position in np.flatnonzero(_doubtful(needs, known)).tolist():
        yield from _need(needs, position, known)
    for position, offer in enumerate(record.offers):
        yield from _offer(offer, ("offers", position), known, document)
    for position, exclusion in enumerate(record.exclusions):
        if exclusion.by == exclusion.other:
            at = pointer(("exclusions", position, "other"))
            yield Fault(at, "self_exclusion", f"{exclusion.by} excludes itself")
    yield from _pairs(record, known)
    yield from _pins(record, needs, known)
    yield from _substitutes(record, needs, known)
    yield from _providers(record)
    yield from _strategy_domains(strategy, known)
    yield from _quotas(strategy, record, needs, known)


def of_need(record: ProblemDocument, needs: Needs) -> Iterator[Fault]:
    """What is contradictory about one need, the only one of ``needs``, beside a document; pointers are into it."""
    for fault in _need(needs, 0, _Known(record, needs)):
        yield fault._replace(pointer=fault.pointer.removeprefix("/needs/0"))


def of_offer(record: ProblemDocument, offer: Offer, given: Mapping[str, Any]) -> Iterator[Fault]:
    """What is contradictory about one offer beside a document; pointers are into the offer as ``given``."""
    known = _Known(record, Needs.none())
    for fault in _offer(offer, ("offers", 0), known, {"offers": [given]}):
        yield fault._replace(pointer=fault.pointer.removeprefix("/offers/0"))


class _Known:
    """The ids that exist, and the fault for one that does not."""

    def __init__(self, record: ProblemDocument, needs: Needs) -> None:
        self.states = {state.id for state in record.states}
        self.domains = {domain.id for domain in record.domains} | {UNSPECIFIC}
        self._record, self._needs = record, needs

    @cached_property
    def offers(self) -> set[str]:
        return {offer.id for offer in self._record.offers}

    @cached_property
    def needs(self) -> dict[str, int]:
        """The last position of each need: what few documents refer to, and a million make a large table."""
        return {reference: position for position, reference in enumerate(self._needs.ids)}

    def state(self, code: str, path: Path) -> Iterator[Fault]:
        return self._look_up("State", code, self.states, path)

    def domain(self, code: str, path: Path) -> Iterator[Fault]:
        return self._look_up("domain", code, self.domains, path)

    def need(self, reference: str, path: Path) -> Iterator[Fault]:
        return self._look_up("need", reference, self.needs, path)

    def offer(self, reference: str, path: Path) -> Iterator[Fault]:
        return self._look_up("offer", reference, self.offers, path)

    @staticmethod
    def _look_up(kind: str, name: str, valid: Iterable[str], path: Path) -> Iterator[Fault]:
        if name not in valid:
            yield Fault(pointer(path), f"unknown_{kind.lower()}", f"no {kind} {name!r}; {nearest(name, valid)}")


def _repeated_ids(record: ProblemDocument, needs: Needs) -> Iterator[Fault]:
    ids = {name: [item.id for item in getattr(record, name)] for name in ("states", "domains", "offers")}
    for name, listed in (
        ("states", ids["states"]),
        ("domains", ids["domains"]),
        ("needs", needs.ids),
        ("offers", ids["offers"]),
    ):
        if len(set(listed)) < len(listed):
            seen: set[str] = set()
            for position, reference in enumerate(listed):
                if reference in seen:
                    yield Fault(pointer((name, position, "id")), "duplicate", f"{reference!r} is there twice")
                seen.add(reference)


def _relatedness(record: ProblemDocument, known: _Known) -> Iterator[Fault]:
    seen: set[frozenset[str]] = set()
    for position, pair in enumerate(record.relatedness):
        at: Path = ("relatedness", position)
        yield from known.domain(pair.a, (*at, "a"))
        yield from known.domain(pair.b, (*at, "b"))
        if pair.a == pair.b:
            yield Fault(pointer(at), "self_related", f"{pair.a} is related to itself")
        if frozenset((pair.a, pair.b)) in seen:
            yield Fault(pointer(at), "duplicate", f"{pair.a} and {pair.b} are related twice")
        seen.add(frozenset((pair.a, pair.b)))


def _doubtful(needs: Needs, known: _Known) -> NDArray[np.bool_]:
    """Needs that may contradict something: found for all at once, so that only these are looked at one by one."""
    states, first, last = needs.column("states"), needs.column("wanted_from"), needs.column("wanted_by")
    national = needs.column("delivery").which(lambda delivery: delivery is None)
    return (
        needs.column("domain").which(lambda code: code not in known.domains)
        | states.which(lambda codes: not known.states.issuperset(codes))
        | (national & needs.column("named").which(bool) & states.which(lambda codes: len(codes) != 1))
        | (national & needs.column("least").which(lambda least: least is not None))
        | (
            first.numbers(lambda day: day.toordinal() if day else -1)
            > last.numbers(lambda day: day.toordinal() if day else MOST_DAYS)
        )
    )


MOST_DAYS = 10**7
"""More days than a date can count."""


def _need(needs: Needs, position: int, known: _Known) -> Iterator[Fault]:
    need, at = needs[position], ("needs", position)
    yield from known.domain(need.domain, (*at, "domain"))
    given = needs.given(position, "states")
    for state in need.states:
        yield from known.state(state, (*at, "states", list(given).index(state)))
    if need.delivery is None:
        if need.named and len(need.states) != 1:
            detail = f"a national need has one beneficiary, this one {len(need.states)}"
            yield Fault(pointer((*at, "states")), "not_one_beneficiary", detail)
        if need.least is not None:
            yield Fault(pointer((*at, "least")), "least_without_delivery", "only a group need has a least number")
    if need.wanted_from and need.wanted_by and need.wanted_from > need.wanted_by:
        yield Fault(pointer((*at, "wanted_by")), "ends_before_it_begins", "wanted_by lies before wanted_from")


def _offer(offer: Offer, at: Path, known: _Known, document: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("domains", "preferred_domains"):
        for code in getattr(offer, name):
            yield from known.domain(code, _place(document, (*at, name), code))
    if offer.valid_from and offer.valid_until and offer.valid_from > offer.valid_until:
        yield Fault(pointer((*at, "valid_until")), "ends_before_it_begins", "valid_until lies before valid_from")


def _place(document: Mapping[str, Any], path: Path, name: str) -> Path:
    """Where in the document as given a set names something."""
    names: Any = document
    for step in path:
        names = names[step]
    return (*path, list(names).index(name))


def _pairs(record: ProblemDocument, known: _Known) -> Iterator[Fault]:
    for name in ("declined", "earlier", "pinned", "forbidden"):
        for position, pair in enumerate(getattr(record, name)):
            yield from known.need(pair.need, (name, position, "need"))
            yield from known.offer(pair.offer, (name, position, "offer"))


def _pins(record: ProblemDocument, needs: Needs, known: _Known) -> Iterator[Fault]:
    forbidden = {(pair.need, pair.offer) for pair in record.forbidden}
    seen: set[tuple[str, str | None, str]] = set()
    for position, pin in enumerate(record.pinned):
        at: Path = ("pinned", position)
        if (pin.need, pin.offer) in forbidden:
            detail = f"{pin.need} with {pin.offer} is pinned and forbidden at once"
            yield Fault(pointer(at), "pinned_and_forbidden", detail)
        if (pin.need, pin.member, pin.offer) in seen:
            yield Fault(pointer(at), "duplicate", f"{pin.need} with {pin.offer} is pinned twice")
        seen.add((pin.need, pin.member, pin.offer))
        if pin.need not in known.needs:
            continue
        need = needs[known.needs[pin.need]]
        if need.delivery == "per_member" and pin.member not in need.states:
            member = repr(pin.member) if pin.member else "no member"
            members = nearest(pin.member or "", need.states)
            detail = f"{need.id} is delivered per member and the pin names {member}; {members}"
            yield Fault(pointer((*at, "member")), "not_a_member", detail)
        if need.delivery != "per_member" and pin.member is not None:
            yield Fault(pointer((*at, "member")), "not_per_member", f"{need.id} is not delivered per member")


def _substitutes(record: ProblemDocument, needs: Needs, known: _Known) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for position, pair in enumerate(record.substitutes):
        at: Path = ("substitutes", position)
        unknown = [*known.need(pair[0], (*at, 0)), *known.need(pair[1], (*at, 1))]
        yield from unknown
        if pair in seen:
            yield Fault(pointer(at), "duplicate", f"{pair[0]} and {pair[1]} are there twice")
        seen.add(pair)
        if unknown:
            continue
        national, joint = (needs[known.needs[reference]] for reference in pair)
        if national.delivery is not None:
            yield Fault(pointer((*at, 0)), "not_national", f"{national.id} is not a national need")
        if joint.delivery != "joint":
            yield Fault(pointer((*at, 1)), "not_joint", f"{joint.id} is not delivered jointly")
        elif not set(national.states) <= set(joint.states):
            detail = f"the State of {national.id} is no beneficiary of {joint.id}"
            yield Fault(pointer((*at, 1)), "not_covering", detail)


def _providers(record: ProblemDocument) -> Iterator[Fault]:
    parties, seen = {offer.provider for offer in record.offers}, set()
    for position, provider in enumerate(record.providers):
        at = pointer(("providers", position, "id"))
        if provider.id not in parties:
            yield Fault(at, "unknown_provider", f"no provider {provider.id!r}; {nearest(provider.id, parties)}")
        if provider.id in seen:
            yield Fault(at, "duplicate", f"{provider.id!r} is there twice")
        seen.add(provider.id)


def _strategy_domains(strategy: Strategy, known: _Known) -> Iterator[Fault]:
    for code in strategy.affinity.domain.weights:
        yield from known.domain(code, ("strategy", "affinity", "domain", "weights", code))
    for position, pair in enumerate(strategy.relatedness.pairs):
        for side in ("a", "b"):
            yield from known.domain(getattr(pair, side), ("strategy", "relatedness", "pairs", position, side))


def _quotas(strategy: Strategy, record: ProblemDocument, needs: Needs, known: _Known) -> Iterator[Fault]:
    """Quotas of what there is not, and leasts that one need, offer or provider could never reach."""
    left = {
        "offer": {offer.id: offer.units for offer in record.offers},
        "provider": dict.fromkeys((offer.provider for offer in record.offers), MOST_UNITS)
        | {provider.id: provider.units for provider in record.providers},
        "state": dict.fromkeys(known.states, MOST_UNITS),
        "regional_group": dict.fromkeys((state.regional_group for state in record.states), MOST_UNITS),
    }
    for position, quota in enumerate(strategy.quotas):
        at: Path = ("strategy", "quotas", position)
        valid = known.needs if quota.kind == "need" else left[quota.kind]
        if quota.id not in valid:
            detail = f"no {quota.kind} {quota.id!r}; {nearest(quota.id, valid)}"
            yield Fault(pointer((*at, "id")), f"unknown_{quota.kind}", detail)
            continue
        units = valid[quota.id]
        if quota.kind == "need":
            need = needs[units]
            units = need.units
            if need.delivery == "per_member":
                yield Fault(pointer((*at, "id")), "per_member", f"{need.id} is served in full or not, member by member")
        if quota.least is not None and quota.least > units:
            detail = f"the {quota.kind} {quota.id} has {units} units, not {quota.least}"
            yield Fault(pointer((*at, "least")), "least_over_units", detail)
